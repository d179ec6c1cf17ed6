// SPDX-License-Identifier: Apache-2.0
// model.safetensors.index.json and pytorch_model.bin.index.json: {"metadata": {...}, "weight_map":
// {"name of a tensor": "name of its file", ...}}
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/tensorfile/safetensors_header.h"

#include <algorithm>
#include <filesystem>
#include <unordered_set>

namespace tw {
namespace {

constexpr const char* kGetAgain = "Download the model again, or write it again.";

class IndexEvents final : public nlohmann::json_sax<Json>
{
public:
    explicit IndexEvents(const std::string& where)
        : m_where(where)
    {
    }
    std::vector<std::pair<std::string, std::string>> shards;
    bool hasMap = false;

    bool key(string_t& value) override
    {
        if (m_depth == 1)
            m_section = value;
        else if (isInMap())
            m_name = value;
        return true;
    }
    bool start_object(std::size_t) override
    {
        if (isInMap())
            return failAt("is no text");
        ++m_depth;
        if (isInMap() && hasMap)
            throw Error(m_where + ": has two weight_maps.", kGetAgain);
        hasMap = hasMap || isInMap();
        return true;
    }
    bool end_object() override { return --m_depth, true; }
    bool start_array(std::size_t) override
    {
        refuseInMap(); // before its items are another level
        ++m_depth;
        return true;
    }
    bool end_array() override { return --m_depth, true; }
    bool string(string_t& value) override
    {
        if (isInMap())
            add(value);
        return true;
    }
    bool null() override { return refuseInMap(); }
    bool boolean(bool) override { return refuseInMap(); }
    bool number_integer(number_integer_t) override { return refuseInMap(); }
    bool number_unsigned(number_unsigned_t) override { return refuseInMap(); }
    bool number_float(number_float_t, const string_t&) override { return refuseInMap(); }
    bool binary(binary_t&) override { return refuseInMap(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override
    {
        return false;
    }

private:
    bool isInMap() const { return m_depth == 2 && m_section == "weight_map"; }
    bool refuseInMap() { return !isInMap() || failAt("is no text"); }

    void add(const std::string& file)
    {
        if (!m_names.insert(m_name).second)
            failAt("appears twice");
        const std::filesystem::path path(file);
        bool isInside = !file.empty() && path.is_relative() && file.find('\0') == std::string::npos;
        for (const auto& part : path)
            isInside = isInside && part != "..";
        if (!isInside)
            failAt("is said to lie in \"" + shown(file) + "\", outside the model's folder");
        shards.emplace_back(m_name, file);
    }

    /// A NUL would end the message of the exception.
    static std::string shown(const std::string& file)
    {
        std::string text = file.substr(0, 200);
        std::replace(text.begin(), text.end(), '\0', ' ');
        return text;
    }

    bool failAt(const std::string& what) const
    {
        throw Error(m_where + ": weight_map: \"" + m_name.substr(0, 200) + "\" " + what + ".",
                    kGetAgain);
    }

    const std::string& m_where;
    std::unordered_set<std::string> m_names;
    std::string m_section;
    std::string m_name;
    int m_depth = 0;
};

} // namespace

std::vector<std::pair<std::string, std::string>> readShardIndex(std::string_view json,
                                                                const std::string& where)
{
    IndexEvents events(where);
    parseJsonEvents(json, where, events);
    if (!events.hasMap)
        throw Error(where + ": has no \"weight_map\", so it is no index of shards.",
                    "Check whether this is the right file.");
    return std::move(events.shards);
}

} // namespace tw
