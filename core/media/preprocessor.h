// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/media/image_steps.h"
#include "core/media/sound_steps.h"

#include <filesystem>

namespace tw {

/// What the preprocessor_config.json in a model's folder says of pictures. model: the folder, or a
/// file in it. Throws Error where there is none.
ImageSteps imageStepsOf(const std::filesystem::path& model);
/// The same of sounds.
SoundSteps soundStepsOf(const std::filesystem::path& model);

} // namespace tw
