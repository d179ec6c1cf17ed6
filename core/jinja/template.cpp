// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/template.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/jinja/globals.h"
#include "core/jinja/parser.h"
#include "core/jinja/whole.h"

namespace tw::jinja {
namespace {

constexpr std::size_t kMaxSource =
    500'000; // our choice: the largest template in use has some 20,000 characters

std::string placeText(Place place)
{
    return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

Value valueFrom(const Json& json)
{
    if (json.is_null())
        return {};
    if (json.is_boolean())
        return json.get<bool>();
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX)
        return wholeValue(mpz_class(static_cast<unsigned long>(json.get<std::uint64_t>())));
    if (json.is_number_integer())
        return json.get<std::int64_t>();
    if (json.is_number_float())
        return json.get<double>();
    if (json.is_string())
        return json.get<std::string>();
    if (json.is_array()) {
        std::vector<Value> items;
        items.reserve(json.size());
        for (const Json& item : json)
            items.push_back(valueFrom(item));
        return Value::list(std::move(items));
    }
    Dict dict;
    for (const auto& [key, item] : json.items())
        dict.set(key, valueFrom(item));
    return Value::dict(std::move(dict));
}

void setVariables(Scope& globals, const std::string& variables)
{
    addGlobals(globals);
    const Json json = parseJson(variables, "The variables of the chat template");
    if (!json.is_object())
        throw Error("The variables of a chat template have to be a JSON object.");
    for (const auto& [name, value] : json.items())
        globals.set(name, valueFrom(value));
}

} // namespace

struct Template::Program
{
    explicit Program(Body parsed)
        : body(std::move(parsed))
    {
        Symbols frame;
        body.declare(frame);
        loads = frame.loads();
        body.resolve(frame);
    }
    Body body;
    NameLoads loads;
};

Template::Template(std::string_view source)
{
    if (source.size() > kMaxSource)
        throw Error("The chat template is " + bytesInWords(source.size())
                        + " long: that is no chat template.",
                    "Choose another template.");
    try {
        m_program = std::make_shared<const Program>(Parser(repairedUtf8(source)).parse());
    } catch (const SyntaxError& error) {
        throw Error("The chat template is not valid at " + placeText(error.place()) + ": "
                        + error.what() + ".",
                    "Mend the template there, or choose another one.");
    }
}

Rendered Template::render(const std::string& variables, const std::string& now) const
{
    Runtime runtime(now);
    try {
        setVariables(runtime.variables(), variables);
        const ScopePtr scope = enter(runtime, nullptr, m_program->loads);
        runtime.setTop(scope.get());
        runtime.keep(scope);
        Output output(runtime);
        m_program->body.execute(runtime, scope, output);
        Rendered rendered;
        rendered.text = runtime.takeText();
        rendered.generationSpans = std::move(runtime.spans());
        return rendered;
    } catch (const Failure& failure) {
        throw Error(
            "The chat template fails at " + placeText(runtime.place()) + ": " + failure.what(),
            "Check whether the conversation fits the template, or choose another template.");
    }
}

} // namespace tw::jinja
