// SPDX-License-Identifier: Apache-2.0
#include "core/model/loops.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

// One copy per vector width, chosen by the loader. The sanitizers are not ready yet when it asks.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) \
    && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TW_PER_CPU __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define TW_PER_CPU
#endif
#define TW_INLINE [[gnu::always_inline]] inline

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

TW_INLINE float widened(std::uint16_t half)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16);
}

constexpr std::int64_t kLanes = 16; // numbers in the widest vector

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

// Four rows at a time: one sum would wait for its own last addition.
TW_PER_CPU void
matrixVector(const float* W, const float* x, float* y, std::int64_t rows, std::int64_t size)
{
    std::int64_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        const float* w = W + r * size;
        float a = 0.0f;
        float b = 0.0f;
        float c = 0.0f;
        float d = 0.0f;
#pragma omp simd reduction(+ : a, b, c, d)
        for (std::int64_t i = 0; i < size; ++i) {
            a += w[i] * x[i];
            b += w[size + i] * x[i];
            c += w[2 * size + i] * x[i];
            d += w[3 * size + i] * x[i];
        }
        y[r] = a;
        y[r + 1] = b;
        y[r + 2] = c;
        y[r + 3] = d;
    }
    for (; r < rows; ++r) {
        float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < size; ++i)
            sum += W[r * size + i] * x[i];
        y[r] = sum;
    }
}

TW_PER_CPU void
matrixVector(const std::uint16_t* W, const float* x, float* y, std::int64_t rows, std::int64_t size)
{
    for (std::int64_t r = 0; r < rows; ++r) {
        const std::uint16_t* w = W + r * size;
        float even = 0.0f;
        float odd = 0.0f;
        const std::int64_t half = size / 2;
#pragma omp simd reduction(+ : even, odd)
        for (std::int64_t i = 0; i < half; ++i) {
            even += widened(w[i]) * x[i];
            odd += widened(w[half + i]) * x[half + i];
        }
        for (std::int64_t i = 2 * half; i < size; ++i)
            even += widened(w[i]) * x[i];
        y[r] = even + odd;
    }
}

TW_PER_CPU void matrixVector(const std::int8_t* levels,
                             const float* scales,
                             const float* x,
                             float* y,
                             std::int64_t rows,
                             std::int64_t size)
{
    const std::int64_t blocks = size / kBlock;
    for (std::int64_t r = 0; r < rows; ++r) {
        float sums[kLanes] = {};
        for (std::int64_t block = 0; block < blocks; ++block) {
            const std::int8_t* w = levels + r * size + block * kBlock;
            const float* at = x + block * kBlock;
            const float scale = scales[r * blocks + block];
#pragma omp simd
            for (std::int64_t lane = 0; lane < kLanes; ++lane) {
                float part = 0.0f;
                for (std::int64_t i = lane; i < kBlock; i += kLanes)
                    part += static_cast<float>(w[i]) * at[i];
                sums[lane] += part * scale;
            }
        }
        float sum = 0.0f;
        for (const float lane : sums)
            sum += lane;
        y[r] = sum;
    }
}

TW_PER_CPU void attend(const float* q,
                       const float* K,
                       const float* V,
                       std::int64_t stride,
                       std::int64_t count,
                       std::int64_t size,
                       float factor,
                       float* scores,
                       float* y)
{
    for (std::int64_t j = 0; j < count; ++j) {
        const float* k = K + j * stride;
        float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < size; ++i)
            sum += q[i] * k[i];
        scores[j] = sum * factor;
    }
    softmax(scores, count);
    std::fill(y, y + size, 0.0f);
    for (std::int64_t j = 0; j < count; ++j) {
        const float* v = V + j * stride;
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
