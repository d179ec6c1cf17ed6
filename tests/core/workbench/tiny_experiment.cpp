// SPDX-License-Identifier: Apache-2.0
#include "tests/core/workbench/tiny_experiment.h"

#include <fstream>

void writeRows(const std::filesystem::path& file, int first, int count)
{
    std::ofstream out(file);
    out << "question,answer\n";
    for (int i = first; i < first + count; ++i)
        out << "What is " << i << " and one?,It is " << i + 1 << ".\n";
}

tw::Experiment tinyExperiment(const std::filesystem::path& folder)
{
    std::filesystem::create_directories(folder);
    writeRows(folder / "train.csv", 0, 24);
    writeRows(folder / "held_out.csv", 100, 6);
    std::ofstream(folder / "general.txt")
        << "Water boils.\n\nSnow is white.\n\nBirds fly south.\n\nIron rusts.\n";
    tw::Experiment e;
    e.name = "tiny";
    e.model = TW_FIXTURES "/experiment/tiny";
    e.train = {(folder / "train.csv").string(), {{"question", "prompt"}, {"answer", "answer"}}, 0};
    e.heldOut = {
        (folder / "held_out.csv").string(), {{"question", "prompt"}, {"answer", "answer"}}, 0};
    e.general.path = (folder / "general.txt").string();
    e.maxLength = 128;
    tw::AdaptationChoice lora;
    lora.sites = {{"attn.q", "0-1"}, {"attn.v", "0-1"}};
    lora.settings = {{"rank", std::int64_t {4}}};
    e.adaptations = {lora};
    e.optimizer.settings = {{"learningRate", 0.01}};
    e.schedule.settings = {{"warmupSteps", std::int64_t {1}}};
    e.steps = 6;
    e.batchRows = 4;
    e.evaluateEvery = 3;
    e.checkpointEvery = 2;
    e.threads = 1;
    return e;
}
