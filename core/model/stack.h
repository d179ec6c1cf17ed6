// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/kernels.h"
#include "core/model/kv_cache.h"
#include "core/model/module_names.h"
#include "core/model/norm.h"
#include "core/model/virtual_rows.h"

#include <map>
#include <memory>
#include <optional>

namespace tw {

/// What the blocks of a stack need besides the hidden states, for one packed batch. T: its tokens.
struct StackInput
{
    at::Tensor positions; ///< int64 [T]; may be undefined where the stack turns nothing
    std::vector<std::int64_t> starts; ///< rows + 1
    ScoreBias bias; ///< of every layer's own attention; may be empty
    at::Tensor encoded; ///< states that cross-attention reads [S, hidden of the encoder]
    std::vector<std::int64_t> encodedStarts; ///< its rows, as many as there are here
    const VirtualRows* virtualRows = nullptr; ///< whose prefix every layer finds; may be nullptr
    Sight sight = {}; ///< of every layer's own attention
};

/// Blocks of attention and MLP, one after the other, with the options of a ModelConfig: what all
/// families share. What stands before and behind them is the model's.
class Stack
{
public:
    /// Cross-attention is there where names has it; it reads states of crossWidth numbers.
    Stack(const ModelConfig& config,
          const ModuleNames& names,
          WeightSource& weights,
          std::int64_t crossWidth = 0);
    Stack(Stack&&) = default;

    /// x: [T, hidden] -> [T, hidden], after the final norm where there is one.
    at::Tensor forward(const at::Tensor& x, const StackInput& input) const;
    /// Reads each row behind what its cache holds: x [T, hidden] -> [T, hidden]. No gradient.
    /// Cross-attention reads what readEncoded() put into the caches.
    at::Tensor forwardCached(const at::Tensor& x,
                             const StackInput& input,
                             const std::vector<LayeredCache*>& caches) const;

    /// Puts the keys and values of cross-attention over the states [S, crossWidth] into the cache.
    void readEncoded(const at::Tensor& encoded, LayeredCache& cache) const;

    const std::vector<SiteInfo>& sites() const { return m_sites; }
    /// nullptr where the stack has no linear layer there.
    const Linear* find(Site site) const;
    /// Changes of what a part gives; nullptr where the stack has no such place.
    HiddenChanges* changesAt(const SiteInfo& place);

private:
    struct Block
    {
        std::map<SiteKind, Linear> linears;
        std::map<SiteKind, Norm> norms;
        std::map<SiteKind, at::Tensor> scales; ///< [hidden]
        std::map<SiteKind, HiddenChanges> changes; ///< of each place that may have any

        const Linear& linear(SiteKind kind) const { return linears.at(kind); }
        const Norm& norm(SiteKind kind) const; ///< an undefined one where there is none
        /// What the norm gives, with the changes that sit there.
        at::Tensor normed(SiteKind kind, const at::Tensor& x) const;
        bool isChanged(SiteKind kind) const;
        at::Tensor
        changed(SiteKind kind, const at::Tensor& output, const PartStates& part = {}) const;
        at::Tensor scaled(const at::Tensor& x, SiteKind kind) const; ///< x where there is none
        bool has(SiteKind kind) const { return linears.contains(kind); }
    };
    struct Tables;
    struct Heads; ///< queries, keys and values

    void addLinear(
        Block& block, SiteKind kind, std::int64_t in, std::int64_t out, WeightSource& weights);
    void addNorm(Block& block, SiteKind kind, std::int64_t width, WeightSource& weights);
    void addPlace(Block& block, SiteKind kind); ///< a site without a weight
    void addScale(Block& block, SiteKind kind, WeightSource& weights);
    void addAttention(Block& block, WeightSource& weights);
    void addCross(Block& block, WeightSource& weights);
    void addMlp(Block& block, WeightSource& weights);
    void takeRelative(WeightSource& weights);
    void takeBuckets(WeightSource& weights);
    Site site(SiteKind kind) const { return {kind, m_building}; }

    AttentionShape shapeOf(std::size_t layer) const;
    AttentionShape crossShape() const;
    ScoreOptions scoresOf(const Block& block, const Tables& tables, const StackInput& input) const;
    Tables tablesFor(const at::Tensor& positions) const;
    const RotaryTable& tableOf(std::size_t layer, const Tables& tables) const;
    /// Norm1 or Norm2 where it stands before its part, else an undefined one.
    const Norm& normBefore(const Block& block, SiteKind kind) const;
    /// What a part's first linear layers read.
    at::Tensor partInput(const Block& block, SiteKind norm, const at::Tensor& x) const;
    /// These layers behind the norm before the part.
    std::vector<at::Tensor> firstLayers(const Block& block,
                                        SiteKind norm,
                                        const at::Tensor& x,
                                        const std::vector<const Linear*>& layers) const;
    /// The sum of a part with what it is added to, and the norm behind it where there is one.
    at::Tensor behindSum(const Block& block, SiteKind norm, const at::Tensor& sum) const;
    Heads headsOf(const Block& block, const at::Tensor& x) const;
    /// headsOf() with the keys and values of a prefix in their places.
    Heads headsBehindPrefix(std::size_t layer,
                            const at::Tensor& x,
                            const Tables& tables,
                            const StackInput& input) const;
    Heads stacked(const at::Tensor& all) const; ///< of QkvLayout::Stacked
    Heads grouped(const at::Tensor& all) const;
    at::Tensor attended(std::size_t layer,
                        const Heads& heads,
                        const Tables& tables,
                        const StackInput& input) const;
    at::Tensor attendedCached(std::size_t layer,
                              const Heads& heads,
                              const Tables& tables,
                              const StackInput& input,
                              const std::vector<LayeredCache*>& caches) const;
    /// residual + what a part adds to it: layer(x), scaled, after its own norm and changes. `from`:
    /// what the part began with, before the norm in front of it.
    at::Tensor added(const Block& block,
                     const at::Tensor& residual,
                     SiteKind layer,
                     const at::Tensor& x,
                     const at::Tensor& from) const;
    at::Tensor withCross(const Block& block, const at::Tensor& x, const StackInput& input) const;
    at::Tensor withCrossCached(std::size_t layer,
                               const at::Tensor& x,
                               const StackInput& input,
                               const std::vector<LayeredCache*>& caches) const;
    at::Tensor
    withAttention(const Block& block, const at::Tensor& x, const at::Tensor& attended) const;
    at::Tensor withMlp(const Block& block, const at::Tensor& residual, const at::Tensor& x) const;
    at::Tensor behindFinalNorm(const at::Tensor& x) const;

    ModelConfig m_config;
    ModuleNames m_names;
    at::Tensor (*m_activation)(const at::Tensor&);
    std::vector<SiteInfo> m_sites;
    std::vector<Block> m_blocks;
    Norm m_finalNorm;
    HiddenChanges m_finalChanges; ///< of what the final norm gives
    at::Tensor m_relative; ///< of relative positions: vectors where these are disentangled, else
                           ///< numbers [buckets, heads]
    Norm m_relativeNorm;
    std::int64_t m_crossWidth;
    std::int32_t m_firstLayer = 0;
    std::int32_t m_building = 0; ///< the layer that the constructor is at
};

} // namespace tw
