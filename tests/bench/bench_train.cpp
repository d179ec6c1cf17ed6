// SPDX-License-Identifier: Apache-2.0
// How fast the real training loop is, on the work of peer/peer_step.py.
//
//     bench_train MODEL [rows = 4] [tokens per row = 512] [steps = 3] [rank = 16] [threads = 2]
//
// LoRA on all seven linear sites of every layer, random tokens, all of them trained, AdamW with
// clipping. Prints tokens/s of each step, their median, its share of what the machine's matrix
// products allow, and the peak memory.

#include "core/adaptation/registry.h"
#include "core/base/allocator.h"
#include "core/base/error.h"
#include "core/base/waiting_threads.h"
#include "core/job/job_runner.h"
#include "core/objective/registry.h"
#include "core/train/memory.h"
#include "core/train/training.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace tw;

namespace {

struct Work
{
    std::int64_t rows = 4;
    std::int64_t tokens = 512;
    std::int64_t steps = 3;
    std::int64_t rank = 16;
};

class RandomBatches final : public BatchSource
{
public:
    RandomBatches(const Work& work, std::int64_t vocabulary)
    {
        RandomStream random(7, "bench");
        for (std::int64_t r = 0; r < work.rows; ++r) {
            TokenizedRow row;
            for (std::int64_t t = 0; t < work.tokens; ++t)
                row.ids.push_back(static_cast<std::int64_t>(
                    random.below(static_cast<std::uint64_t>(vocabulary))));
            row.isTrained.assign(row.ids.size(), 1);
            row.kinds.assign(row.ids.size(), TokenKind::Answer);
            m_rows.push_back(std::move(row));
        }
    }
    std::int64_t batchesPerEpoch() const override { return 1; }
    Batch batch(std::int64_t /*index*/) const override
    {
        std::vector<const TokenizedRow*> rows;
        for (const auto& row : m_rows)
            rows.push_back(&row);
        return packRows(rows);
    }

private:
    std::vector<TokenizedRow> m_rows;
};

double seconds(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Of a product as large as the model's, best of some.
double productFlopsPerSecond()
{
    const at::Tensor a = at::randn({2048, 1536});
    const at::Tensor b = at::randn({1536, 1536});
    at::Tensor out = at::empty({2048, 1536});
    double best = 1e9;
    for (int i = 0; i < 20; ++i) {
        const auto start = std::chrono::steady_clock::now();
        at::mm_out(out, a, b);
        best = std::min(best, seconds(start));
    }
    return 2.0 * 2048 * 1536 * 1536 / best;
}

/// Arithmetic that no implementation gets around, per token: every product once forward and once
/// backward through frozen weights, the head likewise, the factors of LoRA twice backward,
/// attention over the pairs that causality leaves.
double flopsPerToken(const Model& model, const Work& work)
{
    const ModelConfig& config = model.config();
    double flops = 4.0 * static_cast<double>(config.vocabularySize * config.hiddenSize);
    for (const auto& info : model.sites())
        if (info.isLinear && info.site.kind != SiteKind::Head)
            flops += 4.0 * static_cast<double>(info.in * info.out)
                + 6.0 * static_cast<double>(work.rank * (info.in + info.out));
    return flops
        + 6.0 * static_cast<double>(config.layers * work.tokens * config.heads * config.headSize);
}

SiteSelection everyLinearSite(const Model& model)
{
    SiteSelection selection;
    for (const auto& info : model.sites())
        if (info.isLinear && info.site.kind != SiteKind::Head)
            selection[info.site.kind].push_back(info.site.layer);
    return selection;
}

void measure(const char* path, const Work& work, JobControl& control)
{
    const auto model = loadModel(openModelSource(path), control);
    RandomStream random(7, "adapter");
    const auto adapter = adaptations().at("lora").attach(
        *model, everyLinearSite(*model), {{"rank", work.rank}, {"alpha", 2 * work.rank}}, {random});
    const auto optimizer = optimizers().at("adamw").make(adapter->parameters(), {});
    const RandomBatches batches(work, model->config().vocabularySize);
    std::vector<double> speeds;
    TrainingEvents events;
    events.stepped = [&](const StepReport& report) {
        if (report.step == 1) // warms up
            return;
        speeds.push_back(report.tokensPerSecond());
        std::printf("ours step %d: loss %.4f, %.1f tokens/s\n", static_cast<int>(report.step - 1),
                    report.loss, speeds.back());
    };
    TrainingPlan plan;
    plan.steps = work.steps + 1;
    const double before = productFlopsPerSecond();
    train({*model,
           *adapter,
           objectives().at("supervised"),
           {},
           *optimizer,
           schedules().at("constant"),
           {{"warmupSteps", std::int64_t {0}}},
           batches},
          plan, events, control);
    const double product = std::max(before, productFlopsPerSecond());
    std::nth_element(speeds.begin(),
                     speeds.begin() + static_cast<std::ptrdiff_t>(speeds.size() / 2), speeds.end());
    const double median = speeds[speeds.size() / 2];
    std::printf("ours: %.1f tokens/s (median), peak %.2f GiB; products reach %.0f GFLOP/s, so the "
                "floor is %.0f tokens/s and this is %.0f %% of it\n",
                median, static_cast<double>(peakResidentBytes()) / (1 << 30), product / 1e9,
                product / flopsPerToken(*model, work),
                100.0 * median * flopsPerToken(*model, work) / product);
}

} // namespace

int main(int argc, char** argv)
{
    letWaitingThreadsSleep(argv);
    tuneAllocator();
    if (argc < 2) {
        std::fprintf(stderr,
                     "bench_train MODEL [rows] [tokens per row] [steps] [rank] [threads]\n");
        return 2;
    }
    const auto number = [&](int index, std::int64_t fallback) {
        return argc > index ? std::atoll(argv[index]) : fallback;
    };
    const Work work {number(2, 4), number(3, 512), std::max<std::int64_t>(1, number(4, 3)),
                     number(5, 16)};
    JobRunner runner; // a thread of its own, as in the programs: malloc treats those differently
    try {
        runner
            .start(Lane {Lane::Kind::Heavy, 0},
                   [&](JobControl& control) {
                       at::set_num_threads(static_cast<int>(number(6, 2)));
                       measure(argv[1], work, control);
                   })
            .result.get();
    } catch (const Error& error) {
        std::fprintf(stderr, "%s %s\n", error.what(), error.hint().c_str());
        return 1;
    }
    return 0;
}
