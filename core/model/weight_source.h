// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/hooks.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace tw {

/// Hands a model its weights while it is built. What a model asks for is thereby said in one place,
/// its constructors: asked of Skeleton, it says which weights it needs.
class WeightSource
{
public:
    virtual ~WeightSource() = default;
    WeightSource() = default;
    WeightSource(const WeightSource&) = delete;
    WeightSource& operator=(const WeightSource&) = delete;

    /// float32, of the shape that is asked for. Throws Error.
    at::Tensor take(const std::string& name, const std::vector<std::int64_t>& shape);
    /// Whether take() would find it: for weights that some files leave out.
    virtual bool has(const std::string& name) const = 0;
    /// All that was taken, in that order.
    const NamedTensors& taken() const { return m_taken; }

protected:
    virtual at::Tensor read(const std::string& name, const std::vector<std::int64_t>& shape) = 0;

private:
    NamedTensors m_taken;
};

struct ModelSource;

/// Tensors that have a shape but no memory.
class Skeleton final : public WeightSource
{
public:
    /// source says which of the optional weights are there; it has to outlive this.
    explicit Skeleton(const ModelSource& source);
    bool has(const std::string& name) const override;

protected:
    at::Tensor read(const std::string& name, const std::vector<std::int64_t>& shape) override;

private:
    const ModelSource& m_source;
};

/// Tensors that are in memory already.
class HeldWeights final : public WeightSource
{
public:
    explicit HeldWeights(const std::map<std::string, at::Tensor>& weights); ///< outlives this
    bool has(const std::string& name) const override { return m_weights.contains(name); }

protected:
    at::Tensor read(const std::string& name, const std::vector<std::int64_t>& shape) override;

private:
    const std::map<std::string, at::Tensor>& m_weights;
};

} // namespace tw
