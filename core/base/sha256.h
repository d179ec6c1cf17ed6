// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tw {

/// SHA-256 (FIPS 180-4) of data that comes in pieces.
class Sha256
{
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void add(std::span<const std::byte> bytes);
    void add(std::string_view text);
    /// 64 hexadecimal digits; the object is used up afterwards.
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

std::string sha256(std::string_view text);
/// Of a whole file, read in pieces; `progress(bytesDone)` is called after each piece and may throw
/// Cancelled.
std::string sha256File(const std::filesystem::path& path,
                       const std::function<void(std::size_t)>& progress = {});

} // namespace tw
