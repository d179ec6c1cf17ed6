// SPDX-License-Identifier: Apache-2.0
#include "core/model/kernels.h"

namespace tw {

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon)
{
    return x * at::rsqrt(x.square().mean(-1, true) + epsilon) * weight;
}

std::vector<at::Tensor> normedLinears(const at::Tensor& x,
                                      const at::Tensor& normWeight,
                                      double epsilon,
                                      const std::vector<const Linear*>& layers)
{
    const at::Tensor normed = rmsNorm(x, normWeight, epsilon);
    std::vector<at::Tensor> outputs;
    for (const Linear* layer : layers)
        outputs.push_back(layer->forward(normed));
    return outputs;
}

at::Tensor linearAdd(const at::Tensor& residual, const Linear& layer, const at::Tensor& x)
{
    return residual + layer.forward(x);
}

at::Tensor gatedDown(const at::Tensor& residual,
                     const Linear& down,
                     const at::Tensor& gate,
                     const at::Tensor& up)
{
    return residual + down.forward(at::silu(gate) * up);
}

} // namespace tw
