// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace tw {

/// The name that git gives to a file's contents: SHA-1 over "blob SIZE\0" and the bytes, 40
/// hexadecimal digits. For small files: the whole is read. Throws Error.
std::string gitBlobHash(const std::filesystem::path& path);

} // namespace tw
