// SPDX-License-Identifier: Apache-2.0
// How preprocessor_config.json says what happens to pictures.

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/media/image_steps.h"

#include <cmath>
#include <map>

namespace tw {
namespace {

constexpr std::int64_t kMostSide = 1 << 11; // models see some hundred pixels
constexpr const char* kFetchAgain =
    "Fetch preprocessor_config.json again from where the model came from.";
constexpr std::array<float, 3> kHalf {0.5F, 0.5F, 0.5F};
// Of the pictures that CLIP was trained with (Radford et al. 2021, their code).
constexpr std::array<float, 3> kClipMean {0.48145466F, 0.4578275F, 0.40821073F};
constexpr std::array<float, 3> kClipDeviation {0.26862954F, 0.26130258F, 0.27577711F};

/// What Transformers assumes where the file is silent.
struct Defaults
{
    bool isSquare; ///< a size of one number is that of both sides, not of the shorter one
    bool crops;
    Resampling filter;
    std::array<float, 3> mean;
    std::array<float, 3> deviation;
};

class StepKeys
{
public:
    StepKeys(const std::string& configJson, const std::string& where)
        : m_json(parseJson(configJson, where))
        , m_where(where)
    {
        if (!m_json.is_object())
            refuse("it is no object");
    }

    [[noreturn]] void refuse(const std::string& why) const
    {
        throw Error(m_where + ": " + why + ".", kFetchAgain);
    }
    const Json* find(const char* key) const
    {
        const auto it = m_json.find(key);
        return it == m_json.end() || it->is_null() ? nullptr : &*it;
    }
    bool flag(const char* key, bool otherwise) const
    {
        const Json* value = find(key);
        if (value != nullptr && !value->is_boolean())
            refuse("the key \"" + std::string(key) + "\" has to be true or false");
        return value == nullptr ? otherwise : value->get<bool>();
    }
    double real(const Json& value, const char* key) const
    {
        if (!value.is_number() || !std::isfinite(value.get<double>()))
            refuse("the key \"" + std::string(key) + "\" has to hold numbers");
        return value.get<double>();
    }
    std::int64_t side(const Json& value, const char* key) const
    {
        if (!value.is_number_integer() || value.get<std::int64_t>() < 1
            || value.get<std::int64_t>() > kMostSide)
            refuse("the key \"" + std::string(key) + "\" has to be a number of pixels up to "
                   + std::to_string(kMostSide));
        return value.get<std::int64_t>();
    }
    std::array<float, 3> colours(const char* key, const std::array<float, 3>& otherwise) const
    {
        const Json* list = find(key);
        if (list == nullptr)
            return otherwise;
        if (!list->is_array() || list->size() != 3)
            refuse("the key \"" + std::string(key) + "\" has to be a list of three numbers");
        std::array<float, 3> found {};
        for (std::size_t i = 0; i < found.size(); ++i)
            found[i] = static_cast<float>(real((*list)[i], key));
        return found;
    }
    std::string processor() const
    {
        for (const char* key : {"image_processor_type", "feature_extractor_type"})
            if (const Json* name = find(key); name != nullptr && name->is_string())
                return name->get<std::string>();
        refuse("it does not say which processor it is for (image_processor_type)");
    }

private:
    Json m_json;
    const std::string& m_where;
};

Defaults defaultsOf(const StepKeys& keys)
{
    static const std::map<std::string, Defaults> kKnown {
        {"ViT", {true, false, Resampling::Bilinear, kHalf, kHalf}},
        {"CLIP", {false, true, Resampling::Bicubic, kClipMean, kClipDeviation}},
        {"Bit", {false, true, Resampling::Bicubic, kClipMean, kClipDeviation}}};
    const std::string name = keys.processor();
    for (const auto& [kind, defaults] : kKnown)
        for (const char* ending : {"ImageProcessor", "ImageProcessorFast", "FeatureExtractor"})
            if (name == kind + ending)
                return defaults;
    keys.refuse("pictures for \"" + name
                + "\" cannot be prepared; known are the processors of ViT, CLIP and BiT");
}

void readSize(const StepKeys& keys, const Defaults& defaults, ImageSteps& to)
{
    const Json* size = keys.find("size");
    if (size == nullptr || size->is_number()) {
        const std::int64_t side = size == nullptr ? 224 : keys.side(*size, "size");
        if (defaults.isSquare)
            to.size = {side, side};
        else
            to.shortestEdge = side;
    } else if (size->contains("shortest_edge") && !size->contains("longest_edge")) {
        to.shortestEdge = keys.side((*size)["shortest_edge"], "size");
    } else if (size->contains("height") && size->contains("width")) {
        to.size = {keys.side((*size)["height"], "size"), keys.side((*size)["width"], "size")};
    } else {
        keys.refuse("the key \"size\" has to hold shortest_edge, or height and width");
    }
}

ImageSize cropFrom(const StepKeys& keys)
{
    const Json* size = keys.find("crop_size");
    if (size == nullptr)
        return {};
    if (size->is_number()) {
        const std::int64_t side = keys.side(*size, "crop_size");
        return {side, side};
    }
    if (!size->contains("height") || !size->contains("width"))
        keys.refuse("the key \"crop_size\" has to hold height and width");
    return {keys.side((*size)["height"], "crop_size"), keys.side((*size)["width"], "crop_size")};
}

Resampling filterFrom(const StepKeys& keys, Resampling otherwise)
{
    const Json* number = keys.find("resample");
    if (number == nullptr)
        return otherwise;
    if (!number->is_number_integer() || number->get<std::int64_t>() < 0
        || number->get<std::int64_t>() > 5)
        keys.refuse("the key \"resample\" has to be a number from 0 to 5");
    return static_cast<Resampling>(number->get<int>());
}

} // namespace

ImageSteps imageStepsFrom(const std::string& configJson, const std::string& where)
{
    const StepKeys keys(configJson, where);
    const Defaults defaults = defaultsOf(keys);
    ImageSteps to;
    if (keys.flag("do_resize", true))
        readSize(keys, defaults, to);
    to.filter = filterFrom(keys, defaults.filter);
    if (keys.flag("do_center_crop", defaults.crops))
        to.crop = cropFrom(keys);
    if (keys.flag("do_rescale", true)) {
        const Json* factor = keys.find("rescale_factor");
        to.factor = factor == nullptr ? 1.0 / 255.0 : keys.real(*factor, "rescale_factor");
    }
    to.normalises = keys.flag("do_normalize", true);
    to.mean = keys.colours("image_mean", defaults.mean);
    to.deviation = keys.colours("image_std", defaults.deviation);
    for (const float deviation : to.deviation)
        if (!(deviation > 0.0F))
            keys.refuse("the key \"image_std\" has to hold numbers above 0");
    return to;
}

} // namespace tw
