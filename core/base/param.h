// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace tw {

/// One value of a setting.
using ParamValue = std::variant<bool, std::int64_t, double, std::string>;
/// Settings by id; what is absent has its default.
using ParamValues = std::map<std::string, ParamValue>;

enum class ParamType
{
    Bool,
    Integer,
    Real,
    Choice,
    Text
};

/// One setting, described as data: form, JSON schema, checks, help page and config diff are made
/// from it.
struct ParamSpec
{
    struct Choice
    {
        std::string id;
        std::string title;
    };

    std::string id;
    std::string title;
    std::string help;
    ParamType type = ParamType::Text;
    ParamValue defaultValue;
    double minimum = 0.0; ///< Integer and Real
    double maximum = 0.0;
    std::string unit;
    std::string source; ///< where default and range come from
    std::vector<Choice> choices;
    bool isAdvanced = false;
    std::string shownWhen; ///< "other=value": shown only while the other setting has this value;
                           ///< empty: always
};

std::string toText(const ParamValue& value);
const char* name(ParamType type);

/// Value of spec in values, or its default.
const ParamValue& valueOf(const ParamSpec& spec, const ParamValues& values);

/// All that is wrong with values under specs: unknown ids, wrong types, values out of range.
/// Fields are prefix + id.
Problems checkValues(const std::vector<ParamSpec>& specs,
                     const ParamValues& values,
                     const std::string& prefix);

/// JSON schema (draft 2020-12) of an object with these settings, as text.
std::string jsonSchema(const std::vector<ParamSpec>& specs);

/// Binds settings to the fields of a plain options struct; the struct's initialisers are the
/// defaults.
template <typename Options>
class ParamTable
{
public:
    /// Fluent description of the setting added last.
    class Entry
    {
    public:
        explicit Entry(ParamSpec& spec)
            : m_spec(spec)
        {
        }
        Entry& help(std::string text) { return m_spec.help = std::move(text), *this; }
        Entry& range(double lowest, double highest)
        {
            return m_spec.minimum = lowest, m_spec.maximum = highest, *this;
        }
        Entry& unit(std::string text) { return m_spec.unit = std::move(text), *this; }
        Entry& source(std::string text) { return m_spec.source = std::move(text), *this; }
        Entry& advanced() { return m_spec.isAdvanced = true, *this; }
        Entry& shownWhen(std::string condition)
        {
            return m_spec.shownWhen = std::move(condition), *this;
        }
        /// Makes a Text setting a choice among ids.
        Entry& choices(std::vector<ParamSpec::Choice> list)
        {
            return m_spec.type = ParamType::Choice, m_spec.choices = std::move(list), *this;
        }

    private:
        ParamSpec& m_spec;
    };

    template <typename T>
    Entry add(T Options::*field, std::string id, std::string title)
    {
        ParamSpec spec;
        spec.id = std::move(id);
        spec.title = std::move(title);
        spec.type = typeOf<T>();
        spec.defaultValue = ParamValue(Options {}.*field);
        m_specs.push_back(std::move(spec));
        m_assign.push_back([field](Options& options, const ParamValue& value) {
            options.*field = read<T>(value);
        });
        return Entry(m_specs.back());
    }

    const std::vector<ParamSpec>& specs() const { return m_specs; }

    /// Options with values laid over the defaults. Throws Error on the first problem of
    /// checkValues().
    Options read(const ParamValues& values) const
    {
        const Problems problems = checkValues(m_specs, values, "");
        if (blocks(problems))
            throw Error(problems.front().field + ": " + problems.front().what,
                        problems.front().hint);
        Options options;
        for (std::size_t i = 0; i < m_specs.size(); ++i)
            m_assign[i](options, valueOf(m_specs[i], values));
        return options;
    }

private:
    template <typename T>
    static ParamType typeOf()
    {
        if constexpr (std::is_same_v<T, bool>)
            return ParamType::Bool;
        else if constexpr (std::is_same_v<T, std::int64_t>)
            return ParamType::Integer;
        else if constexpr (std::is_same_v<T, double>)
            return ParamType::Real;
        else
            return ParamType::Text;
    }

    template <typename T>
    static T read(const ParamValue& value)
    {
        if constexpr (std::is_same_v<T, double>) // JSON writes 16.0 as 16
            if (const auto* whole = std::get_if<std::int64_t>(&value))
                return static_cast<double>(*whole);
        return std::get<T>(value);
    }

    std::vector<ParamSpec> m_specs;
    std::vector<std::function<void(Options&, const ParamValue&)>> m_assign; ///< one per setting
};

} // namespace tw
