// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/xray.h"

#include "core/adaptation/task_head.h"
#include "core/analysis/decomposition_cache.h"
#include "core/analysis/intruders.h"
#include "core/analysis/spectra.h"
#include "core/analysis/stored_deltas.h"
#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

namespace tw {
namespace {

constexpr std::int64_t kSmallSide = 1024; // of a matrix; its square in float64 takes 8 MB
constexpr std::size_t kMostChangeValues = 128; // of a change of full rank; a drawing shows no more

MatchOptions matchOptions(const XrayOptions& options)
{
    MatchOptions wanted;
    wanted.vectors = options.k + 10;
    wanted.values = std::max(wanted.values, wanted.vectors);
    return wanted;
}

XrayCell cellOf(const at::Tensor& W0, std::vector<double> change, VectorMatch match)
{
    XrayCell cell;
    cell.rows = W0.size(0);
    cell.columns = W0.size(1);
    cell.baseNorm = W0.to(at::kDouble).norm().item<double>();
    cell.changeNorm = frobeniusNorm(change);
    cell.effectiveRank = effectiveRank(change);
    cell.stableRank = stableRank(change);
    change.resize(std::min(change.size(), kMostChangeValues));
    cell.changeValues = std::move(change);
    cell.tunedValues = std::move(match.tunedValues);
    cell.baseValues = std::move(match.baseValues);
    cell.bestMatch = std::move(match.best);
    cell.bestMatchIndex = std::move(match.bestIndex);
    cell.tiedMatch = std::move(match.tied);
    cell.similarity = std::move(match.corner);
    cell.similaritySize = match.cornerSize;
    return cell;
}

/// One side of the comparison.
struct Side
{
    ModelSource source;
    std::optional<StoredDeltas> adapter;

