// SPDX-License-Identifier: Apache-2.0
#include "core/model/kernels.h"

#include "core/model/linear_group.h"
#include "core/model/row_kernels.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace tw {
namespace {

class RmsNormFunction final : public torch::autograd::Function<RmsNormFunction>
{
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context,
                              const at::Tensor& x,
                              const at::Tensor& weight,
                              double epsilon)
    {
        auto [y, factors] = normaliseRows(x, weight, epsilon);
        context->save_for_backward({x, weight, factors});
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        at::Tensor dWeight;
        if (context->needs_input_grad(1))
            dWeight = (gradients[0] * saved[0] * saved[2].unsqueeze(1)).sum(0);
        at::Tensor dx;
        if (context->needs_input_grad(0)) {
            dx = gradients[0].clone(at::MemoryFormat::Contiguous);
            normaliseRowsBackward(saved[0], saved[1], saved[2], dx);
        }
        return {dx, dWeight, {}};
    }
};

class GateFunction final : public torch::autograd::Function<GateFunction>
{
public:
    static at::Tensor
    forward(torch::autograd::AutogradContext* context, const at::Tensor& gate, const at::Tensor& up)
    {
        context->save_for_backward({gate, up});
        return gateRows(gate, up);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        auto [dGate, dUp] = gateRowsBackward(saved[0], saved[1], gradients[0].contiguous());
        return {dGate, dUp};
    }
};

bool canFoldAll(const std::vector<const Linear*>& layers)
{
    return std::all_of(layers.begin(), layers.end(),
                       [](const Linear* layer) { return canFold(*layer); });
}

} // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon)
{
    return RmsNormFunction::apply(x.contiguous(), weight.contiguous(), epsilon);
}

std::vector<at::Tensor> linears(const at::Tensor& x, const std::vector<const Linear*>& layers)
{
    if (canFoldAll(layers))
        return linearGroup({GroupInput::Kind::Plain, x, {}, 0.0}, layers);
    std::vector<at::Tensor> outputs;
    for (const Linear* layer : layers)
        outputs.push_back(layer->forward(x));
    return outputs;
}

std::vector<at::Tensor> normedLinears(const at::Tensor& x,
                                      const at::Tensor& normWeight,
                                      double epsilon,
                                      const std::vector<const Linear*>& layers)
{
    if (canFoldAll(layers))
        return linearGroup({GroupInput::Kind::Normed, x, normWeight, epsilon}, layers);
    return linears(rmsNorm(x, normWeight, epsilon), layers);
}

at::Tensor linearAdd(const at::Tensor& residual, const Linear& layer, const at::Tensor& x)
{
    if (canFold(layer))
        return linearGroup({GroupInput::Kind::Plain, x, {}, 0.0}, {&layer}, residual).front();
    return residual + layer.forward(x);
}

at::Tensor gatedDown(const at::Tensor& residual,
                     const Linear& down,
                     const at::Tensor& gate,
                     const at::Tensor& up)
{
    if (canFold(down))
        return linearGroup({GroupInput::Kind::Gated, gate, up, 0.0}, {&down}, residual).front();
    return residual + down.forward(GateFunction::apply(gate.contiguous(), up.contiguous()));
}

} // namespace tw
