// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/scores.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/evaluation/classification.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

namespace tw {
namespace {

void add(LabelScores& scores, const char* id, const char* title, double value)
{
    if (!std::isfinite(value)) // a correlation with something constant
        return;
    scores.metrics[id] = value;
    scores.result.numbers.push_back({id, title, value, {}, {}});
}

ResultTable classTable(const ClassificationScores& scores, const std::vector<std::string>& labels)
{
    ResultTable table {"classes", "Classes", {"Label", "Precision", "Recall", "F1", "Rows"}, {}};
    for (std::size_t i = 0; i < scores.classes.size(); ++i) {
        const auto& [found, count] = scores.classes[i];
        table.rows.push_back({labels.at(i), toText(found.precision), toText(found.recall),
                              toText(found.f1), std::to_string(count)});
    }
    return table;
}

ResultTable confusionTable(const ClassificationScores& scores,
                           const std::vector<std::string>& labels)
{
    ResultTable table {"confusion", "What is right (rows) and what was said (columns)", {""}, {}};
    table.columns.insert(table.columns.end(), labels.begin(), labels.end());
    for (std::size_t i = 0; i < scores.confusion.size(); ++i) {
        std::vector<std::string> row {labels.at(i)};
        for (const std::int64_t count : scores.confusion[i])
            row.push_back(std::to_string(count));
        table.rows.push_back(std::move(row));
    }
    return table;
}

void addClasses(LabelScores& to,
                const ClassificationScores& scores,
                const std::vector<std::string>& labels)
{
    constexpr std::size_t kMostConfused = 50; // beyond it nobody reads the table
    add(to, "accuracy", "Accuracy", scores.accuracy);
    add(to, "f1", "F1, mean over classes", scores.macro.f1);
    add(to, "f1Micro", "F1 over all decisions", scores.micro.f1);
    to.result.tables.push_back(classTable(scores, labels));
    if (!scores.confusion.empty() && labels.size() <= kMostConfused)
        to.result.tables.push_back(confusionTable(scores, labels));
    to.result.summary = fixedDecimals(100.0 * scores.accuracy, 1) + " % of "
        + groupedDigits(scores.count) + " labels held out are said right.";
}

template <typename Number>
std::vector<Number> flat(const std::vector<std::vector<double>>& rows)
{
    std::vector<Number> all;
    for (const std::vector<double>& row : rows)
        for (const double value : row)
            all.push_back(static_cast<Number>(value));
    return all;
}

ClassificationScores classesOf(const Predictions& predictions,
                               const std::vector<std::string>& labels)
{
    return classificationScores(flat<std::int64_t>(predictions.truth),
                                flat<std::int64_t>(predictions.said),
                                static_cast<std::int64_t>(labels.size()));
}

std::vector<std::vector<std::string>> tagsOf(const std::vector<std::vector<double>>& rows,
                                             const std::vector<std::string>& labels)
{
    std::vector<std::vector<std::string>> tags;
    for (const std::vector<double>& row : rows) {
        tags.emplace_back();
        for (const double value : row)
            tags.back().push_back(labels.at(static_cast<std::size_t>(value)));
    }
    return tags;
}

void addNumbers(LabelScores& to, const Predictions& predictions)
{
    const NumberScores scores =
        numberScores(flat<double>(predictions.truth), flat<double>(predictions.said));
    add(to, "squaredError", "Squared error, mean", scores.squaredError);
    add(to, "absoluteError", "Absolute error, mean", scores.absoluteError);
    add(to, "pearson", "Pearson's correlation", scores.pearson);
    add(to, "spearman", "Spearman's correlation of ranks", scores.spearman);
    to.result.summary = fixedDecimals(scores.absoluteError, 3) + " is how far the "
        + groupedDigits(scores.count) + " numbers held out are missed on average.";
}

void append(std::vector<std::vector<double>>& to, std::vector<std::vector<double>> from)
{
    for (std::vector<double>& row : from)
        to.push_back(std::move(row));
}

} // namespace

LabelScores labelScores(const Predictions& predictions, const std::vector<std::string>& labels)
{
    LabelScores scores;
    scores.result.method = kScoresMethod;
    scores.result.title = "Scores on held-out rows";
    switch (predictions.kind) {
    case Predictions::Kind::Classes:
        addClasses(scores, classesOf(predictions, labels), labels);
        break;
    case Predictions::Kind::Flags:
        addClasses(scores, flagScores(predictions.truth, predictions.said), labels);
        break;
    case Predictions::Kind::TokenClasses:
        addClasses(scores, classesOf(predictions, labels), labels);
        if (areEntityTags(labels))
            add(scores, "entityF1", "F1 of whole entities",
                entityScores(tagsOf(predictions.truth, labels), tagsOf(predictions.said, labels))
                    .f1);
        break;
    case Predictions::Kind::Numbers:
        addNumbers(scores, predictions);
        break;
    }
    return scores;
}

LabelScores labelScores(const Model& model,
                        const Objective& objective,
                        const ParamValues& settings,
                        const BatchSource& batches,
                        JobControl& control)
{
    if (!objective.predict)
        throw Error("Rows of the objective " + objective.title + " have no labels to score.",
                    "Choose an objective that learns labels.");
    const at::NoGradGuard noGradients;
    Predictions all;
    const std::int64_t count = batches.batchesPerEpoch();
    for (std::int64_t i = 0; i < count; ++i) {
        control.throwIfCancelled();
        control.report("evaluating", i, count);
        Predictions part = objective.predict(model, batches.batch(i), settings);
        all.kind = part.kind;
        append(all.said, std::move(part.said));
        append(all.truth, std::move(part.truth));
    }
    control.report("evaluating", count, count);
    return labelScores(all, model.config().labels);
}

} // namespace tw
