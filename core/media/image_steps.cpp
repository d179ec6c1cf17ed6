// SPDX-License-Identifier: Apache-2.0
#include "core/media/image_steps.h"

#include "core/base/error.h"

#include <algorithm>

namespace tw {
namespace {

ImageSize sizeFor(const Image& image, std::int64_t shortestEdge)
{
    const bool isTall = image.width <= image.height;
    const std::int64_t shorter = isTall ? image.width : image.height;
    const std::int64_t longer = isTall ? image.height : image.width;
    const auto scaled = static_cast<std::int64_t>(static_cast<double>(shortestEdge * longer)
                                                  / static_cast<double>(shorter));
    return isTall ? ImageSize {scaled, shortestEdge} : ImageSize {shortestEdge, scaled};
}

/// Half of a difference, towards minus infinity: where the picture is smaller than the crop, the
/// larger half of the black border stands before it.
std::int64_t offsetOf(std::int64_t size, std::int64_t cropped)
{
    const std::int64_t difference = size - cropped;
    return difference >= 0 ? difference / 2 : -((1 - difference) / 2);
}

Image cropped(const Image& image, const ImageSize& size)
{
    Image out {
        size.width, size.height,
        std::vector<std::uint8_t>(static_cast<std::size_t>(size.width * size.height * kColours))};
    const std::int64_t top = offsetOf(image.height, size.height);
    const std::int64_t left = offsetOf(image.width, size.width);
    const std::int64_t firstColumn = std::max<std::int64_t>(0, -left);
    const std::int64_t lastColumn = std::min(size.width, image.width - left);
    for (std::int64_t row = 0; row < size.height; ++row) {
        const std::int64_t from = row + top;
        if (from < 0 || from >= image.height || lastColumn <= firstColumn)
            continue;
        const std::uint8_t* pixels =
            image.pixels.data() + (from * image.width + firstColumn + left) * kColours;
        std::copy_n(pixels, (lastColumn - firstColumn) * kColours,
                    out.pixels.data() + (row * size.width + firstColumn) * kColours);
    }
    return out;
}

} // namespace

ImagePlanes prepared(const Image& image, const ImageSteps& steps)
{
    std::optional<ImageSize> size = steps.size;
    if (steps.shortestEdge)
        size = sizeFor(image, *steps.shortestEdge);
    Image seen = size ? resized(image, size->width, size->height, steps.filter) : image;
    if (steps.crop)
        seen = cropped(seen, *steps.crop);
    ImagePlanes planes {seen.height, seen.width, {}};
    const auto pixels = static_cast<std::size_t>(seen.height * seen.width);
    planes.values.resize(pixels * kColours);
    for (std::size_t colour = 0; colour < kColours; ++colour)
        for (std::size_t at = 0; at < pixels; ++at) {
            const std::uint8_t byte = seen.pixels[at * kColours + colour];
            float value = steps.factor ? static_cast<float>(byte * *steps.factor) : byte;
            if (steps.normalises)
                value = (value - steps.mean[colour]) / steps.deviation[colour];
            planes.values[colour * pixels + at] = value;
        }
    return planes;
}

} // namespace tw
