// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/json_place.h"

#include "core/base/text.h"

namespace tw {

void JsonPlace::fail(const std::string& what) const
{
    throw Error(m_file + ": " + (m_path.empty() ? "the document" : m_path) + " " + what + ".",
                "Check that the file is complete and of a tokenizer; download it again.");
}

void JsonPlace::failType() const
{
    const std::string name = type();
    if (name.empty())
        fail("has no \"type\"");
    throw Error(m_file + ": " + m_path + " is a " + name.substr(0, 60)
                    + ", which is not supported.",
                "Only the parts that Hugging Face's tokenizers 0.22 knows can be used here.");
}

JsonPlace JsonPlace::at(const char* key) const
{
    static const Json kNull;
    if (!m_json.is_object())
        fail("is no object");
    const auto it = m_json.find(key);
    return {it == m_json.end() ? kNull : *it, m_file,
            (m_path.empty() ? "" : m_path + ".") + std::string(key)};
}

std::string JsonPlace::text() const
{
    if (!m_json.is_string())
        fail("is no text");
    return m_json.get<std::string>();
}

char32_t JsonPlace::character() const
{
    const std::u32string points = toCodePoints(text());
    if (points.size() != 1)
        fail("is not one character");
    return points.front();
}

bool JsonPlace::flagOr(bool other) const
{
    if (isNull())
        return other;
    if (!m_json.is_boolean())
        fail("is neither true nor false");
    return m_json.get<bool>();
}

std::size_t JsonPlace::countOr(std::size_t other) const
{
    if (isNull())
        return other;
    if (!m_json.is_number_unsigned())
        fail("is no whole number");
    return m_json.get<std::size_t>();
}

double JsonPlace::number() const
{
    if (!m_json.is_number())
        fail("is no number");
    return m_json.get<double>();
}

std::uint32_t JsonPlace::id() const
{
    if (!m_json.is_number_unsigned() || m_json.get<std::uint64_t>() >= Vocabulary::kMaxTokens)
        fail("is no id of a token");
    return m_json.get<std::uint32_t>();
}

void JsonPlace::forEach(const std::function<void(const JsonPlace&)>& visit) const
{
    if (!m_json.is_array())
        fail("is no list");
    for (std::size_t i = 0; i < m_json.size(); ++i)
        visit({m_json[i], m_file, m_path + "[" + std::to_string(i) + "]"});
}

} // namespace tw
