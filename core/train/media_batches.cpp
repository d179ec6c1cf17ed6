// SPDX-License-Identifier: Apache-2.0
#include "core/train/media_batches.h"

#include "core/base/error.h"
#include "core/media/image.h"
#include "core/media/preprocessor.h"
#include "core/media/sound.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

class PictureBatches final : public BatchSource
{
public:
    PictureBatches(std::unique_ptr<BatchSource> rows, const ImageSteps& steps)
        : m_rows(std::move(rows))
        , m_steps(steps)
    {
    }

    Batch batch(std::int64_t index) const override
    {
        Batch batch = m_rows->batch(index);
        for (const std::string& file : batch.files)
            add(file, batch);
        return batch;
    }
    std::int64_t batchesPerEpoch() const override { return m_rows->batchesPerEpoch(); }

private:
    void add(const std::string& file, Batch& batch) const
    {
        const ImagePlanes planes = prepared(readImage(file), m_steps);
        PictureRows& all = batch.pictures;
        if (all.values.empty())
            all = {kColours, planes.height, planes.width, {}};
        if (planes.height != all.height || planes.width != all.width)
            throw Error(file + " has another size than " + batch.files.front()
                            + " once it is prepared.",
                        "Train on one row a batch: this model takes pictures as large as they "
                        "are.");
        all.values.insert(all.values.end(), planes.values.begin(), planes.values.end());
    }

    std::unique_ptr<BatchSource> m_rows;
    ImageSteps m_steps;
};

class SoundBatches final : public BatchSource
{
public:
    SoundBatches(std::unique_ptr<BatchSource> rows, const SoundSteps& steps)
        : m_rows(std::move(rows))
        , m_steps(steps)
    {
        if (m_steps.kind != SoundSteps::Kind::Samples)
            throw Error("A model that hears spectrograms cannot be trained yet.",
                        "Choose one that hears samples, such as wav2vec 2.0.");
    }

    Batch batch(std::int64_t index) const override
    {
        Batch batch = m_rows->batch(index);
        batch.masksSounds = m_steps.givesMask;
        for (const std::string& file : batch.files) {
            const at::Tensor samples = prepared(readSound(file), m_steps).contiguous();
            const auto* first = samples.const_data_ptr<float>();
            batch.sounds.emplace_back(first, first + samples.numel());
        }
        return batch;
    }
    std::int64_t batchesPerEpoch() const override { return m_rows->batchesPerEpoch(); }

private:
    std::unique_ptr<BatchSource> m_rows;
    SoundSteps m_steps;
};

} // namespace

std::unique_ptr<BatchSource> mediaBatches(std::unique_ptr<BatchSource> rows,
                                          RowMedium medium,
                                          const std::filesystem::path& model)
{
    if (medium == RowMedium::Picture)
        return std::make_unique<PictureBatches>(std::move(rows), imageStepsOf(model));
    return std::make_unique<SoundBatches>(std::move(rows), soundStepsOf(model));
}

} // namespace tw
