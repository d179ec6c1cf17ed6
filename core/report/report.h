// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tw {

// What a report is made of: plain values, filled by whoever knows the project. Texts are UTF-8 and
// may hold anything; whatever stands in them is escaped. Texts that are shown come formatted
// ("4:08", "4,884,480").

/// One of the figures at the top.
struct ReportFigure
{
    std::string caption; ///< "Held-out loss"
    std::string figure; ///< "1.31"
    std::string detail; ///< "nats a token, 24 rows, base 2.87"

    bool operator==(const ReportFigure&) const = default;
};

/// A finding as a sentence, its number first and set apart.
struct ReportFinding
{
    std::string figure; ///< "53 %"
    std::string text; ///< "of the change sits in blocks 20 to 29."

    bool operator==(const ReportFinding&) const = default;
};

/// A model, data set or other file that the results rest on.
struct ReportSource
{
    std::string role; ///< "Base model", "Training data"
    std::string name;
    std::string path;
    std::string fingerprint; ///< SHA-256
    std::vector<std::pair<std::string, std::string>> facts; ///< "Rows", "240"

    bool operator==(const ReportSource&) const = default;
};

struct ReportSetting
{
    std::string group; ///< "LoRA", "Optimiser"
    std::string label;
    std::string value;
    std::string defaultValue; ///< shown struck through where it differs from value; empty: has none

    bool operator==(const ReportSetting&) const = default;
};

/// A row of the table of runs; all rows have the columns of ReportInput::runColumns.
struct ReportRun
{
    std::string name;
    std::vector<std::string> cells;

    bool operator==(const ReportRun&) const = default;
};

/// A diagram with one or more lines over the same axes.
struct ReportChart
{
    std::string id; ///< letters, digits, "-": names the figure within the page
    std::string title;
    std::string xTitle; ///< "step"
    std::string yTitle; ///< "loss, nats a token"
    std::vector<ResultSeries> lines;
    bool isLogarithmic = false; ///< the y axis, where all values are positive

    bool operator==(const ReportChart&) const = default;
};

/// What base and tuned model wrote for the same prompt.
struct ReportSample
{
    std::string run; ///< whose answer it is; empty: there is only one
    std::string prompt;
    std::string target; ///< empty: there is none
    std::string base;
    std::string tuned;

    bool operator==(const ReportSample&) const = default;
};

/// An experiment as a document that can be run again.
struct ReportExperiment
{
    std::string name;
    std::string document; ///< JSON text

    bool operator==(const ReportExperiment&) const = default;
};

struct ReportNote
{
    std::string title;
    std::string markdown;

    bool operator==(const ReportNote&) const = default;
};

struct ReportInput
{
    std::string title;
    std::string subtitle;
    std::string project;
    std::string date; ///< as shown
    std::vector<ReportFigure> figures;
    std::vector<ReportFinding> findings;
    std::vector<ReportSource> sources;
    std::vector<ReportSetting> settings;
    std::vector<std::pair<std::string, std::string>> versions; ///< "Tunewright", "0.1.0"
    std::vector<std::string> runColumns;
    std::vector<ReportRun> runs;
    std::vector<ReportChart> charts;
    std::vector<ReportNote> notes;
    std::vector<AnalysisResult> analyses;
    std::vector<ReportSample> samples;
    std::vector<ReportExperiment> experiments;
    std::string runCommand; ///< "tunewright-cli run experiment.json"

    bool operator==(const ReportInput&) const = default;
};

/// The report as one HTML page that needs no other file and no network. Sections come in the order
/// of `sections` (their ids; empty: all there are, in their usual order); those that have nothing
/// to show are left out. Throws Error for a section that does not exist.
std::string reportHtml(const ReportInput& input, const std::vector<std::string>& sections = {});

} // namespace tw
