// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/source_text.h"

#include <filesystem>
#include <vector>

namespace tw {

/// Looks at the first bytes of at most two hundred pictures, spread over all of them, and notes (as
/// warnings) each that is no picture, cannot be read, or claims more pixels than would be read.
void notePictures(const std::vector<std::filesystem::path>& files, ReadingNotes& notes);

} // namespace tw
