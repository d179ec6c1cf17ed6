// SPDX-License-Identifier: Apache-2.0
#include "tests/core/train/training_case.h"

#include "core/base/json.h"

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = TW_FIXTURES;
const fs::path kCases = kFixtures / "training";
constexpr std::size_t kLargest = 1U << 20U;
constexpr std::int64_t kNoTarget = -100;

/// Labels as Transformers has them, of the token itself, become targets of the position before it.
void appendText(Batch& batch, const Json& row)
{
    const auto ids = row.at("ids").get<std::vector<std::int64_t>>();
    const auto labels = row.at("labels").get<std::vector<std::int64_t>>();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        batch.ids.push_back(ids[i]);
        batch.positions.push_back(static_cast<std::int64_t>(i));
        batch.targets.push_back(i + 1 < ids.size() ? labels[i + 1] : kNoTarget);
    }
    batch.rowStarts.push_back(batch.tokenCount());
}

Batch textBatch(const Json& rows)
{
    Batch batch;
    batch.rowStarts.push_back(0);
    for (const Json& row : rows)
        appendText(batch, row);
    return batch;
}

} // namespace

std::vector<std::string> trainingCases()
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(kCases))
        if (fs::exists(entry.path() / "case.json"))
            names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

TrainingCase readTrainingCase(const std::string& name)
{
    const Json json = readJsonFile(kCases / name / "case.json", kLargest);
    TrainingCase read;
    read.name = name;
    read.folder = kCases / name;
    read.base = kFixtures / json.at("base").get<std::string>();
    read.adaptation = json.at("adaptation").at("id").get<std::string>();
    read.objective = json.at("objective").at("id").get<std::string>();
    read.objectiveSettings = paramValuesFrom(json.at("objective").at("settings"), "settings");
    read.optimizerSettings = paramValuesFrom(json.at("optimizer"), "optimizer");
    read.losses = json.at("losses").get<std::vector<double>>();
    read.gradientNorms = json.at("gradientNorms").get<std::vector<double>>();
    read.noise = json.value("noise", std::set<std::string> {});
    for (const Json& rows : readJsonFile(kCases / json.at("batches").get<std::string>(), kLargest))
        read.batches.push_back(textBatch(rows));
    return read;
}

} // namespace tw
