// SPDX-License-Identifier: Apache-2.0
// How fast one training step is, against what the machine's matrix products allow.
//
//     bench_step [rows = 4] [tokens per row = 512] [steps = 5] [rank = 16]
//
// A model of SmolLM2-135M's shape with random weights, float32, LoRA on all seven linear sites of
// all layers; forward, loss and backward of random tokens. The floor counts every product once
// forward and once backward through frozen weights, attention over the pairs that causality leaves,
// the head forward and backward, at the speed of a large product measured before and after the
// steps. Prints tokens/s, share of the floor and peak memory. All speeds are per second of
// processor time and thread, so that what else runs on the machine counts little.

#include "core/base/allocator.h"
#include "core/base/waiting_threads.h"
#include "core/model/registry.h"
#include "core/objective/objective.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

using namespace tw;

namespace {

class LoraLike final : public WeightDelta
{
public:
    LoraLike(std::int64_t in, std::int64_t out, std::int64_t rank)
        : m_factors {(at::randn({rank, in}) * 0.02).requires_grad_(),
                     (at::randn({out, rank}) * 0.02).requires_grad_(), 2.0, 0.0}
    {
    }
    at::Tensor apply(const at::Tensor& x) const override
    {
        return x.matmul(m_factors.A.t()).matmul(m_factors.B.t()) * m_factors.scale;
    }
    at::Tensor matrix() const override
    {
        return m_factors.B.matmul(m_factors.A).detach() * m_factors.scale;
    }
    NamedTensors trainable() const override
    {
        return {{"lora_A", m_factors.A}, {"lora_B", m_factors.B}};
    }
    std::optional<LowRank> lowRank() const override { return m_factors; }

private:
    LowRank m_factors;
};

ModelConfig shape135M()
{
    ModelConfig config;
    config.family = "llama";
    config.architecture = "LlamaForCausalLM";
    config.vocabularySize = 49152;
    config.hiddenSize = 576;
    config.intermediateSize = 1536;
    config.layers = 30;
    config.heads = 9;
    config.kvHeads = 3;
    config.headSize = 64;
    config.contextLength = 8192;
    config.ropeTheta = 100000.0;
    config.tiesHead = true;
    return config;
}

std::unique_ptr<Model> randomModel(std::int64_t rank)
{
    ModelSource source;
    source.config = shape135M();
    source.family = modelFamilies().find("llama");
    std::map<std::string, at::Tensor> weights;
    for (const WeightInfo& info : source.weightInfos())
        weights[info.name] =
            info.shape.size() == 1 ? at::ones(info.shape) : at::randn(info.shape) * 0.02;
    HeldWeights held(weights);
    auto model = source.build(held);
    for (const SiteInfo& info : source.sites())
        if (info.isLinear && rank > 0)
            model->linear(info.site).deltas.push_back(
                std::make_shared<LoraLike>(info.in, info.out, rank));
    return model;
}

/// Processor time of all threads divided by their number: what the clock shows where nothing else
/// runs.
template <typename Work>
double secondsOf(Work work)
{
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / at::get_num_threads();
}

/// Best of a few products of the steps' own largest kind, GFLOP/s.
double productSpeed(std::int64_t tokens)
{
    const at::Tensor x = at::randn({tokens, 1536});
    const at::Tensor W = at::randn({1536, 1536});
    at::Tensor y = at::empty({tokens, 1536});
    double best = 1e9;
    for (int i = 0; i < 4; ++i)
        best = std::min(best, secondsOf([&] {
                            for (int j = 0; j < 10; ++j)
                                at::mm_out(y, x, W.t());
                        }));
    return 10 * 2e-9 * static_cast<double>(tokens) * 1536 * 1536 / best;
}

/// Operations of one step, in 1e9: 2 per weight and token forward, as many backward; the same for
/// the head; attention has 2 products forward and 5 backward over half of all pairs.
double stepWork(const ModelConfig& config, std::int64_t rows, std::int64_t length)
{
    const double tokens = static_cast<double>(rows * length);
    const double d = static_cast<double>(config.hiddenSize);
    const double perLayer = 2 * d * static_cast<double>(config.queryWidth() + config.keyWidth())
        + 3 * d * static_cast<double>(config.intermediateSize);
    const double weights = perLayer * static_cast<double>(config.layers)
        + d * static_cast<double>(config.vocabularySize);
    const double pairs = tokens * static_cast<double>(length + 1) / 2;
    const double attention =
        static_cast<double>(config.layers * config.queryWidth()) * pairs * 2 * 7;
    return (4 * weights * tokens + attention) * 1e-9;
}

/// Largest resident memory so far, GiB.
double peakMemory()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            return std::atof(line.c_str() + 6) / (1 << 20);
    return 0.0;
}

std::int64_t argument(int count, char** values, int index, std::int64_t otherwise)
{
    return index < count ? std::atoll(values[index]) : otherwise;
}

} // namespace

int main(int count, char** values)
{
    letWaitingThreadsSleep(values);
    tuneAllocator();
    const std::int64_t rows = argument(count, values, 1, 4);
    const std::int64_t length = argument(count, values, 2, 512);
    const std::int64_t steps = argument(count, values, 3, 5);
    const std::int64_t rank = argument(count, values, 4, 16);
    at::manual_seed(1);
    const auto model = randomModel(rank);
    PackedInput input {at::randint(49152, {rows * length}, at::kLong),
                       at::arange(length, at::kLong).repeat({rows}),
                       {}};
    for (std::int64_t row = 0; row <= rows; ++row)
        input.starts.push_back(row * length);
    const at::Tensor targets = at::randint(49152, {rows * length}, at::kLong);

    double speed = productSpeed(rows * length);
    std::vector<double> seconds;
    for (std::int64_t step = 0; step < steps; ++step) {
        double forward = 0.0;
        seconds.push_back(secondsOf([&] {
            at::Tensor hidden;
            forward = secondsOf([&] { hidden = model->hidden(input); });
            chunkedCrossEntropy(hidden, model->head(), targets).backward();
        }));
        std::printf("step %lld: %.2f s (blocks forward %.2f s)\n", static_cast<long long>(step),
                    seconds.back(), forward);
    }
    speed = std::max(speed, productSpeed(rows * length));
    const double best = *std::min_element(seconds.begin(), seconds.end());
    std::sort(seconds.begin(), seconds.end());
    const double tokens = static_cast<double>(rows * length);
    const double floor = stepWork(model->config(), rows, length) / speed;
    std::printf("%.0f tokens/s best, %.0f median; products run at %.0f GFLOP/s, so the floor is "
                "%.2f s and the best step "
                "reaches %.2f of it; peak memory %.2f GiB; %d threads\n",
                tokens / best, tokens / seconds[seconds.size() / 2], speed, floor, floor / best,
                peakMemory(), at::get_num_threads());
    return 0;
}
