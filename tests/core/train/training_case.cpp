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
constexpr std::int64_t kDecoderStart = 0; ///< of the tiny T5

using Ids = std::vector<std::int64_t>;

/// ids, of which those from `start` on are trained.
TokenizedRow answered(Ids ids, std::size_t start)
{
    TokenizedRow row;
    row.ids = std::move(ids);
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        row.isTrained.push_back(i < start ? 0 : 1);
        row.kinds.push_back(i < start ? TokenKind::Prompt : TokenKind::Answer);
    }
    return row;
}

TokenizedRow answered(const Ids& prompt, const Ids& answer)
{
    Ids ids = prompt;
    ids.insert(ids.end(), answer.begin(), answer.end());
    return answered(std::move(ids), prompt.size());
}

Ids idsOf(const Json& row, const char* key)
{
    return row.at(key).get<Ids>();
}

/// A text whose labels are its own tokens, trained or not.
TokenizedRow textRow(const Json& json)
{
    TokenizedRow row = answered(idsOf(json, "ids"), 0);
    const Ids labels = idsOf(json, "labels");
    for (std::size_t i = 0; i < labels.size(); ++i)
        row.isTrained[i] = labels[i] == kNoTarget ? 0 : 1;
    return row;
}

/// Tokens with a label where they stand: a class, or what a mask hides.
TokenizedRow labelledTokens(const Json& json)
{
    TokenizedRow row = answered(idsOf(json, "ids"), 0);
    row.tokenLabels = idsOf(json, "labels");
    return row;
}

TokenizedRow labelledText(const Json& json)
{
    TokenizedRow row = answered(idsOf(json, "ids"), 0);
    row.types = json.value("types", Ids {});
    row.labels = json.at("label").get<std::vector<double>>();
    return row;
}

TokenizedRow sourceAndAnswer(const Json& json)
{
    TokenizedRow row = answered({kDecoderStart}, idsOf(json, "labels"));
    row.source = idsOf(json, "source");
    return row;
}

TokenizedRow pairRow(const Json& json)
{
    TokenizedRow row = answered(idsOf(json, "prompt"), idsOf(json, "chosen"));
    row.rejected = {answered(idsOf(json, "prompt"), idsOf(json, "rejected"))};
    return row;
}

TokenizedRow judgedRow(const Json& json)
{
    TokenizedRow row = answered(idsOf(json, "prompt"), idsOf(json, "answer"));
    row.labels = {json.at("liked").get<bool>() ? 1.0 : 0.0};
    return row;
}

TokenizedRow spokenRow(const Json& json)
{
    TokenizedRow row = answered(idsOf(json, "labels"), 0);
    row.sound = json.at("sound").get<std::vector<float>>();
    return row;
}

TokenizedRow rowOf(const Json& json, const std::string& objective)
{
    if (json.contains("sound"))
        return spokenRow(json);
    if (json.contains("source"))
        return sourceAndAnswer(json);
    if (json.contains("chosen"))
        return pairRow(json);
    if (json.contains("answer"))
        return judgedRow(json);
    if (json.contains("label"))
        return labelledText(json);
    return objective == "supervised" ? textRow(json) : labelledTokens(json);
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
    if (json.at("adaptation").contains("settings"))
        read.adaptationSettings = paramValuesFrom(json["adaptation"]["settings"], "adaptation");
    read.objective = json.at("objective").at("id").get<std::string>();
    read.objectiveSettings = paramValuesFrom(json.at("objective").at("settings"), "settings");
    read.optimizerSettings = paramValuesFrom(json.at("optimizer"), "optimizer");
    read.losses = json.at("losses").get<std::vector<double>>();
    read.gradientNorms = json.at("gradientNorms").get<std::vector<double>>();
    const Json first = json.value("firstStep", Json::object());
    for (auto it = first.begin(); it != first.end(); ++it)
        if (it->is_number())
            read.said[it.key()] = it->get<double>();
    read.references = first.value("references", std::vector<std::vector<double>> {});
    read.divergences = json.value("divergences", std::vector<double> {});
    read.noise = json.value("noise", std::set<std::string> {});
    for (const Json& step :
         readJsonFile(kCases / json.at("batches").get<std::string>(), kLargest)) {
        read.rows.emplace_back();
        for (const Json& row : step)
            read.rows.back().push_back(rowOf(row, read.objective));
    }
    return read;
}

std::vector<Batch> packedSteps(const TrainingCase& given)
{
    std::vector<Batch> batches;
    for (const std::vector<TokenizedRow>& rows : given.rows) {
        std::vector<const TokenizedRow*> pointers;
        for (const TokenizedRow& row : rows)
            pointers.push_back(&row);
        batches.push_back(packRows(pointers));
    }
    return batches;
}

} // namespace tw
