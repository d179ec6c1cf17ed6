// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lora_start.h"

#include "core/adaptation/loftq.h"
#include "core/adaptation/start_values.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {
namespace {

at::Tensor normals(std::int64_t rows, std::int64_t columns, double deviation, RandomStream& random)
{
    return normalValues({rows, columns}, deviation, random);
}

at::Tensor zeroB(const LoraStartRequest& request)
{
    return at::zeros({request.weight.size(0), request.rank}, at::kFloat);
}

LoraFactors uniform(const LoraStartRequest& request)
{
    return {kaimingUniform(request.rank, request.weight.size(1), request.random), zeroB(request)};
}

LoraFactors gaussian(const LoraStartRequest& request)
{
    const double deviation = 1.0 / static_cast<double>(request.rank);
    return {normals(request.rank, request.weight.size(1), deviation, request.random),
            zeroB(request)};
}

/// Rows of one half of a random orthogonal matrix for A, of the other for B: B A = 0 although
/// neither is 0. Both are divided by 10 as in PEFT.
LoraFactors orthogonal(const LoraStartRequest& request)
{
    const std::int64_t half = request.rank / 2;
    const auto [Q, R] = at::linalg_qr(normals(request.rank, request.rank, 1.0, request.random));
    const at::Tensor even = Q.slice(0, 0, request.rank, 2); // [half, rank]
    const at::Tensor odd = Q.slice(0, 1, request.rank, 2);
    const at::Tensor left = normals(request.weight.size(1), half, 0.1, request.random);
    const at::Tensor right = normals(request.weight.size(0), half, 0.1, request.random);
    return {left.matmul(even).t().contiguous(), right.matmul(odd)};
}

/// A and B from the largest singular values of U diag(S) Vh.
LoraFactors
balanced(const at::Tensor& U, const at::Tensor& S, const at::Tensor& Vh, std::int64_t rank)
{
    const at::Tensor root = S.narrow(0, 0, rank).sqrt();
    return {(root.unsqueeze(1) * Vh.narrow(0, 0, rank)).contiguous(),
            (U.narrow(1, 0, rank) * root).contiguous()};
}

LoraFactors pissa(const LoraStartRequest& request)
{
    return request.options.pissaIterations > 0
        ? quickPissaStart(request, request.options.pissaIterations)
        : pissaStart(request.weight, request.rank, request.scale);
}

LoraFactors olora(const LoraStartRequest& request)
{
    return oloraStart(request.weight, request.rank);
}

LoraFactors loftq(const LoraStartRequest& request)
{
    return loftqStart(request.weight, request.rank,
                      request.options.loftqBits == "4" ? roundedToNf4 : roundedToInt8,
                      request.options.loftqIterations);
}

} // namespace

LoraFactors pissaStart(const at::Tensor& weight, std::int64_t rank, double scale)
{
    const at::NoGradGuard noGrad;
    const auto [U, S, Vh] = at::linalg_svd(weight, false);
    return balanced(U, S / scale, Vh, rank);
}

LoraFactors quickPissaStart(const LoraStartRequest& request, std::int64_t iterations)
{
    const at::NoGradGuard noGrad;
    const at::Tensor& W = request.weight;
    const auto spanned = [](const at::Tensor& columns) {
        return std::get<0>(at::linalg_qr(columns));
    };
    at::Tensor Q = spanned(W.matmul(normals(W.size(1), request.rank, 1.0, request.random)));
    for (std::int64_t i = 0; i < iterations; ++i)
        Q = spanned(W.matmul(spanned(W.t().matmul(Q))));
    const auto [U, S, Vh] = at::linalg_svd(Q.t().matmul(W), false);
    return balanced(Q.matmul(U), S / request.scale, Vh, request.rank);
}

LoraFactors oloraStart(const at::Tensor& weight, std::int64_t rank)
{
    const at::NoGradGuard noGrad;
    const auto [Q, R] = at::linalg_qr(weight);
    return {R.narrow(0, 0, rank).contiguous(), Q.narrow(1, 0, rank).contiguous()};
}

const std::vector<LoraStart>& loraStarts()
{
    // EVA's directions are found for all layers together; where there are no data to find them on,
    // it begins as the default does.
    static const std::vector<LoraStart> kStarts {
        {"default", QT_TRANSLATE_NOOP("lora", "Uniform, as PEFT"), false, uniform},
        {"gaussian", QT_TRANSLATE_NOOP("lora", "Normal with deviation 1 / rank"), false, gaussian},
        {"orthogonal", QT_TRANSLATE_NOOP("lora", "Orthogonal, with A and B both not 0"), false,
         orthogonal},
        {"pissa", QT_TRANSLATE_NOOP("lora", "Main directions of the weights (PiSSA)"), true, pissa},
        {"olora", QT_TRANSLATE_NOOP("lora", "Orthogonal basis of the weights (OLoRA)"), true,
         olora},
        {"loftq", QT_TRANSLATE_NOOP("lora", "What rounding the weights loses (LoftQ)"), true,
         loftq},
        {"eva", QT_TRANSLATE_NOOP("lora", "Main directions of the layer's inputs (EVA)"), false,
         uniform},
    };
    return kStarts;
}

const LoraStart& loraStart(const std::string& id)
{
    for (const LoraStart& start : loraStarts())
        if (start.id == id)
            return start;
    throw Error("LoRA has no start values called " + id + ".",
                "tunewright-cli describe adaptation lora lists those that it has.");
}

} // namespace tw
