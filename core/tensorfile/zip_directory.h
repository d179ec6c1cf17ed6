// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/zip_archive.h"

namespace tw {

/// The files that the central directory at the end of a zip archive lists, each compared with its
/// own header in front of its bytes. Every length is checked and no two files share bytes; names
/// are as they stand there. Throws Error with `where`.
std::vector<ZipEntry> readZipDirectory(std::span<const std::byte> file, const std::string& where);

} // namespace tw
