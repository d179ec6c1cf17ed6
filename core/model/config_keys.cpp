// SPDX-License-Identifier: Apache-2.0
#include "core/model/config_keys.h"

#include "core/model/config.h"

#include <charconv>
#include <cmath>
#include <utility>

namespace tw {
namespace {

constexpr const char* kDamaged =
    "The file is damaged or was not made by llama.cpp's converter; fetch it again.";

constexpr std::int64_t kMostLabels = 1 << 20;

[[noreturn]] void refuse(const std::string& key, const char* what)
{
    throw Error("the key \"" + key + "\" has to be " + what + ".", kFetchAgain);
}

} // namespace

JsonKeys::JsonKeys(Json config)
    : m_config(std::move(config))
{
}

bool JsonKeys::says(const char* key) const
{
    return m_config.contains(key);
}

const Json* JsonKeys::find(const char* key) const
{
    const auto it = m_config.find(key);
    return it == m_config.end() || it->is_null() ? nullptr : &*it;
}

std::int64_t JsonKeys::integer(const char* key, std::optional<std::int64_t> otherwise) const
{
    const Json* value = find(key);
    if (value == nullptr && otherwise)
        return *otherwise;
    if (value == nullptr || !value->is_number_integer())
        refuse(key, "a whole number");
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t(1) << 62)
        throw Error("the key \"" + std::string(key) + "\" is too large.", kFetchAgain);
    return value->get<std::int64_t>();
}

double JsonKeys::real(const char* key, double otherwise) const
{
    const Json* value = find(key);
    if (value == nullptr)
        return otherwise;
    if (!value->is_number())
        refuse(key, "a number");
    return value->get<double>();
}

bool JsonKeys::flag(const char* key, bool otherwise) const
{
    const Json* value = find(key);
    if (value == nullptr)
        return otherwise;
    if (!value->is_boolean())
        refuse(key, "true or false");
    return value->get<bool>();
}

std::string JsonKeys::text(const char* key, const std::string& otherwise) const
{
    const Json* value = find(key);
    if (value == nullptr)
        return otherwise;
    if (!value->is_string())
        refuse(key, "a text");
    return value->get<std::string>();
}

std::optional<JsonKeys> JsonKeys::object(const char* key) const
{
    const Json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_object())
        refuse(key, "an object");
    return JsonKeys(*value);
}

void readTask(const JsonKeys& keys, ModelConfig& to)
{
    const Json* classes = keys.find("architectures");
    if (classes == nullptr || !classes->is_array() || classes->empty()
        || !classes->front().is_string())
        refuse("architectures", "a list with the name of a class");
    to.architecture = classes->front().get<std::string>();
    to.task = taskFrom(to.architecture);
    to.paddingId = keys.integer("pad_token_id", to.paddingId);
    const auto names = keys.object("id2label");
    const std::int64_t count = names ? names->size() : keys.integer("num_labels", 2);
    if (count < 0 || count > kMostLabels)
        throw Error("it says that there are " + std::to_string(count) + " labels.", kFetchAgain);
    for (std::int64_t i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        to.labels.push_back(names ? names->text(number.c_str(), "LABEL_" + number)
                                  : "LABEL_" + number);
    }
}

GgufKeys::GgufKeys(const TensorFile& gguf)
    : m_metadata(gguf.metadata())
    , m_architecture(m_metadata.at("general.architecture"))
{
}

bool GgufKeys::has(const std::string& key) const
{
    return m_metadata.contains(m_architecture + "." + key);
}

double GgufKeys::real(const std::string& key, std::optional<double> otherwise) const
{
    const std::string whole = m_architecture + "." + key;
    const auto it = m_metadata.find(whole);
    if (it == m_metadata.end() && otherwise)
        return *otherwise;
    const std::string value = it == m_metadata.end() ? std::string() : it->second;
    double number = 0.0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || code != std::errc() || end != value.data() + value.size()
        || !std::isfinite(number))
        throw Error("the key \"" + whole + "\" has to be a number.", kDamaged);
    return number;
}

std::int64_t GgufKeys::integer(const std::string& key, std::optional<std::int64_t> otherwise) const
{
    if (otherwise && !has(key))
        return *otherwise;
    const double number = real(key);
    if (number != std::floor(number) || std::abs(number) > 9e15)
        throw Error("the key \"" + m_architecture + "." + key + "\" has to be a whole number.",
                    kDamaged);
    return static_cast<std::int64_t>(number);
}

std::string GgufKeys::text(const std::string& key, const std::string& otherwise) const
{
    const auto it = m_metadata.find(m_architecture + "." + key);
    return it == m_metadata.end() ? otherwise : it->second;
}

} // namespace tw
