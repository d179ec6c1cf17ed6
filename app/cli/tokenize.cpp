// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/lines.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/tools.h"

#include <iostream>
#include <optional>

namespace tw::cli {
namespace {

struct Options
{
    std::string model;
    std::optional<std::string> text;
    std::string file;
    std::string jsonl;
    bool noSpecial = false;
    bool json = false;
};

constexpr std::size_t kLinesAtOnce = 10'000; // of a file: enough work for all threads

void printIds(const std::vector<std::int64_t>& ids)
{
    std::string line;
    for (const std::int64_t id : ids)
        line += (line.empty() ? "" : " ") + std::to_string(id);
    std::cout << line << '\n';
}

void print(const TokenizedText& tokens, bool asJson)
{
    if (asJson)
        printJson({{"ids", tokens.ids}, {"tokens", tokens.tokens}, {"decoded", tokens.decoded}},
                  -1);
    else
        printIds(tokens.ids);
}

void printLines(const TextTokenizer& tokenizer,
                const std::vector<std::string>& lines,
                const Options& options)
{
    if (options.json) {
        for (const TokenizedText& tokens : tokenizer.encodeAll(lines, !options.noSpecial))
            print(tokens, true);
        return;
    }
    for (const auto& ids : tokenizer.idsOf(lines, !options.noSpecial))
        printIds(ids);
}

void tokenizeFile(const TextTokenizer& tokenizer, const Options& options)
{
    std::vector<std::string> lines;
    eachLine(options.file, [&](const std::string& line, std::int64_t) {
        lines.push_back(line);
        if (lines.size() < kLinesAtOnce)
            return;
        printLines(tokenizer, lines, options);
        lines.clear();
    });
    printLines(tokenizer, lines, options);
}

/// One request of --jsonl: {"text", "pair", "add_special_tokens"} or {"decode_ids"}.
Json answer(const TextTokenizer& tokenizer, const Json& request)
{
    TokenizedText tokens;
    if (request.contains("decode_ids")) {
        tokens = tokenizer.decode(request.at("decode_ids").get<std::vector<std::int64_t>>());
    } else {
        const bool addSpecial = request.value("add_special_tokens", true);
        const std::string text = request.at("text").get<std::string>();
        const auto pair = request.find("pair");
        tokens = pair == request.end() || pair->is_null()
            ? tokenizer.encode(text, addSpecial)
            : tokenizer.encodePair(text, pair->get<std::string>(), addSpecial);
    }
    return {{"ids", tokens.ids},
            {"type_ids", tokens.typeIds},
            {"tokens", tokens.tokens},
            {"decoded", tokens.decoded},
            {"decoded_skip_special", tokens.decodedSkipSpecial}};
}

void answerLines(const TextTokenizer& tokenizer, const std::string& path)
{
    eachLine(path, [&](const std::string& line, std::int64_t number) {
        if (trimmed(line).empty())
            return;
        const std::string where = path + " line " + std::to_string(number);
        try {
            printJson(answer(tokenizer, parseJson(line, where)), -1);
        } catch (const nlohmann::json::exception&) {
            throw Error(where
                            + ": a request has \"text\" (and perhaps \"pair\", "
                              "\"add_special_tokens\"), or \"decode_ids\".",
                        "Mend that line.");
        }
    });
}

int tokenize(const Options& options)
{
    const int ways =
        (options.text ? 1 : 0) + (options.file.empty() ? 0 : 1) + (options.jsonl.empty() ? 0 : 1);
    if (ways != 1)
        throw WrongUsage("tokenize needs exactly one of --text, --file and --jsonl.");
    const TextTokenizer tokenizer(options.model);
    if (options.text)
        print(tokenizer.encode(*options.text, !options.noSpecial), options.json);
    else if (!options.file.empty())
        tokenizeFile(tokenizer, options);
    else
        answerLines(tokenizer, options.jsonl);
    return kDone;
}

} // namespace

Action addTokenize(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("model", options->model, "Model folder, GGUF file, tokenizer.json or .model")
        ->required()
        ->option_text("MODEL");
    app.add_option("--text", options->text, "Text to tokenize")->option_text("T");
    app.add_option("--file", options->file, "File of which every line is tokenized; - reads stdin")
        ->option_text("F");
    app.add_option("--jsonl", options->jsonl,
                   "One request a line, one answer a line; - reads stdin")
        ->option_text("F");
    app.add_flag("--no-special", options->noSpecial, "Add no special tokens");
    addJson(app, options->json);
    return [options] { return tokenize(*options); };
}

} // namespace tw::cli
