// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/media/resize.h"

#include <array>
#include <optional>
#include <string>

namespace tw {

/// Pixels at the sides of a picture.
struct ImageSize
{
    std::int64_t height = 224;
    std::int64_t width = 224;

    bool operator==(const ImageSize&) const = default;
};

/// What happens to a picture before a model sees it: resize, crop, rescale, normalise, in this
/// order, each if it is set.
struct ImageSteps
{
    std::optional<ImageSize> size; ///< to resize to
    std::optional<std::int64_t> shortestEdge; ///< or: that the shorter side gets, shape kept
    Resampling filter = Resampling::Bilinear;
    std::optional<ImageSize> crop; ///< from the middle, black where the picture ends
    std::optional<double> factor; ///< that bytes are multiplied with
    bool normalises = true;
    std::array<float, 3> mean {}; ///< per colour, subtracted
    std::array<float, 3> deviation {}; ///< then divided by

    bool operator==(const ImageSteps&) const = default;
};

/// Red, green and blue one after the other: [3, height, width].
struct ImagePlanes
{
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::vector<float> values;
};

/// From the text of preprocessor_config.json, with what Transformers assumes for the processor that
/// it names: ViT's, CLIP's or BiT's (which DINOv2 uses). `where` (a file) stands in the Error.
ImageSteps imageStepsFrom(const std::string& configJson, const std::string& where);
/// The numbers that Transformers' processors (4.57, the ones without "Fast") give. Throws Error
/// where a size is beyond what resized() takes.
ImagePlanes prepared(const Image& image, const ImageSteps& steps);

} // namespace tw
