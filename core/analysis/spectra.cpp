// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/spectra.h"

#include <cmath>
#include <numeric>

namespace tw {

double frobeniusNorm(const std::vector<double>& values)
{
    return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

double effectiveRank(const std::vector<double>& values)
{
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    if (sum <= 0.0)
        return 0.0;
    double entropy = 0.0;
    for (const double value : values) {
        const double share = value / sum;
        if (share > 0.0)
            entropy -= share * std::log(share);
    }
    return std::exp(entropy);
}

double stableRank(const std::vector<double>& values)
{
    if (values.empty() || values.front() <= 0.0)
        return 0.0;
    const double norm = frobeniusNorm(values);
    return norm * norm / (values.front() * values.front());
}

std::vector<double> singularValues(const at::Tensor& matrix)
{
    const at::NoGradGuard noGrad;
    return toNumbers(at::linalg_svdvals(matrix.to(at::kDouble)));
}

std::vector<double> lowRankValues(const at::Tensor& A, const at::Tensor& B, double scale)
{
    const at::NoGradGuard noGrad;
    const at::Tensor Ra = std::get<1>(at::linalg_qr(A.to(at::kDouble).t(), "r"));
    const at::Tensor Rb = std::get<1>(at::linalg_qr(B.to(at::kDouble), "r"));
    return singularValues(std::abs(scale) * Rb.matmul(Ra.t()));
}

std::vector<double> toNumbers(const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous().view(-1);
    const double* first = flat.const_data_ptr<double>();
    return {first, first + flat.numel()};
}

} // namespace tw
