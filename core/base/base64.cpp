// SPDX-License-Identifier: Apache-2.0
#include "core/base/base64.h"

#include <limits>
#include <openssl/evp.h>

namespace tw {

std::optional<std::string> fromBase64(std::string_view text)
{
    if (text.size() % 4 != 0 || text.size() > std::numeric_limits<int>::max())
        return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int count = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
    if (count < 0 || static_cast<std::size_t>(count) != bytes.size())
        return std::nullopt;
    for (std::size_t padding = 0; padding < 2 && text.ends_with('='); ++padding) {
        text.remove_suffix(1);
        bytes.pop_back(); // what padding was decoded to
    }
    return bytes;
}

} // namespace tw
