// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/tokenizer_summary.h"
#include "core/workbench/workspace.h"

#include <iostream>

namespace tw::cli {
namespace {

struct Options
{
    std::string path;
    bool json = false;
};

Json tensorsJson(const std::vector<TensorSummary>& tensors)
{
    Json list = Json::array();
    for (const TensorSummary& tensor : tensors)
        list.push_back({{"name", tensor.name},
                        {"dtype", tensor.dtype},
                        {"shape", tensor.shape},
                        {"bytes", tensor.bytes}});
    return list;
}

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    std::string text;
    for (const std::int64_t size : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(size);
    return "[" + text + "]";
}

void printTensors(const std::vector<TensorSummary>& tensors)
{
    std::vector<std::vector<std::string>> rows {{"tensor", "dtype", "shape", "size"}};
    for (const TensorSummary& tensor : tensors)
        rows.push_back(
            {tensor.name, tensor.dtype, shapeText(tensor.shape), bytesInWords(tensor.bytes)});
    printTable(rows);
}

void print(const ModelSummary& model)
{
    std::vector<std::vector<std::string>> rows {
        {"model", model.name}, {"loads", model.loads ? "yes" : "no: " + model.whyNot}};
    if (!model.family.empty()) // else its config could not be read
        rows.insert(rows.end(),
                    {{"family", model.family + " (" + model.architecture + ")"},
                     {"parameters", countInWords(model.parameters)},
                     {"context",
                      model.contextLength > 0 ? groupedDigits(model.contextLength) + " tokens"
                                              : "as long as the input"},
                     {"dtype", model.dtype}});
    rows.insert(rows.end(),
                {{"on disk", bytesInWords(model.fileBytes)},
                 {"tokenizer", model.tokenizer},
                 {"chat template", model.hasChatTemplate ? "yes" : "none"}});
    if (!model.licence.empty())
        rows.push_back({"licence", model.licence});
    for (const auto& [label, value] : model.configuration)
        rows.push_back({label, value});
    printTable(rows);
    for (const std::string& remark : model.remarks)
        std::cout << remark << '\n';
}

Json json(const ModelSummary& model)
{
    Json configuration = Json::object();
    for (const auto& [label, value] : model.configuration)
        configuration[label] = value;
    return {{"kind", "model"},
            {"path", model.path},
            {"name", model.name},
            {"loads", model.loads},
            {"why_not", model.whyNot},
            {"family", model.family},
            {"architecture", model.architecture},
            {"parameters", model.parameters},
            {"layers", model.layers},
            {"hidden_size", model.hiddenSize},
            {"context", model.contextLength},
            {"vocabulary", model.vocabularySize},
            {"dtype", model.dtype},
            {"bytes", model.fileBytes},
            {"tokenizer", model.tokenizer},
            {"template", model.hasChatTemplate ? Json(model.chatTemplate) : Json()},
            {"licence", model.licence},
            {"configuration", std::move(configuration)},
            {"tensors", tensorsJson(model.tensors)},
            {"remarks", model.remarks}};
}

void print(const AdapterSummary& adapter)
{
    std::vector<std::vector<std::string>> rows {
        {"adapter", adapter.path}, {"method", adapter.method}, {"base model", adapter.baseModel}};
    if (adapter.rank > 0)
        rows.push_back({"rank", std::to_string(adapter.rank)});
    if (adapter.alpha > 0.0)
        rows.push_back({"alpha", numberText(adapter.alpha)});
    rows.insert(rows.end(),
                {{"modules", std::to_string(adapter.modules)},
                 {"parameters", countInWords(adapter.parameters)},
                 {"on disk", bytesInWords(adapter.fileBytes)}});
    printTable(rows);
}

Json json(const AdapterSummary& adapter)
{
    return {{"kind", "adapter"},
            {"path", adapter.path},
            {"method", adapter.method},
            {"base_model", adapter.baseModel},
            {"rank", adapter.rank > 0 ? Json(adapter.rank) : Json()},
            {"alpha", adapter.alpha > 0.0 ? Json(adapter.alpha) : Json()},
            {"modules", adapter.modules},
            {"parameters", adapter.parameters},
            {"bytes", adapter.fileBytes},
            {"tensors", tensorsJson(adapter.tensors)}};
}

void print(const DatasetSummary& dataset)
{
    printTable({{"data set", dataset.name},
                {"format", dataset.format},
                {"layout", dataset.layoutTitle},
                {"rows", groupedDigits(dataset.rows)},
                {"on disk", bytesInWords(dataset.fileBytes)}});
    std::vector<std::vector<std::string>> rows {{"column", "role (guessed)", "empty cells"}};
    for (const ColumnSummary& column : dataset.columns)
        rows.push_back({column.name, column.role, groupedDigits(column.emptyCells)});
    printTable(rows);
    for (const Problem& problem : dataset.problems)
        std::cout << problem.field << ": " << problem.what << ' ' << problem.hint << '\n';
}

Json json(const DatasetSummary& dataset)
{
    Json columns = Json::array();
    for (const ColumnSummary& column : dataset.columns)
        columns.push_back(
            {{"name", column.name}, {"role", column.role}, {"empty_cells", column.emptyCells}});
    Json problems = Json::array();
    for (const Problem& problem : dataset.problems)
        problems.push_back(
            {{"field", problem.field}, {"what", problem.what}, {"hint", problem.hint}});
    return {{"kind", "dataset"},
            {"path", dataset.path},
            {"name", dataset.name},
            {"format", dataset.format},
            {"layout", dataset.layout},
            {"split", dataset.split.empty() ? Json() : Json(dataset.split)},
            {"rows", dataset.rows},
            {"bytes", dataset.fileBytes},
            {"columns", std::move(columns)},
            {"problems", std::move(problems)}};
}

void print(const TokenizerSummary& tokenizer)
{
    std::vector<std::vector<std::string>> rows {{"tokenizer", tokenizer.path},
                                                {"kind", tokenizer.description}};
    for (const auto& [name, id, text] : tokenizer.special)
        rows.push_back({name, text + " (" + std::to_string(id) + ")"});
    printTable(rows);
}

Json json(const TokenizerSummary& tokenizer)
{
    Json special = Json::object();
    for (const auto& [name, id, text] : tokenizer.special)
        special[name] = {{"id", id}, {"text", text}};
    return {{"kind", "tokenizer"},
            {"path", tokenizer.path},
            {"tokenizer", tokenizer.description},
            {"vocabulary", tokenizer.vocabularySize},
            {"special_tokens", std::move(special)}};
}

int inspectTensors(Workspace& workspace, const Options& options)
{
    const TensorListing listing = wait(workspace.listTensors(options.path));
    if (options.json)
        printJson({{"kind", "tensors"},
                   {"path", options.path},
                   {"tensors", tensorsJson(listing.tensors)},
                   {"remarks", listing.remarks}});
    else
        printTensors(listing.tensors);
    for (const std::string& remark : listing.remarks)
        std::cerr << remark << '\n';
    return kDone;
}

template <typename Summary>
int answer(const Summary& summary, bool asJson)
{
    if (asJson)
        printJson(json(summary));
    else
        print(summary);
    return kDone;
}

int inspect(const Options& options)
{
    Workspace workspace;
    const std::string kind = workspace.kindOf(options.path);
    if (kind == "model")
        return answer(wait(workspace.describeModel(options.path)), options.json);
    if (kind == "adapter")
        return answer(wait(workspace.describeAdapter(options.path)), options.json);
    if (kind == "dataset")
        return answer(wait(workspace.describeDataset(options.path)), options.json);
    if (kind == "tokenizer")
        return answer(summaryOfTokenizer(options.path), options.json);
    if (kind == "tensors")
        return inspectTensors(workspace, options);
    if (options.json)
        printJson({{"kind", kind}, {"path", options.path}});
    else
        std::cout << options.path << " is "
                  << (kind == "experiment"
                          ? "an experiment: `tunewright-cli check` says more."
                          : "a project: `tunewright-cli runs --project` says more.")
                  << '\n';
    return kDone;
}

} // namespace

Action addInspect(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("path", options->path, "File or folder")->required()->option_text("PATH");
    addJson(app, options->json);
    return [options] { return inspect(*options); };
}

} // namespace tw::cli
