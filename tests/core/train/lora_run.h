// SPDX-License-Identifier: Apache-2.0
#pragma once

// The run that tests/fixtures/train/make_lora_run.py recorded of Transformers and PEFT.
#include "core/adaptation/registry.h"
#include "core/base/json.h"
#include "core/objective/registry.h"
#include "core/train/training.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

namespace tw {

inline std::filesystem::path runFixture()
{
    return std::filesystem::path(TW_FIXTURES) / "train/lora_run";
}

/// The recorded batches, over and over.
class RecordedBatches final : public BatchSource
{
public:
    RecordedBatches()
    {
        const Json run = readJsonFile(runFixture() / "run.json", 1U << 20U);
        for (const auto& rows : run["batches"]) {
            std::vector<TokenizedRow> batch;
            for (const auto& row : rows) {
                TokenizedRow tokens;
                tokens.ids = row["ids"].get<std::vector<std::int64_t>>();
                tokens.isTrained = row["trained"].get<std::vector<std::uint8_t>>();
                tokens.kinds.assign(tokens.ids.size(), TokenKind::Answer);
                batch.push_back(tokens);
            }
            m_batches.push_back(batch);
        }
    }
    std::int64_t batchesPerEpoch() const override
    {
        return static_cast<std::int64_t>(m_batches.size());
    }
    Batch batch(std::int64_t index) const override
    {
        std::vector<const TokenizedRow*> rows;
        for (const auto& row : m_batches[static_cast<std::size_t>(index % batchesPerEpoch())])
            rows.push_back(&row);
        return packRows(rows);
    }

private:
    std::vector<std::vector<TokenizedRow>> m_batches;
};

/// All parts of that run, fresh.
struct LoraRun
{
    std::shared_ptr<Model> model = tinyModel();
    std::unique_ptr<Adapter> adapter;
    std::unique_ptr<Optimizer> optimizer;
    RecordedBatches batches;
    ParamValues scheduleSettings {{"warmupSteps", std::int64_t {3}}};

    explicit LoraRun(const ParamValues& optimizerSettings = {})
    {
        adapter = attachAdapter(*model, runFixture() / "start");
        makeOptimizer(optimizerSettings);
    }
    /// With a fresh adapter of our own.
    LoraRun(const ParamValues& loraSettings, const ParamValues& optimizerSettings)
    {
        RandomStream random(7, "adapter");
        adapter = adaptations().at("lora").attach(*model, everyLinearSite(*model), loraSettings,
                                                  {random});
        makeOptimizer(optimizerSettings);
    }
    TrainingParts parts()
    {
        return {*model,
                *adapter,
                objectives().at("supervised"),
                {},
                *optimizer,
                schedules().at("cosine"),
                scheduleSettings,
                batches};
    }

private:
    void makeOptimizer(const ParamValues& settings)
    {
        ParamValues all {{"learningRate", 5e-3}, {"weightDecay", 0.01}, {"clipNorm", 1.0}};
        for (const auto& [id, value] : settings)
            all[id] = value;
        optimizer = optimizers().at("adamw").make(adapter->parameters(), all);
    }
};

} // namespace tw
