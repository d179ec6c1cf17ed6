// SPDX-License-Identifier: Apache-2.0
#include "core/model/activation.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

#include <map>

namespace tw {
namespace {

at::Tensor exactGelu(const at::Tensor& x)
{
    return at::gelu(x);
}

at::Tensor tanhGelu(const at::Tensor& x)
{
    return at::gelu(x, "tanh");
}

at::Tensor quickGelu(const at::Tensor& x)
{
    return x * at::sigmoid(1.702 * x);
}

at::Tensor silu(const at::Tensor& x)
{
    return at::silu(x);
}

at::Tensor relu(const at::Tensor& x)
{
    return at::relu(x);
}

at::Tensor squaredRelu(const at::Tensor& x)
{
    return at::relu(x).square();
}

at::Tensor tangent(const at::Tensor& x)
{
    return at::tanh(x);
}

} // namespace

Activation activationFrom(const std::string& name)
{
    static const std::map<std::string, Activation> kActivations {
        {"gelu", exactGelu},       {"gelu_python", exactGelu},
        {"gelu_new", tanhGelu},    {"gelu_pytorch_tanh", tanhGelu},
        {"gelu_fast", tanhGelu},   {"gelu_accurate", tanhGelu},
        {"quick_gelu", quickGelu}, {"silu", silu},
        {"swish", silu},           {"relu", relu},
        {"relu2", squaredRelu},    {"tanh", tangent}};
    if (const auto it = kActivations.find(name); it != kActivations.end())
        return it->second;
    std::string known;
    for (const auto& [id, function] : kActivations)
        known += (known.empty() ? "" : ", ") + id;
    throw Error("its activation \"" + name + "\" is not supported.",
                "Supported are " + known + ". Choose another model.");
}

} // namespace tw
