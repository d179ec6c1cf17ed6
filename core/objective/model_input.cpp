// SPDX-License-Identifier: Apache-2.0
// What models are given of a batch: packed rows, or padded ones.
#include "core/objective/objective.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

/// "input_values" [rows, longest sound] and which of them are heard.
Tensors paddedSounds(const std::vector<std::vector<float>>& sounds, bool isMasked)
{
    std::size_t longest = 0;
    for (const std::vector<float>& sound : sounds)
        longest = std::max(longest, sound.size());
    const auto rows = static_cast<std::int64_t>(sounds.size());
    const at::Tensor values = at::zeros({rows, static_cast<std::int64_t>(longest)}, at::kFloat);
    const at::Tensor mask = at::zeros(values.sizes(), at::kLong);
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::vector<float>& sound = sounds[static_cast<std::size_t>(row)];
        const auto count = static_cast<std::int64_t>(sound.size());
        values[row].narrow(0, 0, count).copy_(at::tensor(sound));
        mask[row].narrow(0, 0, count).fill_(1);
    }
    Tensors inputs {{"input_values", values}};
    if (isMasked)
        inputs["attention_mask"] = mask;
    return inputs;
}

} // namespace

PackedInput packedInput(const Batch& batch)
{
    PackedInput input {at::tensor(batch.ids, at::kLong), at::tensor(batch.positions, at::kLong),
                       batch.rowStarts};
    if (!batch.types.empty())
        input.types = at::tensor(batch.types, at::kLong);
    if (!batch.sourceIds.empty()) {
        input.sourceIds = at::tensor(batch.sourceIds, at::kLong);
        input.sourceStarts = batch.sourceStarts;
    }
    input.sight.prefixes = batch.prefixes;
    if (!batch.isUnseen.empty())
        input.sight.unseen = at::tensor(at::ArrayRef<std::uint8_t>(batch.isUnseen), at::kByte);
    return input;
}

Tensors paddedInput(const Batch& batch)
{
    if (!batch.sounds.empty())
        return paddedSounds(batch.sounds, batch.masksSounds);
    if (!batch.pictures.values.empty())
        return {{"pixel_values",
                 at::tensor(batch.pictures.values)
                     .view({batch.rowCount(), batch.pictures.channels, batch.pictures.height,
                            batch.pictures.width})}};
    const std::int64_t length = batch.longestRow();
    const at::Tensor ids = at::zeros({batch.rowCount(), length}, at::kLong);
    const at::Tensor mask = at::zeros_like(ids);
    const at::Tensor types = at::zeros_like(ids);
    const at::Tensor packedIds = at::tensor(batch.ids, at::kLong);
    for (std::int64_t row = 0; row < batch.rowCount(); ++row) {
        const std::int64_t first = batch.rowStarts[static_cast<std::size_t>(row)];
        const std::int64_t count = batch.rowStarts[static_cast<std::size_t>(row) + 1] - first;
        ids[row].narrow(0, 0, count).copy_(packedIds.narrow(0, first, count));
        mask[row].narrow(0, 0, count).fill_(1);
        if (!batch.types.empty())
            types[row]
                .narrow(0, 0, count)
                .copy_(at::tensor(batch.types, at::kLong).narrow(0, first, count));
    }
    Tensors inputs {{"input_ids", ids}, {"attention_mask", mask}};
    if (!batch.types.empty())
        inputs["token_type_ids"] = types;
    return inputs;
}

} // namespace tw