    explicit Side(const ModelRef& ref)
        : source(openModelFor(ref.model,
                              ref.adapter.empty() ? std::vector<std::string>()
                                                  : std::vector<std::string> {ref.adapter}))
    {
        if (!ref.furtherAdapters.empty())
            throw Error("The X-ray looks at one adapter at a time; "
                            + std::to_string(ref.furtherAdapters.size() + 1) + " are laid over "
                            + ref.model + ".",
                        "Merge them into one, or look at each by itself.");
        if (!ref.adapter.empty())
            adapter.emplace(source, ref.adapter);
    }
    std::shared_ptr<const LinearChange> delta(Site site) const
    {
        return adapter ? adapter->at(site) : nullptr;
    }
};

/// B_t A_t - B_0 A_0 as one product; nothing where a change is not of low rank.
std::optional<LowRank> difference(const LinearChange* tuned, const LinearChange* base)
{
    std::vector<at::Tensor> A;
    std::vector<at::Tensor> B;
    for (const auto& [delta, sign] : {std::pair {tuned, 1.0}, std::pair {base, -1.0}}) {
        if (delta == nullptr)
            continue;
        const std::optional<LowRank> factors = delta->lowRank();
        if (!factors)
            return std::nullopt;
        A.push_back(factors->A.detach().to(at::kDouble));
        B.push_back(factors->B.detach().to(at::kDouble) * (sign * factors->scale));
    }
    return LowRank {at::cat(A, 0), at::cat(B, 1), 1.0, 0.0};
}

at::Tensor withDelta(const at::Tensor& weight, const LinearChange* delta)
{
    const at::NoGradGuard noGradients;
    return delta == nullptr ? weight : delta->merged({weight, {}}, {weight, {}}).weight;
}

XrayCell compareSite(const SiteInfo& info,
                     const Side& base,
                     const Side& tuned,
                     bool haveSameWeights,
                     const XrayOptions& options,
                     const std::filesystem::path& cacheFolder)
{
    const std::string name = info.module + ".weight";
    const auto baseDelta = base.delta(info.site);
    const auto tunedDelta = tuned.delta(info.site);
    const at::Tensor W0 = withDelta(base.source.weight(name), baseDelta.get());
    if (haveSameWeights && !options.plain)
        if (const auto change = difference(tunedDelta.get(), baseDelta.get()))
            return xrayMatrix(W0, *change, options, cacheFolder);
    const at::Tensor W1 = haveSameWeights ? base.source.weight(name) : tuned.source.weight(name);
    return xrayMatrix(W0, withDelta(W1, tunedDelta.get()), options, cacheFolder);
}

void checkMatch(const std::vector<SiteInfo>& base,
                const std::vector<SiteInfo>& tuned,
                const ModelRef& ref)
{
    const bool isSame = std::equal(base.begin(), base.end(), tuned.begin(), tuned.end(),
                                   [](const SiteInfo& a, const SiteInfo& b) {
                                       return a.site == b.site && a.in == b.in && a.out == b.out;
                                   });
    if (!isSame)
        throw Error(ref.model + " has other matrices than the model it is compared with: "
                        + std::to_string(tuned.size()) + " against " + std::to_string(base.size())
                        + ", or other shapes.",
                    "Compare two checkpoints of the same model.");
}

std::vector<SiteInfo> comparedSites(const Side& base, const Side& tuned, bool haveSameWeights)
{
    std::vector<SiteInfo> sites;
    for (const SiteInfo& info : base.source.sites())
        if (info.isLinear && info.site.layer >= 0
            && (!haveSameWeights || base.delta(info.site) || tuned.delta(info.site)))
            sites.push_back(info);
    return sites;
}

std::vector<std::string> gridRows(const std::vector<SiteInfo>& sites)
{
    std::vector<std::string> rows;
    for (const SiteKind kind : linearSites())
        if (std::any_of(sites.begin(), sites.end(),
                        [&](const SiteInfo& info) { return info.site.kind == kind; }))
            rows.emplace_back(siteId(kind));
    return rows;
}

/// How many matrices are compared at a time. The steps of a small one are too short to be shared
/// among threads; a large one takes all of them and much memory. The plain route keeps the form in
/// which it was published.
std::int64_t matricesAtATime(const std::vector<SiteInfo>& sites, const XrayOptions& options)
{
    const bool areSmall = std::all_of(sites.begin(), sites.end(), [](const SiteInfo& info) {
        return std::min(info.in, info.out) <= kSmallSide;
    });
    return areSmall && !options.plain ? at::get_num_threads() : 1;
}

/// Calls work(place) for every matrix, in no particular order. What one of them throws ends the
/// others at their next matrix.
void forEachMatrix(const std::vector<SiteInfo>& sites,
                   const XrayOptions& options,
                   JobControl& control,
                   const std::function<void(std::size_t)>& work)
{
    const auto total = static_cast<std::int64_t>(sites.size());
    std::atomic<std::int64_t> next = 0;
    std::mutex counting;
    std::int64_t done = 0;
    control.report("comparing", 0, total);
    at::parallel_for(0, matricesAtATime(sites, options), 1, [&](std::int64_t, std::int64_t) {
        try {
            for (std::int64_t i = next++; i < total; i = next++) {
                control.throwIfCancelled();
                work(static_cast<std::size_t>(i));
                const std::lock_guard lock(counting);
                control.report("comparing", ++done, total);
            }
        } catch (...) {
            next = total;
            throw;
        }
    });
}

} // namespace

XrayCell xrayMatrix(const at::Tensor& W0,
                    const LowRank& delta,
                    const XrayOptions& options,
                    const std::filesystem::path& cacheFolder)
{
    const at::NoGradGuard noGrad;
    const at::Tensor A = delta.A.detach().to(at::kDouble);
    const at::Tensor B = delta.B.detach().to(at::kDouble) * delta.scale;
    std::vector<double> change = lowRankValues(A, B, 1.0);
    if (options.plain)
        return cellOf(W0, std::move(change),
                      matchPlain(W0, W0 + B.matmul(A), matchOptions(options)));
    const Decomposition base = DecompositionCache(cacheFolder).get(W0);
    return cellOf(W0, std::move(change), matchLowRank(base, W0, A, B, matchOptions(options)));
}

XrayCell xrayMatrix(const at::Tensor& W0,
                    const at::Tensor& W,
                    const XrayOptions& options,
                    const std::filesystem::path& cacheFolder)
{
    const at::NoGradGuard noGrad;
    const at::Tensor exact = W0.to(at::kDouble);
    std::vector<double> change = singularValues(W.to(at::kDouble) - exact);
    if (options.plain)
        return cellOf(W0, std::move(change), matchPlain(exact, W, matchOptions(options)));
    const Decomposition base = DecompositionCache(cacheFolder).get(W0);
    return cellOf(W0, std::move(change), matchDense(base, W0, W, matchOptions(options)));
}

XrayResult xray(const ModelRef& base,
                const ModelRef& tuned,
                const XrayOptions& options,
                const std::filesystem::path& cacheFolder,
                JobControl& control)
{
    const auto start = std::chrono::steady_clock::now();
    const Side baseSide(base);
    const Side tunedSide(tuned);
    const bool haveSameWeights = base.model == tuned.model;
    checkMatch(baseSide.source.sites(), tunedSide.source.sites(), tuned);
    const std::vector<SiteInfo> sites = comparedSites(baseSide, tunedSide, haveSameWeights);
    if (sites.empty())
        throw Error(
            "There is nothing to compare: both sides are the same model without an adapter.",
            "Choose an adapter or another checkpoint as B.");

    XrayResult result;
    result.base = base;
    result.tuned = tuned;
    result.options = options;
    result.layers = baseSide.source.config.layers;
    result.sites = gridRows(sites);
    result.cells.resize(sites.size());
    forEachMatrix(sites, options, control, [&](std::size_t i) {
        XrayCell& cell = result.cells[i];
        cell = compareSite(sites[i], baseSide, tunedSide, haveSameWeights, options, cacheFolder);
        cell.site = siteId(sites[i].site.kind);
        cell.layer = sites[i].site.layer;
    });
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

} // namespace tw
