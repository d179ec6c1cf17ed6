// SPDX-License-Identifier: Apache-2.0
#include "core/model/gemm.h"

#ifdef TW_HAS_SGEMM

extern "C" void sgemm_(const char* transA,
                       const char* transB,
                       const int* m,
                       const int* n,
                       const int* k,
                       const float* alpha,
                       const float* a,
                       const int* lda,
                       const float* b,
                       const int* ldb,
                       const float* beta,
                       float* c,
                       const int* ldc);

namespace tw {

// The BLAS that LibTorch carries counts column by column: there C^T = B^T A^T is asked for.
void multiply(std::int64_t rows,
              std::int64_t columns,
              std::int64_t inner,
              MatrixView A,
              MatrixView B,
              float* C,
              std::int64_t strideC,
              bool adds)
{
    const int m = static_cast<int>(columns);
    const int n = static_cast<int>(rows);
    const int k = static_cast<int>(inner);
    const int strideA = static_cast<int>(A.stride);
    const int strideB = static_cast<int>(B.stride);
    const int stride = static_cast<int>(strideC);
    const float one = 1.0f;
    const float beta = adds ? 1.0f : 0.0f;
    sgemm_(B.isTransposed ? "T" : "N", A.isTransposed ? "T" : "N", &m, &n, &k, &one, B.data,
           &strideB, A.data, &strideA, &beta, C, &stride);
}

} // namespace tw

#else

#include <ATen/ATen.h>

namespace tw {
namespace {

at::Tensor tensorOf(const MatrixView& view, std::int64_t rows, std::int64_t columns)
{
    // from_blob asks for a pointer to non-const, but the product only reads.
    auto* data = const_cast<float*>(view.data);
    return view.isTransposed ? at::from_blob(data, {rows, columns}, {1, view.stride}, at::kFloat)
                             : at::from_blob(data, {rows, columns}, {view.stride, 1}, at::kFloat);
}

} // namespace

void multiply(std::int64_t rows,
              std::int64_t columns,
              std::int64_t inner,
              MatrixView A,
              MatrixView B,
              float* C,
              std::int64_t strideC,
              bool adds)
{
    const at::NoGradGuard noGradients;
    at::Tensor result = at::from_blob(C, {rows, columns}, {strideC, 1}, at::kFloat);
    at::addmm_out(result, result, tensorOf(A, rows, inner), tensorOf(B, inner, columns),
                  adds ? 1 : 0);
}

} // namespace tw

#endif
