// SPDX-License-Identifier: Apache-2.0
#include "core/evaluation/sampling.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace tw {
namespace {

constexpr float kCut = -std::numeric_limits<float>::infinity();

/// Everything below the k-th likeliest; what equals it stays.
void cutTopK(std::vector<float>& scores, std::int64_t k)
{
    if (k <= 0 || k >= static_cast<std::int64_t>(scores.size()))
        return;
    std::vector<float> sorted = scores;
    const auto last = sorted.begin() + (k - 1);
    std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>());
    const float least = *last;
    for (float& score : scores)
        if (score < least)
            score = kCut;
}

/// What the likelier ones leave nothing for, once they hold topP of the probability.
void cutTopP(std::vector<float>& scores, double topP)
{
    if (topP >= 1.0)
        return;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (scores[i] > kCut)
            order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
    });
    const double most = scores[order.front()];
    const auto weight = [&](std::size_t i) { return std::exp(scores[i] - most); };
    double sum = 0.0;
    for (const std::size_t i : order)
        sum += weight(i);
    double held = 0.0;
    for (const std::size_t i : order) {
        const double mine = weight(i);
        if (held >= topP * sum)
            scores[i] = kCut;
        held += mine;
    }
}

void cutMinP(std::vector<float>& scores, double minP)
{
    if (minP <= 0.0)
        return;
    const double least =
        static_cast<double>(*std::max_element(scores.begin(), scores.end())) + std::log(minP);
    for (float& score : scores)
        if (score < least)
            score = kCut;
}

std::int64_t sampled(const std::vector<float>& scores, RandomStream& random)
{
    const double most = *std::max_element(scores.begin(), scores.end());
    std::vector<double> weights(scores.size());
    std::transform(scores.begin(), scores.end(), weights.begin(), [most](float score) {
        return score > kCut ? std::exp(static_cast<double>(score) - most) : 0.0;
    });
    double left = random.uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
    std::size_t last = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] == 0.0)
            continue;
        last = i;
        left -= weights[i];
        if (left < 0.0)
            break;
    }
    return static_cast<std::int64_t>(last); // rounding may leave a rest: the last one takes it
}

} // namespace

void checkSampling(const SamplingOptions& options)
{
    if (options.maxTokens < 1)
        throw Error("The most tokens to write has to be at least 1.", "Choose a larger number.");
    if (!(options.repetitionPenalty > 0.0) || !std::isfinite(options.repetitionPenalty))
        throw Error("The repetition penalty has to be above 0.", "1 is none; 1.1 is usual.");
    if (options.isGreedy)
        return;
    if (!(options.temperature > 0.0) || !std::isfinite(options.temperature))
        throw Error("The temperature has to be above 0.",
                    "For the likeliest token each time, choose greedy.");
    if (!(options.topP > 0.0 && options.topP <= 1.0))
        throw Error("Top-p has to be above 0 and at most 1.", "1 keeps all tokens; 0.9 is usual.");
    if (options.topK < 0)
        throw Error("Top-k cannot be below 0.", "0 keeps all tokens; 40 is usual.");
    if (!(options.minP >= 0.0 && options.minP <= 1.0))
        throw Error("Min-p has to be from 0 to 1.", "0 keeps all tokens; 0.05 is usual.");
}

void penaliseRepetition(std::vector<float>& scores,
                        const std::vector<std::int64_t>& text,
                        double penalty)
{
    if (penalty == 1.0)
        return;
    const auto factor = static_cast<float>(penalty);
    for (const std::int64_t id : std::set<std::int64_t>(text.begin(), text.end())) {
        float& score = scores.at(static_cast<std::size_t>(id));
        score = score < 0.0f ? score * factor : score / factor;
    }
}

void processScores(std::vector<float>& scores,
                   const std::vector<std::int64_t>& text,
                   const SamplingOptions& options)
{
    penaliseRepetition(scores, text, options.repetitionPenalty);
    if (options.isGreedy)
        return;
    for (float& score : scores)
        score = static_cast<float>(score / options.temperature);
    cutTopK(scores, options.topK);
    cutTopP(scores, options.topP);
    cutMinP(scores, options.minP);
}

void checkScores(const at::Tensor& logits)
{
    // The largest is NaN where any is. Sorting needs an order, which NaN has not; an infinite one
    // would turn all weights into NaN.
    if (!std::isfinite(logits.max().item<float>()))
        throw Error("The model's scores for the next token are not numbers.",
                    "Its weights or its adapter are damaged, or a training ran off: try the model "
                    "without the adapter, or an earlier checkpoint.");
}

TokenChooser::TokenChooser(const SamplingOptions& options)
    : m_options(options)
    , m_random(options.seed, "generation")
{
    checkSampling(options);
}

std::int64_t TokenChooser::choose(const at::Tensor& logits, const std::vector<std::int64_t>& text)
{
    checkScores(logits);
    if (m_options.isGreedy && m_options.repetitionPenalty == 1.0)
        return logits.argmax().item<std::int64_t>();
    const at::Tensor row = logits.contiguous();
    const float* first = row.const_data_ptr<float>();
    std::vector<float> scores(first, first + row.numel());
    processScores(scores, text, m_options);
    if (m_options.isGreedy)
        return std::max_element(scores.begin(), scores.end()) - scores.begin();
    return sampled(scores, m_random);
}

} // namespace tw
