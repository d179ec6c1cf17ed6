// SPDX-License-Identifier: Apache-2.0
#include "core/evaluation/generation.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace tw {
namespace {

struct Candidate
{
    float logit;
    std::int64_t id;
};

/// Likelier first; equal ones by id, so that a choice never depends on the sorting.
bool isLikelier(const Candidate& a, const Candidate& b)
{
    return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
}

/// The candidates that top-k leaves, likeliest first where an order is needed.
std::vector<Candidate> candidatesOf(const at::Tensor& logits, const SamplingOptions& options)
{
    const float* data = logits.const_data_ptr<float>();
    std::vector<Candidate> all;
    all.reserve(static_cast<std::size_t>(logits.numel()));
    for (std::int64_t id = 0; id < logits.numel(); ++id)
        all.push_back({data[id], id});
    const bool cuts = options.topK > 0 && options.topK < logits.numel();
    if (cuts) {
        std::nth_element(all.begin(), all.begin() + options.topK, all.end(), isLikelier);
        all.resize(static_cast<std::size_t>(options.topK));
    }
    if (options.topP < 1.0)
        std::sort(all.begin(), all.end(), isLikelier);
    return all;
}

/// How far into sorted weights the smallest set reaches that holds topP of their sum.
std::size_t nucleus(const std::vector<double>& weights, double sum, double topP)
{
    double held = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        held += weights[i];
        if (held >= topP * sum)
            return i + 1;
    }
    return weights.size();
}

std::int64_t sampled(const at::Tensor& logits, const SamplingOptions& options, RandomStream& random)
{
    const std::vector<Candidate> candidates = candidatesOf(logits, options);
    const float most = std::min_element(candidates.begin(), candidates.end(), isLikelier)->logit;
    std::vector<double> weights;
    weights.reserve(candidates.size());
    for (const Candidate& candidate : candidates)
        weights.push_back(
            std::exp(static_cast<double>(candidate.logit - most) / options.temperature));
    double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (options.topP < 1.0) {
        weights.resize(nucleus(weights, sum, options.topP));
        sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    }
    double left = random.uniform() * sum;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        left -= weights[i];
        if (left < 0.0)
            return candidates[i].id;
    }
    return candidates[weights.size() - 1].id; // rounding
}

at::Tensor lastLogits(const Model& model, const at::Tensor& hidden)
{
    return model.logits(hidden.narrow(0, hidden.size(0) - 1, 1)).view({-1}).contiguous();
}

std::int64_t roomFor(const Model& model, std::size_t promptTokens, std::int64_t maxTokens)
{
    const std::int64_t context = model.config().contextLength;
    const auto prompt = static_cast<std::int64_t>(promptTokens);
    if (prompt >= context)
        throw Error("The prompt has " + std::to_string(prompt) + " tokens, the model reads at most "
                        + std::to_string(context) + ".",
                    "Shorten the prompt.");
    return std::min(maxTokens, context - prompt);
}

} // namespace

void checkSampling(const SamplingOptions& options)
{
    if (options.maxTokens < 1)
        throw Error("The most tokens to write has to be at least 1.", "Choose a larger number.");
    if (options.isGreedy)
        return;
    if (!(options.temperature > 0.0) || !std::isfinite(options.temperature))
        throw Error("The temperature has to be above 0.",
                    "For the likeliest token each time, choose greedy.");
    if (!(options.topP > 0.0 && options.topP <= 1.0))
        throw Error("Top-p has to be above 0 and at most 1.", "1 keeps all tokens; 0.9 is usual.");
    if (options.topK < 0)
        throw Error("Top-k cannot be below 0.", "0 keeps all tokens; 40 is usual.");
}

TokenChooser::TokenChooser(const SamplingOptions& options)
    : m_options(options)
    , m_random(options.seed, "generation")
{
    checkSampling(options);
}

std::int64_t TokenChooser::choose(const at::Tensor& logits)
{
    // The largest is NaN where any is. Sorting needs an order, which NaN has not; an infinite one
    // would turn all weights into NaN.
    if (!std::isfinite(logits.max().item<float>()))
        throw Error("The model's scores for the next token are not numbers.",
                    "Its weights or its adapter are damaged, or a training ran off: try the model "
                    "without the adapter, or an earlier checkpoint.");
    return m_options.isGreedy ? logits.argmax().item<std::int64_t>()
                              : sampled(logits, m_options, m_random);
}

Generation generate(const Model& model,
                    const std::vector<std::int64_t>& prompt,
                    const SamplingOptions& options,
                    const std::function<void(std::int64_t)>& onToken,
                    JobControl& control)
{
    const at::NoGradGuard noGradients;
    TokenChooser chooser(options);
    const std::int64_t most = roomFor(model, prompt.size(), options.maxTokens);
    const auto cache = model.newCache(static_cast<std::int64_t>(prompt.size()) + most);
    at::Tensor logits = lastLogits(model, model.hiddenCached(prompt, *cache));
    Generation result;
    const auto start = std::chrono::steady_clock::now();
    while (!control.stopAsked()) {
        control.throwIfCancelled();
        const std::int64_t id = chooser.choose(logits);
        result.ids.push_back(id);
        if (onToken)
            onToken(id);
        const auto written = static_cast<std::int64_t>(result.ids.size());
        control.report("generating", written, most);
        result.endedByItself =
            std::find(options.stopIds.begin(), options.stopIds.end(), id) != options.stopIds.end();
        if (result.endedByItself || written >= most)
            break;
        logits = lastLogits(model, model.hiddenCached({id}, *cache));
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.tokensPerSecond = seconds > 0.0 ? static_cast<double>(result.ids.size()) / seconds : 0.0;
    return result;
}

std::vector<std::int64_t> stopIdsOf(const Tokenizer& tokenizer)
{
    std::vector<std::int64_t> ids;
    if (const auto eos = tokenizer.specialTokens().eos)
        ids.push_back(*eos);
    for (const char* name : {"<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>",
                             "<|endoftext|>", "<|end_of_text|>"}) {
        const auto id = tokenizer.idOf(name);
        if (id && tokenizer.isSpecial(*id) && std::find(ids.begin(), ids.end(), *id) == ids.end())
            ids.push_back(*id);
    }
    return ids;
}

std::string Utf8Stream::add(const std::string& bytes)
{
    m_waiting += bytes;
    // A character that has begun is at most 3 bytes long: its first byte says how many belong to
    // it.
    std::size_t whole = m_waiting.size();
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, m_waiting.size()); ++back) {
        const auto byte = static_cast<unsigned char>(m_waiting[m_waiting.size() - back]);
        if ((byte & 0xC0) == 0x80)
            continue;
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        if (length > back)
            whole = m_waiting.size() - back;
        break;
    }
    const std::string shown = repairedUtf8(m_waiting.substr(0, whole));
    m_waiting.erase(0, whole);
    return shown;
}

std::string Utf8Stream::rest()
{
    const std::string shown = repairedUtf8(m_waiting);
    m_waiting.clear();
    return shown;
}

} // namespace tw
