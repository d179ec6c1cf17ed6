// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lokr_delta.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace tw {
namespace {

using Sizes = std::pair<std::int64_t, std::int64_t>;

/// dimension as a product of two, the smaller one first: by factor where that divides it, else the
/// two that lie closest together with the first at most factor (-1: no limit).
Sizes split(std::int64_t dimension, std::int64_t factor)
{
    if (factor > 0 && dimension % factor == 0)
        return {factor, dimension / factor};
    const std::int64_t most = factor == -1 ? dimension : factor;
    Sizes best {1, dimension};
    for (std::int64_t first = 2; first <= most && first * first <= dimension; ++first)
        if (dimension % first == 0)
            best = {first, dimension / first};
    return best;
}

void addNamed(const std::string& name, const KroneckerFactor& factor, NamedTensors& all)
{
    if (factor.parts.size() == 1) {
        all.emplace_back(name, factor.parts[0]);
        return;
    }
    all.emplace_back(name + "_a", factor.parts[0]);
    all.emplace_back(name + "_b", factor.parts[1]);
}

} // namespace

std::int64_t LokrSizes::count(std::int64_t rank) const
{
    return isWhole ? rows * columns : rank * (rows + columns);
}

LokrSplit lokrSplit(std::int64_t out, std::int64_t in, const LokrRule& rule)
{
    const auto [outFirst, outSecond] = split(out, rule.factor);
    const auto [inFirst, inSecond] = split(in, rule.factor);
    // Factors that are not much smaller than their product are not worth it.
    const auto isWhole = [&rule](std::int64_t rows, std::int64_t columns) {
        return 2 * rule.rank >= std::max(rows, columns);
    };
    return {{outFirst, inFirst, !rule.decomposesBoth || isWhole(outFirst, inFirst)},
            {outSecond, inSecond, isWhole(outSecond, inSecond)}};
}

at::Tensor KroneckerFactor::matrix() const
{
    return parts.size() == 1 ? parts[0] : parts[0].matmul(parts[1]);
}

LokrDelta::LokrDelta(KroneckerFactor first,
                     KroneckerFactor second,
                     double scale,
                     LycorisDropout dropout)
    : m_first(std::move(first))
    , m_second(std::move(second))
    , m_scale(scale)
    , m_dropout(dropout)
{
    for (const KroneckerFactor* factor : {&m_first, &m_second})
        for (const at::Tensor& part : factor->parts)
            part.requires_grad_();
}

at::Tensor LokrDelta::apply(const at::Tensor& x) const
{
    const at::Tensor W1 = m_first.matrix();
    const at::Tensor W2 = m_second.matrix();
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = W1.size(0) * W2.size(0);
    const at::Tensor parts = x.reshape({-1, W1.size(1), W2.size(1)});
    return m_dropout.of(W1.matmul(parts.matmul(W2.t())).reshape(shape) * m_scale);
}

at::Tensor LokrDelta::matrix() const
{
    return at::kron(m_first.matrix(), m_second.matrix()) * m_scale;
}

NamedTensors LokrDelta::trainable() const
{
    NamedTensors all;
    addNamed("lokr_w1", m_first, all);
    addNamed("lokr_w2", m_second, all);
    return all;
}

} // namespace tw
