// SPDX-License-Identifier: Apache-2.0
#include "core/base/sha256.h"

#include "core/base/error.h"

#include <array>
#include <fstream>
#include <openssl/evp.h>
#include <vector>

namespace tw {

struct Sha256::State
{
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256()
    : m_state(std::make_unique<State>())
{
    if (m_state->context == nullptr
        || EVP_DigestInit_ex(m_state->context, EVP_sha256(), nullptr) != 1)
        throw Error("SHA-256 is not available in this OpenSSL.",
                    "Install OpenSSL 3 with its default provider.");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(std::span<const std::byte> bytes)
{
    EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size());
}

void Sha256::add(std::string_view text)
{
    add(std::as_bytes(std::span(text.data(), text.size())));
}

std::string Sha256::hex()
{
    std::array<unsigned char, 32> digest {};
    EVP_DigestFinal_ex(m_state->context, digest.data(), nullptr);
    std::string out;
    for (const unsigned char byte : digest) {
        out.push_back("0123456789abcdef"[byte >> 4U]);
        out.push_back("0123456789abcdef"[byte & 15U]);
    }
    return out;
}

std::string sha256(std::string_view text)
{
    Sha256 hash;
    hash.add(text);
    return hash.hex();
}

std::string sha256File(const std::filesystem::path& path,
                       const std::function<void(std::size_t)>& progress)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw Error("Cannot open " + path.string() + " to compute its hash.",
                    "Check the path and the permissions.");
    Sha256 hash;
    std::vector<char> piece(std::size_t {1} << 20U);
    std::size_t done = 0;
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
        const auto count = static_cast<std::size_t>(in.gcount());
        hash.add(std::string_view(piece.data(), count));
        done += count;
        if (progress)
            progress(done);
    }
    if (in.bad())
        throw Error("Cannot read " + path.string() + ".", "Check the disk.");
    return hash.hex();
}

} // namespace tw
