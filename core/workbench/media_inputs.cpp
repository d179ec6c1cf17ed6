// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/media_inputs.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/media/image_steps.h"
#include "core/media/sound_steps.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxConfig = 1'000'000; // bytes; a page of keys in practice

struct Configuration
{
    std::string text;
    std::string where;
};

Configuration configurationOf(const fs::path& model)
{
    std::error_code error;
    const fs::path folder = fs::is_directory(model, error) ? model : model.parent_path();
    const fs::path path = folder / "preprocessor_config.json";
    if (!fs::is_regular_file(path, error))
        throw Error(model.string()
                        + " has no preprocessor_config.json, which says how pictures and sounds "
                          "are prepared.",
                    "Fetch that file of the model too, or give the prepared numbers as "
                    "safetensors.");
    return {readFile(path, kMaxConfig), path.string()};
}

at::Tensor planesOf(const fs::path& picture, const ImageSteps& steps)
{
    const ImagePlanes planes = prepared(readImage(picture), steps);
    return at::tensor(planes.values, at::kFloat).view({1, kColours, planes.height, planes.width});
}

} // namespace

Tensors pictureInputs(const fs::path& model, const std::vector<fs::path>& pictures)
{
    const Configuration configuration = configurationOf(model);
    const ImageSteps steps = imageStepsFrom(configuration.text, configuration.where);
    std::vector<at::Tensor> rows;
    for (const fs::path& picture : pictures) {
        rows.push_back(planesOf(picture, steps));
        if (rows.back().sizes() != rows.front().sizes())
            throw Error(picture.string() + " has another size than " + pictures.front().string()
                            + " once it is prepared.",
                        "Give them one at a time: this model takes pictures as large as they are.");
    }
    return {{"pixel_values", at::cat(rows)}};
}

Tensors soundInputs(const fs::path& model, const std::vector<fs::path>& sounds)
{
    const Configuration configuration = configurationOf(model);
    const SoundSteps steps = soundStepsFrom(configuration.text, configuration.where);
    std::vector<at::Tensor> rows;
    std::int64_t longest = 0;
    for (const fs::path& sound : sounds) {
        rows.push_back(prepared(readSound(sound), steps));
        longest = std::max(longest, rows.back().size(1));
    }
    if (steps.kind != SoundSteps::Kind::Samples) // those are of one length
        return {{steps.input(), at::cat(rows)}};
    const auto count = static_cast<std::int64_t>(rows.size());
    const at::Tensor values = at::zeros({count, longest});
    const at::Tensor mask = at::zeros({count, longest}, at::kLong);
    for (std::int64_t i = 0; i < count; ++i) {
        const at::Tensor& row = rows[static_cast<std::size_t>(i)];
        values.narrow(0, i, 1).narrow(1, 0, row.size(1)).copy_(row);
        mask.narrow(0, i, 1).narrow(1, 0, row.size(1)).fill_(1);
    }
    Tensors inputs {{steps.input(), values}};
    if (steps.givesMask)
        inputs["attention_mask"] = mask;
    return inputs;
}

} // namespace tw
