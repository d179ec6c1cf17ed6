// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/base/param.h"
#include "core/base/registry.h"
#include "core/model/hooks.h"
#include "core/tensorfile/tensor_file.h"

#include <functional>
#include <memory>
#include <vector>

namespace tw {

/// Moves parameters along their gradients. Holds the parameters it was made with.
class Optimizer
{
public:
    virtual ~Optimizer() = default;

    /// How each parameter is treated, in their order; before this all are alike.
    virtual void treat(const std::vector<Treatment>& each) = 0;
    /// One update from the parameters' gradients; a parameter without one stays as it is.
    virtual void step(double learningRate) = 0;
    /// What the schedule's factor is multiplied with.
    virtual double learningRate() const = 0;
    /// The gradient's norm is cut to this before a step; 0: it is not.
    virtual double largestGradientNorm() const = 0;
    /// All that a resumed run needs, for a checkpoint.
    virtual NamedTensors state() const = 0;
    /// Takes over what state() gave. Throws Error where it belongs to other parameters.
    virtual void restore(const TensorFile& stored) = 0;
};

/// An optimiser as a plug-in.
struct OptimizerMethod
{
    std::string id;
    std::string title;
    std::string summary;
    std::vector<ParamSpec> params;
    std::function<std::unique_ptr<Optimizer>(const NamedTensors& parameters, const ParamValues&)>
        make;
    /// Bytes of state per trained scalar, for the memory plan.
    double stateBytesPerScalar = 0.0;
};

/// All optimisers, filled at first use.
const Registry<OptimizerMethod>& optimizers();

} // namespace tw
