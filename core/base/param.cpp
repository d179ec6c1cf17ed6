// SPDX-License-Identifier: Apache-2.0
#include "core/base/param.h"

#include "core/base/json.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace tw {
namespace {

double asReal(const ParamValue& value)
{
    if (const auto* i = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*i);
    return std::get<double>(value);
}

bool hasRightType(const ParamSpec& spec, const ParamValue& value)
{
    switch (spec.type) {
    case ParamType::Bool:
        return std::holds_alternative<bool>(value);
    case ParamType::Integer:
        return std::holds_alternative<std::int64_t>(value);
    case ParamType::Real:
        return std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
    case ParamType::Choice:
    case ParamType::Text:
        return std::holds_alternative<std::string>(value);
    }
    return false;
}

std::string rangeInWords(const ParamSpec& spec)
{
    const std::string unit = spec.unit.empty() ? "" : " " + spec.unit;
    return "from " + toText(spec.minimum) + " to " + toText(spec.maximum) + unit;
}

std::string choicesInWords(const ParamSpec& spec)
{
    std::string all;
    for (const auto& choice : spec.choices)
        all += (all.empty() ? "" : ", ") + choice.id;
    return all;
}

/// What is wrong with a value; its field is for the caller to fill in.
std::optional<Problem> checkValue(const ParamSpec& spec, const ParamValue& value)
{
    const auto problem = [](std::string what, std::string hint) {
        return Problem {{}, std::move(what), std::move(hint), false};
    };
    const std::string defaultHint = "Its default is " + toText(spec.defaultValue) + ".";
    if (!hasRightType(spec, value))
        return problem(spec.title + " has to be " + name(spec.type) + ", not " + toText(value)
                           + ".",
                       defaultHint);
    if (spec.type == ParamType::Integer || spec.type == ParamType::Real) {
        const double number = asReal(value);
        if (!std::isfinite(number)
            || (spec.minimum < spec.maximum && (number < spec.minimum || number > spec.maximum)))
            return problem(spec.title + " is " + toText(value) + ", but has to lie "
                               + rangeInWords(spec) + ".",
                           defaultHint);
    }
    if (spec.type == ParamType::Choice) {
        const auto& id = std::get<std::string>(value);
        if (std::none_of(spec.choices.begin(), spec.choices.end(),
                         [&](const auto& c) { return c.id == id; }))
            return problem(spec.title + " cannot be \"" + id + "\".",
                           "Choose one of: " + choicesInWords(spec) + ".");
    }
    return std::nullopt;
}

Json schemaOf(const ParamSpec& spec)
{
    Json schema;
    schema["title"] = spec.title;
    schema["description"] = spec.help;
    schema["default"] = toJson(spec.defaultValue);
    switch (spec.type) {
    case ParamType::Bool:
        schema["type"] = "boolean";
        break;
    case ParamType::Integer:
        schema["type"] = "integer";
        schema["minimum"] = static_cast<std::int64_t>(spec.minimum);
        schema["maximum"] = static_cast<std::int64_t>(spec.maximum);
        break;
    case ParamType::Real:
        schema["type"] = "number";
        schema["minimum"] = spec.minimum;
        schema["maximum"] = spec.maximum;
        break;
    case ParamType::Choice:
        schema["type"] = "string";
        for (const auto& choice : spec.choices)
            schema["enum"].push_back(choice.id);
        break;
    case ParamType::Text:
        schema["type"] = "string";
        break;
    }
    if (!spec.unit.empty())
        schema["unit"] = spec.unit;
    schema["source"] = spec.source;
    schema["level"] = spec.isAdvanced ? "advanced" : "simple";
    if (!spec.shownWhen.empty())
        schema["shownWhen"] = spec.shownWhen;
    return schema;
}

} // namespace

std::string toText(const ParamValue& value)
{
    if (const auto* flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const auto* text = std::get_if<std::string>(&value))
        return *text;
    if (const auto* real = std::get_if<double>(&value);
        real != nullptr && std::abs(*real) < 1e15 && *real == std::trunc(*real))
        return std::to_string(static_cast<long long>(*real));
    return toJson(value).dump(); // the shortest text that reads back as the same number
}

const char* name(ParamType type)
{
    switch (type) {
    case ParamType::Bool:
        return "true or false";
    case ParamType::Integer:
        return "a whole number";
    case ParamType::Real:
        return "a number";
    case ParamType::Choice:
        return "one of its choices";
    case ParamType::Text:
        return "text";
    }
    return "";
}

const ParamValue& valueOf(const ParamSpec& spec, const ParamValues& values)
{
    const auto it = values.find(spec.id);
    return it == values.end() ? spec.defaultValue : it->second;
}

Problems checkValues(const std::vector<ParamSpec>& specs,
                     const ParamValues& values,
                     const std::string& prefix)
{
    Problems problems;
    for (const auto& [id, value] : values) {
        const auto spec = std::find_if(specs.begin(), specs.end(),
                                       [&, &name = id](const auto& s) { return s.id == name; });
        if (spec == specs.end()) {
            std::string known;
            for (const auto& s : specs)
                known += (known.empty() ? "" : ", ") + s.id;
            problems.push_back(
                {prefix + id, "There is no setting called \"" + id + "\".",
                 known.empty() ? "This plug-in has no settings." : "Known settings: " + known + ".",
                 false});
        } else if (std::optional<Problem> problem = checkValue(*spec, value)) {
            problem->field = prefix + id;
            problems.push_back(*std::move(problem));
        }
    }
    return problems;
}

std::string jsonSchema(const std::vector<ParamSpec>& specs)
{
    Json schema {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"type", "object"}};
    schema["properties"] = Json::object();
    for (const auto& spec : specs)
        schema["properties"][spec.id] = schemaOf(spec);
    schema["additionalProperties"] = false;
    return schema.dump(2);
}

} // namespace tw
