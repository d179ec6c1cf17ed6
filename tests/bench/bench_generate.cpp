// SPDX-License-Identifier: Apache-2.0
// How fast a model writes, with each kind of weights, one text and several at once.
//
//     bench_generate MODEL [new tokens = 96] [tokens read before = 32] [rounds = 3]
//
// Greedy, to the limit. Prints tokens/s by the clock (the best of the rounds), and how much of the
// floor that is: every weight is read from memory once a token, at the speed at which a plain sum
// over them reads.

#include "core/base/waiting_threads.h"
#include "core/evaluation/generation.h"
#include "core/model/packed_matrix.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace tw;

namespace {

struct Kind
{
    const char* name;
    std::optional<PackedKind> kind;
    double bytesPerWeight;
};

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// GB/s of a sum over memory that no cache holds.
double readSpeed()
{
    const at::Tensor memory = at::ones({std::int64_t {1} << 28}); // 1 GiB
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const auto start = std::chrono::steady_clock::now();
        memory.sum();
        best = std::min(best, secondsSince(start));
    }
    return static_cast<double>(memory.nbytes()) * 1e-9 / best;
}

/// Numbers that every new token is multiplied with.
double weightsRead(Model& model)
{
    double count = 0.0;
    for (const SiteInfo& info : model.sites())
        if (info.isLinear || info.site.kind == SiteKind::Head)
            count += static_cast<double>(model.linear(info.site).weight.numel());
    return count;
}

double tokensPerSecond(const Model& model,
                       std::size_t texts,
                       const SamplingOptions& options,
                       std::int64_t length)
{
    at::manual_seed(3);
    std::vector<std::vector<std::int64_t>> prompts;
    for (std::size_t i = 0; i < texts; ++i) {
        const at::Tensor ids = at::randint(10, model.config().vocabularySize, {length}, at::kLong);
        prompts.emplace_back(ids.const_data_ptr<std::int64_t>(),
                             ids.const_data_ptr<std::int64_t>() + length);
    }
    JobControl control;
    return generateAll(model, prompts, options, {}, control).front().tokensPerSecond;
}

} // namespace

int main(int count, char** arguments)
{
    letWaitingThreadsSleep(arguments);
    if (count < 2) {
        std::fprintf(stderr, "bench_generate MODEL [new tokens] [tokens read before] [rounds]\n");
        return 2;
    }
    const auto number = [&](int place, std::int64_t otherwise) {
        return count > place ? std::atoll(arguments[place]) : otherwise;
    };
    SamplingOptions options;
    options.maxTokens = number(2, 96);
    const std::int64_t length = number(3, 32);
    JobControl control;
    const auto model = loadModel(openModelSource(arguments[1]), control);
    const double speed = readSpeed();
    const double weights = weightsRead(*model);
    std::printf("memory read at %.1f GB/s; %.0f million weights a token\n", speed, weights * 1e-6);
    for (const Kind& kind :
         {Kind {"float32", std::nullopt, 4.0}, Kind {"bfloat16", PackedKind::Bfloat16, 2.0},
          Kind {"int8", PackedKind::Int8, 1.0 + 4.0 / 64}}) {
        model->packWeights(kind.kind);
        for (const std::size_t texts : {std::size_t {1}, std::size_t {4}, std::size_t {8}}) {
            double best = 0.0;
            for (std::int64_t round = 0; round < number(4, 3); ++round)
                best = std::max(best, tokensPerSecond(*model, texts, options, length));
            const double floor =
                static_cast<double>(texts) * speed * 1e9 / (weights * kind.bytesPerWeight);
            std::printf("%-8s  %zu texts  %7.1f tokens/s  %.2f of the floor\n", kind.name, texts,
                        best, best / floor);
        }
    }
    return 0;
}
