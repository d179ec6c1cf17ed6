// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Inner loops over contiguous float32 memory, compiled once per generation of x86 vector units and
// chosen when the program starts. No allocation, no threads: callers split the work.
namespace tw::loops {

/// y = x / sqrt(mean(x^2) + epsilon) * weight; returns the factor 1 / sqrt(...).
float normalise(const float* x, const float* weight, float epsilon, float* y, std::int64_t size);
/// gradient: of y on entry, of x on return. factor: what normalise() returned for x.
void normaliseBackward(
    const float* x, const float* weight, float factor, float* gradient, std::int64_t size);

/// y = silu(gate) * up, silu(x) = x / (1 + exp(-x)).
void gatedSilu(const float* gate, const float* up, float* y, std::int64_t size);
/// gradient: of y. dGate and dUp may not overlap it.
void gatedSiluBackward(const float* gate,
                       const float* up,
                       const float* gradient,
                       float* dGate,
                       float* dUp,
                       std::int64_t size);

/// Turns scores into softmax(scores) in place; returns log(sum(exp(scores))).
float softmax(float* scores, std::int64_t size);
/// scores = exp(scores - logSum) in place: softmax again from what softmax() returned.
void softmaxAgain(float* scores, float logSum, std::int64_t size);
/// gradient: of softmax's output p on entry, of its scores on return: p (gradient - mean), mean =
/// sum(p gradient).
void softmaxBackward(const float* p, float mean, float* gradient, std::int64_t size);
float dot(const float* a, const float* b, std::int64_t size);

/// What one head sees: keys and values [count, size], with `stride` numbers from one row to the
/// next.
struct SeenRows
{
    const float* keys;
    const float* values;
    std::int64_t count;
    std::int64_t size;
    std::int64_t stride;
};
/// One query of one head: y = softmax(factor * K q) V. scores: room for seen.count numbers.
void attend(const float* q, const SeenRows& seen, float factor, float* scores, float* y);

/// y = factor * R x for one head of 2 half dimensions: pair (i, i + half) is turned by an angle
/// with these cosines and sines. With sines negated it turns back.
void rotate(const float* x,
            const float* cosines,
            const float* sines,
            float factor,
            float* y,
            std::int64_t half);
void rotateBack(const float* x,
                const float* cosines,
                const float* sines,
                float factor,
                float* y,
                std::int64_t half);

/// y = x / (1 - share) where a hash of (seed, place) says keep, otherwise 0; place: of x[0] within
/// the whole tensor.
void drop(const float* x,
          std::int64_t place,
          float share,
          std::uint64_t seed,
          float* y,
          std::int64_t size);

} // namespace tw::loops
