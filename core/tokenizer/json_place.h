// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for .cpp files of this room.
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/tokenizer/vocabulary.h"

#include <functional>

namespace tw {

/// A place in a tokenizer.json or its configuration; every complaint names the file and the place.
class JsonPlace
{
public:
    JsonPlace(const Json& json, const std::string& file, std::string path)
        : m_json(json)
        , m_file(file)
        , m_path(std::move(path))
    {
    }

    [[noreturn]] void fail(const std::string& what) const;
    /// Of a kind that is not known: "is a Foo, which is not supported".
    [[noreturn]] void failType() const;
    bool isNull() const { return m_json.is_null(); }
    bool isText() const { return m_json.is_string(); }
    bool isObject() const { return m_json.is_object(); }
    bool has(const char* key) const { return m_json.is_object() && m_json.contains(key); }
    /// What stands under key; null where nothing does.
    JsonPlace at(const char* key) const;
    std::string text() const;
    std::string textOr(const std::string& other) const { return isNull() ? other : text(); }
    char32_t character() const; ///< of a text that is one
    bool flagOr(bool other) const;
    std::size_t countOr(std::size_t other) const;
    double number() const;
    std::uint32_t id() const; ///< of a token
    void forEach(const std::function<void(const JsonPlace&)>& visit) const;
    std::string type() const { return at("type").textOr(""); }

private:
    const Json& m_json;
    const std::string& m_file;
    std::string m_path;
};

} // namespace tw
