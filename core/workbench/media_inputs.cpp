// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/media_inputs.h"

#include "core/base/error.h"
#include "core/media/preprocessor.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

at::Tensor planesOf(const fs::path& picture, const ImageSteps& steps)
{
    const ImagePlanes planes = prepared(readImage(picture), steps);
    return at::tensor(planes.values, at::kFloat).view({1, kColours, planes.height, planes.width});
}

} // namespace

Tensors pictureInputs(const fs::path& model, const std::vector<fs::path>& pictures)
{
    const ImageSteps steps = imageStepsOf(model);
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
    const SoundSteps steps = soundStepsOf(model);
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
