// SPDX-License-Identifier: Apache-2.0
#include "core/model/row_kernels.h"

#include "core/model/loops.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace tw {
namespace {

// Below this many numbers a second thread costs more than it brings (LibTorch's own grain size).
constexpr std::int64_t kGrain = 32768;

std::int64_t rowGrain(std::int64_t width)
{
    return std::max<std::int64_t>(1, kGrain / width);
}

} // namespace

std::pair<at::Tensor, at::Tensor>
normaliseRows(const at::Tensor& x, const at::Tensor& weight, double epsilon)
{
    const std::int64_t width = x.size(1);
    at::Tensor y = at::empty_like(x);
    at::Tensor factors = at::empty({x.size(0)}, x.options());
    const float* from = x.const_data_ptr<float>();
    const float* w = weight.const_data_ptr<float>();
    auto* to = y.mutable_data_ptr<float>();
    auto* factor = factors.mutable_data_ptr<float>();
    at::parallel_for(0, x.size(0), rowGrain(width), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            factor[row] = loops::normalise(from + row * width, w, static_cast<float>(epsilon),
                                           to + row * width, width);
    });
    return {y, factors};
}

void normaliseRowsBackward(const at::Tensor& x,
                           const at::Tensor& weight,
                           const at::Tensor& factors,
                           const at::Tensor& gradient)
{
    const std::int64_t width = x.size(1);
    const float* from = x.const_data_ptr<float>();
    const float* w = weight.const_data_ptr<float>();
    const float* factor = factors.const_data_ptr<float>();
    auto* g = gradient.mutable_data_ptr<float>();
    at::parallel_for(0, x.size(0), rowGrain(width), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            loops::normaliseBackward(from + row * width, w, factor[row], g + row * width, width);
    });
}

at::Tensor gateRows(const at::Tensor& gate, const at::Tensor& up)
{
    at::Tensor y = at::empty_like(gate);
    const float* g = gate.const_data_ptr<float>();
    const float* u = up.const_data_ptr<float>();
    auto* to = y.mutable_data_ptr<float>();
    at::parallel_for(0, gate.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        loops::gatedSilu(g + begin, u + begin, to + begin, end - begin);
    });
    return y;
}

std::pair<at::Tensor, at::Tensor>
gateRowsBackward(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& gradient)
{
    at::Tensor dGate = at::empty_like(gate);
    at::Tensor dUp = at::empty_like(up);
    const float* g = gate.const_data_ptr<float>();
    const float* u = up.const_data_ptr<float>();
    const float* dy = gradient.const_data_ptr<float>();
    auto* toGate = dGate.mutable_data_ptr<float>();
    auto* toUp = dUp.mutable_data_ptr<float>();
    at::parallel_for(0, gate.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        loops::gatedSiluBackward(g + begin, u + begin, dy + begin, toGate + begin, toUp + begin,
                                 end - begin);
    });
    return {dGate, dUp};
}

at::Tensor dropRows(const at::Tensor& x, double drop, std::uint64_t seed)
{
    at::Tensor y = at::empty_like(x);
    const float* from = x.const_data_ptr<float>();
    auto* to = y.mutable_data_ptr<float>();
    at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        loops::drop(from + begin, begin, static_cast<float>(drop), seed, to + begin, end - begin);
    });
    return y;
}

} // namespace tw
