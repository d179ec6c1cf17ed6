// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/lines.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/tools.h"

#include <iostream>

namespace tw::cli {
namespace {

struct Options
{
    std::string model;
    std::string templateFile;
    std::string messages;
    std::string jsonl;
    std::string tools;
    bool generationPrompt = false;
};

ChatRenderer rendererOf(const Options& options)
{
    if (!options.templateFile.empty())
        return ChatRenderer(wholeText(options.templateFile));
    if (!options.model.empty())
        return ChatRenderer::ofModel(options.model);
    if (!options.jsonl.empty()) // every request may bring its own
        return ChatRenderer(std::string());
    throw WrongUsage("template needs MODEL or --template.");
}

Json answer(const ChatRenderer& renderer, const std::string& request)
{
    try {
        const RenderedChat chat = renderer.render(request);
        return {{"text", chat.text}, {"generation_spans", chat.generationSpans}};
    } catch (const Error&
                 error) { // the contract of --jsonl: one answer for each request, whatever it was
        return {{"error", error.what()}};
    }
}

int renderTemplate(const Options& options)
{
    if (options.messages.empty() == options.jsonl.empty())
        throw WrongUsage("template needs exactly one of --messages and --jsonl.");
    const ChatRenderer renderer = rendererOf(options);
    if (!options.jsonl.empty()) {
        eachLine(options.jsonl, [&](const std::string& line, std::int64_t) {
            if (!trimmed(line).empty())
                printJson(answer(renderer, line), -1);
        });
        return kDone;
    }
    const Json content = parseJson(wholeText(options.messages), options.messages);
    Json request = content.is_object() ? content : Json {{"messages", content}};
    if (!options.tools.empty())
        request["tools"] = parseJson(wholeText(options.tools), options.tools);
    if (options.generationPrompt)
        request["add_generation_prompt"] = true;
    std::cout << renderer.render(request.dump()).text;
    return kDone;
}

} // namespace

Action addTemplate(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("model", options->model, "Model folder or GGUF file")->option_text("MODEL");
    app.add_option("--template", options->templateFile, "Template file instead of a model's")
        ->option_text("FILE");
    app.add_option("--messages", options->messages, "JSON list of messages")->option_text("FILE");
    app.add_option("--jsonl", options->jsonl,
                   "One request a line, one answer a line; - reads stdin")
        ->option_text("FILE");
    app.add_option("--tools", options->tools, "JSON list of tools")->option_text("FILE");
    app.add_flag("--generation-prompt", options->generationPrompt,
                 "Open the assistant's turn at the end");
    return [options] { return renderTemplate(*options); };
}

} // namespace tw::cli
