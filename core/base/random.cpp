// SPDX-License-Identifier: Apache-2.0
#include "core/base/random.h"

#include "core/base/error.h"
#include "core/base/sha256.h"

#include <bit>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <numeric>

namespace tw {
namespace {

std::uint64_t hexPart(const std::string& hex, std::size_t index)
{
    return std::stoull(hex.substr(index * 16, 16), nullptr, 16);
}

std::string seedHash(std::uint64_t seed, std::string_view name)
{
    return sha256(std::to_string(seed) + "/" + std::string(name));
}

} // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view name)
{
    const std::string hash = seedHash(seed, name);
    for (std::size_t i = 0; i < m_state.size(); ++i)
        m_state[i] = hexPart(hash, i);
}

std::uint64_t RandomStream::next()
{
    auto& s = m_state;
    const std::uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
    const std::uint64_t t = s[1] << 17U;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = std::rotl(s[3], 45);
    return result;
}

double RandomStream::uniform()
{
    return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

double RandomStream::normal()
{
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t RandomStream::below(std::uint64_t bound)
{
    const std::uint64_t threshold =
        (0 - bound) % bound; // 2^64 mod bound: what is below it would be drawn too often
    for (;;) {
        const std::uint64_t number = next();
        if (number >= threshold)
            return number % bound;
    }
}

std::vector<std::int64_t> RandomStream::permutation(std::int64_t count)
{
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[below(i)]);
    return order;
}

std::string RandomStream::state() const
{
    std::array<char, 72> out {};
    std::snprintf(out.data(), out.size(), "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64,
                  m_state[0], m_state[1], m_state[2], m_state[3]);
    return out.data();
}

void RandomStream::restore(const std::string& state)
{
    if (state.size() != 64 || state.find_first_not_of("0123456789abcdef") != std::string::npos)
        throw Error("The state of a random stream in the checkpoint is damaged.",
                    "Resume from an earlier checkpoint.");
    for (std::size_t i = 0; i < m_state.size(); ++i)
        m_state[i] = hexPart(state, i);
}

std::uint64_t derivedSeed(std::uint64_t seed, std::string_view name)
{
    return hexPart(seedHash(seed, name), 0);
}

} // namespace tw
