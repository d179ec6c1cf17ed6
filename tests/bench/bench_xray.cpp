// SPDX-License-Identifier: Apache-2.0
// The X-ray of an adapter by the cached low-rank route against two full decompositions a matrix:
//     bench_xray MODEL ADAPTER
// Both routes are those of the program, from reading the weights to the finished figures; the
// base's decompositions are in the cache when the quick one is timed, hashing and reading them
// counts.
#include "core/analysis/xray.h"
#include "core/base/allocator.h"
#include "core/base/error.h"
#include "core/base/waiting_threads.h"
#include "core/model/model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>

namespace {

using namespace tw;

constexpr std::size_t kLeading = 10; // the k of the published script

double seconds(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Two decompositions in float32 a matrix, one after the other, as the published script does.
void decomposeAll(const std::string& model)
{
    const ModelSource source = openModelSource(model);
    for (const SiteInfo& info : source.sites()) {
        if (!info.isLinear || info.site.layer < 0)
            continue;
        const at::Tensor W = source.weight(info.module + ".weight");
        at::linalg_svd(W, false);
        at::linalg_svd(W * 1.01, false);
    }
}

void compareCounts(const XrayResult& quick, const XrayResult& plain)
{
    for (const double epsilon : {0.3, 0.5, 0.7}) {
        std::int64_t quickCount = 0;
        std::int64_t plainCount = 0;
        int different = 0;
        for (std::size_t i = 0; i < plain.cells.size(); ++i) {
            quickCount += quick.cells[i].intruders(epsilon);
            plainCount += plain.cells[i].intruders(epsilon);
            different +=
                quick.cells[i].intruders(epsilon) == plain.cells[i].intruders(epsilon) ? 0 : 1;
        }
        std::printf("intruders below %.1f: %lld quick, %lld plain; %d of %zu matrices differ\n",
                    epsilon, static_cast<long long>(quickCount), static_cast<long long>(plainCount),
                    different, plain.cells.size());
    }
    double worst = 0.0;
    for (std::size_t i = 0; i < plain.cells.size(); ++i)
        for (std::size_t j = 0; j < std::min(kLeading, plain.cells[i].bestMatch.size()); ++j)
            worst = std::max(worst,
                             std::abs(quick.cells[i].bestMatch[j] - plain.cells[i].bestMatch[j]));
    std::printf("largest difference of a best match: %.1e\n", worst);
}

void run(const std::string& model, const std::string& adapter)
{
    const at::NoGradGuard noGrad;
    const std::filesystem::path cache = std::filesystem::temp_directory_path() / "bench_xray_cache";
    std::filesystem::remove_all(cache);
    const ModelRef base {model, {}};
    const ModelRef tuned {model, adapter};
    XrayOptions options;
    options.k = kLeading;
    XrayResult quick;
    XrayResult plain;
    const auto quickly = [&] {
        JobControl control;
        quick = xray(base, tuned, options, cache, control);
    };
    const double filling = seconds(quickly);
    double quickest = seconds(quickly);
    options.plain = true;
    const double plainTime = seconds([&] {
        JobControl control;
        plain = xray(base, tuned, options, {}, control);
    });
    const double published = seconds([&] { decomposeAll(model); });
    options.plain = false;
    quickest = std::min(quickest, seconds(quickly));
    std::filesystem::remove_all(cache);
    std::printf(
        "%zu matrices: low-rank route %.2f s (base cached; the first time %.2f s), two float64 "
        "decompositions %.2f s (%.1f times), two float32 decompositions alone %.2f s (%.1f "
        "times)\n",
        plain.cells.size(), quickest, filling, plainTime, plainTime / quickest, published,
        published / quickest);
    compareCounts(quick, plain);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::cerr << "bench_xray MODEL ADAPTER\n";
        return 2;
    }
    letWaitingThreadsSleep(argv);
    tuneAllocator(); // as the programs do
    try {
        run(argv[1], argv[2]);
        return 0;
    } catch (const tw::Error& error) {
        std::cerr << error.what() << ' ' << error.hint() << '\n';
        return 1;
    }
}
