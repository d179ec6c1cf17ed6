// SPDX-License-Identifier: Apache-2.0
// Resampling in two passes, along rows and then along columns, with weights of 22 bits behind the
// point: the arithmetic of Pillow's 8-bit images, so that the bytes are the same.

#include "core/media/resize.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tw {
namespace {

constexpr int kFractionBits = 32 - 8 - 2; // 8 bits of colour and 2 of overshoot stay free
constexpr std::int64_t kMostPixels = std::int64_t(1) << 24; // 50 MB

struct Filter
{
    double (*weight)(double);
    double support; ///< where it ends, in pixels of the larger image
};

double boxWeight(double x)
{
    return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

double triangleWeight(double x)
{
    return std::max(0.0, 1.0 - std::abs(x));
}

double sinc(double x)
{
    if (x == 0.0)
        return 1.0;
    x *= std::numbers::pi;
    return std::sin(x) / x;
}

double hammingWeight(double x)
{
    x = std::abs(x);
    if (x >= 1.0)
        return 0.0;
    return sinc(x) * (0.54 + 0.46 * std::cos(x * std::numbers::pi));
}

/// Keys 1981, with a = -1/2.
double cubicWeight(double x)
{
    constexpr double a = -0.5;
    x = std::abs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    if (x < 2.0)
        return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
    return 0.0;
}

double lanczosWeight(double x)
{
    return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

Filter filterOf(Resampling kind)
{
    switch (kind) {
    case Resampling::Box:
        return {boxWeight, 0.5};
    case Resampling::Hamming:
        return {hammingWeight, 1.0};
    case Resampling::Bicubic:
        return {cubicWeight, 2.0};
    case Resampling::Lanczos:
        return {lanczosWeight, 3.0};
    case Resampling::Bilinear:
    case Resampling::Nearest: // takes no weights
        break;
    }
    return {triangleWeight, 1.0};
}

/// What one pixel of the result is made of.
struct Taps
{
    std::int64_t first = 0;
    std::vector<int> weights; ///< times 2^kFractionBits
};

int fixedPoint(double weight)
{
    return static_cast<int>((weight < 0.0 ? -0.5 : 0.5) + weight * (1 << kFractionBits));
}

Taps tapsAt(std::int64_t place, double scale, std::int64_t size, const Filter& filter)
{
    const double widening = std::max(scale, 1.0);
    const double support = filter.support * widening;
    const double centre = (static_cast<double>(place) + 0.5) * scale;
    const double inverse = 1.0 / widening;
    Taps taps;
    taps.first = std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - support + 0.5));
    const std::int64_t end = std::min(size, static_cast<std::int64_t>(centre + support + 0.5));
    std::vector<double> weights;
    double sum = 0.0;
    for (std::int64_t at = 0; at < end - taps.first; ++at) {
        weights.push_back(
            filter.weight((static_cast<double>(at + taps.first) - centre + 0.5) * inverse));
        sum += weights.back();
    }
    for (const double weight : weights)
        taps.weights.push_back(fixedPoint(sum != 0.0 ? weight / sum : weight));
    return taps;
}

std::uint8_t rounded(std::int64_t sum)
{
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kFractionBits, 0, 255));
}

/// Along the rows, where step is 3 and stride a row's bytes, or along the columns.
struct Lines
{
    std::int64_t count; ///< of lines
    std::int64_t stride; ///< bytes from line to line
    std::int64_t step; ///< bytes from pixel to pixel within a line
};

void resample(const std::uint8_t* from,
              std::uint8_t* to,
              const Lines& in,
              const Lines& out,
              const std::vector<Taps>& taps)
{
    for (std::int64_t line = 0; line < in.count; ++line)
        for (std::size_t place = 0; place < taps.size(); ++place)
            for (std::int64_t colour = 0; colour < kColours; ++colour) {
                const std::uint8_t* at =
                    from + line * in.stride + taps[place].first * in.step + colour;
                std::int64_t sum = std::int64_t(1) << (kFractionBits - 1);
                for (const int weight : taps[place].weights) {
                    sum += std::int64_t(*at) * weight;
                    at += in.step;
                }
                to[line * out.stride + static_cast<std::int64_t>(place) * out.step + colour] =
                    rounded(sum);
            }
}

std::vector<Taps> allTaps(std::int64_t from, std::int64_t to, const Filter& filter)
{
    const double scale = static_cast<double>(from) / static_cast<double>(to);
    std::vector<Taps> all;
    for (std::int64_t place = 0; place < to; ++place)
        all.push_back(tapsAt(place, scale, from, filter));
    return all;
}

Image blank(std::int64_t width, std::int64_t height)
{
    return {width, height,
            std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * kColours))};
}

Image withWidth(const Image& image, std::int64_t width, const Filter& filter)
{
    Image out = blank(width, image.height);
    resample(image.pixels.data(), out.pixels.data(),
             {image.height, image.width * kColours, kColours},
             {image.height, width * kColours, kColours}, allTaps(image.width, width, filter));
    return out;
}

Image withHeight(const Image& image, std::int64_t height, const Filter& filter)
{
    Image out = blank(image.width, height);
    const Lines columns {image.width, kColours, image.width * kColours};
    resample(image.pixels.data(), out.pixels.data(), columns, columns,
             allTaps(image.height, height, filter));
    return out;
}

/// For each pixel of the result the one it is taken from; summed up step by step, as Pillow does,
/// because the rounding shows.
std::vector<std::int64_t> nearestPlaces(std::int64_t from, std::int64_t to)
{
    const double scale = static_cast<double>(from) / static_cast<double>(to);
    std::vector<std::int64_t> places;
    double at = scale * 0.5;
    for (std::int64_t place = 0; place < to; ++place, at += scale)
        places.push_back(std::min(static_cast<std::int64_t>(at), from - 1));
    return places;
}

Image nearest(const Image& image, std::int64_t width, std::int64_t height)
{
    Image out = blank(width, height);
    const auto columns = nearestPlaces(image.width, width);
    std::uint8_t* to = out.pixels.data();
    for (const std::int64_t row : nearestPlaces(image.height, height))
        for (const std::int64_t column : columns)
            to = std::copy_n(image.pixels.data() + (row * image.width + column) * kColours,
                             kColours, to);
    return out;
}

} // namespace

Image resized(const Image& image, std::int64_t width, std::int64_t height, Resampling filter)
{
    if (width < 1 || height < 1 || width > kMostPixels / height)
        throw Error("A picture cannot be resized to " + std::to_string(width) + " x "
                        + std::to_string(height) + " pixels.",
                    "Choose a smaller size, of one pixel at least.");
    // The pass along the rows comes first and keeps the height.
    if (width > kMostPixels / image.height)
        throw Error("A picture of " + std::to_string(image.width) + " x "
                        + std::to_string(image.height) + " pixels is too long to be resized.",
                    "Crop it first.");
    if (width == image.width && height == image.height)
        return image;
    if (filter == Resampling::Nearest)
        return nearest(image, width, height);
    const Filter kind = filterOf(filter);
    if (width == image.width)
        return withHeight(image, height, kind);
    Image narrow = withWidth(image, width, kind);
    return height == image.height ? narrow : withHeight(narrow, height, kind);
}

} // namespace tw
