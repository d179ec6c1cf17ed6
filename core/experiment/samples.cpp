// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/samples.h"

#include "core/evaluation/generation.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

constexpr std::int64_t kPrompts =
    3; // enough to see a change of style, few enough not to slow the run
constexpr std::int64_t kAnswerTokens = 64;

/// Text of the column with a role; empty where no column has it.
std::string cellOf(const Dataset& dataset,
                   const ColumnRoles& roles,
                   const std::vector<std::string>& row,
                   Role role)
{
    for (std::size_t i = 0; i < row.size() && i < dataset.columns().size(); ++i) {
        const auto it = roles.find(dataset.columns()[i]);
        if (it != roles.end() && it->second == role)
            return row[i];
    }
    return {};
}

} // namespace

std::vector<SamplePrompt> samplePrompts(const DataSlice& heldOut, const RowTokenizer& tokenizer)
{
    std::vector<SamplePrompt> prompts;
    const auto count = static_cast<std::int64_t>(heldOut.rows.size());
    for (std::int64_t i = 0; i < std::min(kPrompts, count); ++i) {
        const std::int64_t row =
            heldOut.rows[static_cast<std::size_t>(i * count / std::min(kPrompts, count))];
        const std::vector<std::string> cells = heldOut.dataset->row(row);
        SamplePrompt prompt;
        prompt.text = cellOf(*heldOut.dataset, heldOut.roles, cells, Role::Prompt);
        prompt.target = cellOf(*heldOut.dataset, heldOut.roles, cells, Role::Answer);
        if (prompt.text.empty())
            continue;
        try {
            prompt.ids = tokenizer.promptIds(*heldOut.dataset, row);
        } catch (
            const Error&) { // the proof counts rows that cannot be laid out; they are no samples
            continue;
        }
        if (!prompt.ids.empty())
            prompts.push_back(std::move(prompt));
    }
    return prompts;
}

std::string greedyAnswer(const Model& model,
                         const Tokenizer& tokenizer,
                         const SamplePrompt& prompt,
                         JobControl& control)
{
    const at::NoGradGuard noGrad;
    SamplingOptions options;
    options.maxTokens = kAnswerTokens;
    options.stopIds = stopIdsOf(tokenizer);
    std::int64_t count = 0;
    const auto onToken = [&](std::int64_t) { control.report("sampling", ++count, kAnswerTokens); };
    return tokenizer.decode(generate(model, prompt.ids, options, onToken, control).ids, true);
}

} // namespace tw
