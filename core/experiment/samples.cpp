// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/samples.h"

#include "core/data/conversation.h"
#include "core/evaluation/generation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace tw {
namespace {

constexpr std::int64_t kPrompts =
    3; // enough to see a change of style, few enough not to slow the run
constexpr std::int64_t kAnswerTokens = 64;

/// What stands before the last answer, and that answer; of a conversation, in its own words.
std::pair<std::string, std::string> wordsOf(const RowCells& cells)
{
    if (cells.messages.empty() && !holdsMessages(cells.prompt))
        return {cells.prompt, cells.answer};
    const Conversation talk = conversationFrom(cells, {});
    std::size_t last = talk.messages.size();
    while (last > 0 && talk.roleOf(last - 1) != "assistant")
        --last;
    if (last < 2)
        return {};
    return {talk.textOf(last - 2), talk.textOf(last - 1)};
}

} // namespace

std::vector<SamplePrompt> samplePrompts(const DataSlice& heldOut, const RowTokenizer& tokenizer)
{
    std::vector<SamplePrompt> prompts;
    if (tokenizer.use() == RowUse::Labels || tokenizer.use() == RowUse::TokenLabels)
        return prompts; // nobody answers
    const auto count = static_cast<std::int64_t>(heldOut.rows.size());
    for (std::int64_t i = 0; i < std::min(kPrompts, count); ++i) {
        const std::int64_t row =
            heldOut.rows[static_cast<std::size_t>(i * count / std::min(kPrompts, count))];
        SamplePrompt prompt;
        try {
            std::tie(prompt.text, prompt.target) =
                wordsOf(RowCells(*heldOut.dataset, heldOut.roles, row));
            if (prompt.text.empty())
                continue;
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
