// SPDX-License-Identifier: Apache-2.0
#include "core/model/loops.h"

#include "core/model/per_cpu.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace tw::loops {
namespace {

/// exp for every x, to 2 units in the last place; the polynomial is Cephes' expf (Moshier 1989). A
/// call of std::exp would keep the loops around it from being vectorised.
TW_INLINE float fastExp(float x)
{
    const float bounded =
        std::min(std::max(x, -87.3f), 88.3f); // where the result is a normal number
    const float scaled = bounded * 1.44269504f;
    const auto power = static_cast<std::int32_t>(scaled + (scaled < 0.0f ? -0.5f : 0.5f));
    const auto whole = static_cast<float>(power);
    const float r = (bounded - whole * 0.693359375f) - whole * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const float fraction = p * r * r + r + 1.0f;
    return fraction * std::bit_cast<float>((power + 127) << 23);
}

TW_INLINE float sigmoid(float x)
{
    return 1.0f / (1.0f + fastExp(-x));
}

/// lowbias32 (Wellons 2018): every bit of the argument moves about half of the result's.
TW_INLINE std::uint32_t hashed(std::uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

} // namespace

TW_PER_CPU float
normalise(const float* x, const float* weight, float epsilon, float* y, std::int64_t size)
{
    float squares = 0.0f;
#pragma omp simd reduction(+ : squares)
    for (std::int64_t i = 0; i < size; ++i)
        squares += x[i] * x[i];
    const float factor = 1.0f / std::sqrt(squares / static_cast<float>(size) + epsilon);
#pragma omp simd
    for (std::int64_t i = 0; i < size; ++i)
        y[i] = x[i] * factor * weight[i];
    return factor;
}

TW_PER_CPU void normaliseBackward(
    const float* x, const float* weight, float factor, float* gradient, std::int64_t size)
{
    float along = 0.0f; // how much of the gradient points along x
#pragma omp simd reduction(+ : along)
    for (std::int64_t i = 0; i < size; ++i)
        along += gradient[i] * weight[i] * x[i];
    const float shrink = along * factor * factor / static_cast<float>(size);
#pragma omp simd
    for (std::int64_t i = 0; i < size; ++i)
        gradient[i] = factor * (gradient[i] * weight[i] - shrink * x[i]);
}

TW_PER_CPU void gatedSilu(const float* gate, const float* up, float* y, std::int64_t size)
{
#pragma omp simd
    for (std::int64_t i = 0; i < size; ++i)
        y[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

TW_PER_CPU void gatedSiluBackward(const float* gate,
                                  const float* up,
                                  const float* gradient,
                                  float* dGate,
                                  float* dUp,
                                  std::int64_t size)
{
#pragma omp simd
    for (std::int64_t i = 0; i < size; ++i) {
        const float s = sigmoid(gate[i]);
        const float silu = gate[i] * s;
        dUp[i] = gradient[i] * silu;
        dGate[i] = gradient[i] * up[i] * (s + silu * (1.0f - s));
    }
}

TW_PER_CPU float softmax(float* scores, std::int64_t size)
{
    float most = -std::numeric_limits<float>::max();
#pragma omp simd reduction(max : most)
    for (std::int64_t i = 0; i < size; ++i)
        most = scores[i] > most ? scores[i] : most;
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < size; ++i) {
        const float e = fastExp(scores[i] - most);
        scores[i] = e;
        sum += e;
    }
    const float share = 1.0f / sum;
#pragma omp simd
    for (std::int64_t i = 0; i < size; ++i)
        scores[i] *= share;
    return most + std::log(sum);
}

TW_PER_CPU void softmaxAgain(float* scores, float logSum, std::int64_t size)
{
#pragma omp simd
    for (std::int64_t i = 0; i < size; ++i)
        scores[i] = fastExp(scores[i] - logSum);
}

TW_PER_CPU void softmaxBackward(const float* p, float mean, float* gradient, std::int64_t size)
{
#pragma omp simd
    for (std::int64_t i = 0; i < size; ++i)
        gradient[i] = p[i] * (gradient[i] - mean);
}

TW_PER_CPU float dot(const float* a, const float* b, std::int64_t size)
{
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < size; ++i)
        sum += a[i] * b[i];
    return sum;
}

TW_PER_CPU void attend(const float* q, const SeenRows& seen, float factor, float* scores, float* y)
{
    const std::int64_t size = seen.size;
    for (std::int64_t j = 0; j < seen.count; ++j) {
        const float* k = seen.keys + j * seen.stride;
        float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < size; ++i)
            sum += q[i] * k[i];
        scores[j] = sum * factor;
    }
    softmax(scores, seen.count);
    std::fill(y, y + size, 0.0f);
    for (std::int64_t j = 0; j < seen.count; ++j) {
        const float* v = seen.values + j * seen.stride;
        const float share = scores[j];
#pragma omp simd
        for (std::int64_t i = 0; i < size; ++i)
            y[i] += share * v[i];
    }
}

TW_PER_CPU void rotate(const float* x,
                       const float* cosines,
                       const float* sines,
                       float factor,
                       float* y,
                       std::int64_t half)
{
#pragma omp simd
    for (std::int64_t i = 0; i < half; ++i) {
        const float first = x[i] * factor;
        const float second = x[i + half] * factor;
        y[i] = first * cosines[i] - second * sines[i];
        y[i + half] = second * cosines[i] + first * sines[i];
    }
}

TW_PER_CPU void rotateBack(const float* x,
                           const float* cosines,
                           const float* sines,
                           float factor,
                           float* y,
                           std::int64_t half)
{
#pragma omp simd
    for (std::int64_t i = 0; i < half; ++i) {
        const float first = x[i] * factor;
        const float second = x[i + half] * factor;
        y[i] = first * cosines[i] + second * sines[i];
        y[i + half] = second * cosines[i] - first * sines[i];
    }
}

TW_PER_CPU void drop(const float* x,
                     std::int64_t place,
                     float share,
                     std::uint64_t seed,
                     float* y,
                     std::int64_t size)
{
    const auto low = static_cast<std::uint32_t>(seed);
    const auto high = static_cast<std::uint32_t>(seed >> 32);
    const auto start = static_cast<std::uint32_t>(place);
    const auto threshold =
        static_cast<std::int32_t>(share * 16777216.0f); // compared with 24 bits of the hash
    const float kept = 1.0f / (1.0f - share);
#pragma omp simd
    for (std::int64_t i = 0; i < size; ++i) {
        const std::uint32_t hash =
            hashed(hashed((start + static_cast<std::uint32_t>(i)) ^ low) + high);
        y[i] = static_cast<std::int32_t>(hash >> 8) < threshold ? 0.0f : x[i] * kept;
    }
}

} // namespace tw::loops
