// SPDX-License-Identifier: Apache-2.0
#include "core/download/git_hash.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <array>
#include <openssl/evp.h>

namespace tw {

std::string gitBlobHash(const std::filesystem::path& path)
{
    constexpr std::size_t kMostBytes = std::size_t {1} << 30; // servers give larger ones a SHA-256
    const std::string bytes = readFile(path, kMostBytes);
    std::string blob = "blob " + std::to_string(bytes.size());
    blob += '\0';
    blob += bytes;
    std::array<unsigned char, 20> digest {};
    if (EVP_Digest(blob.data(), blob.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1)
        throw Error("SHA-1 is not available in this OpenSSL.",
                    "Install OpenSSL 3 with its default provider.");
    std::string out;
    for (const unsigned char byte : digest) {
        out.push_back("0123456789abcdef"[byte >> 4U]);
        out.push_back("0123456789abcdef"[byte & 15U]);
    }
    return out;
}

} // namespace tw
