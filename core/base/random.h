// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// A named stream of random numbers. The stream depends on (seed, name) only, so adding a consumer
/// never shifts the numbers of another. Generator: xoshiro256++ (Blackman and Vigna 2019), seeded
/// through SHA-256.
class RandomStream
{
public:
    RandomStream(std::uint64_t seed, std::string_view name);

    std::uint64_t next();
    double uniform(); ///< [0, 1) with 53 bits
    double normal(); ///< mean 0, standard deviation 1 (Box-Muller)
    std::uint64_t below(std::uint64_t bound); ///< uniform in [0, bound), without bias; bound > 0
    std::vector<std::int64_t> permutation(std::int64_t count); ///< Fisher-Yates

    /// Exact state for checkpoints; restore() throws Error where the text is no state.
    std::string state() const;
    void restore(const std::string& state);

private:
    std::array<std::uint64_t, 4> m_state {};
};

/// A 64-bit seed for LibTorch's generator, derived from (seed, name).
std::uint64_t derivedSeed(std::uint64_t seed, std::string_view name);

} // namespace tw
