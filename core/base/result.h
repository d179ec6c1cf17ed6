// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tw {

// Results are plain values: named numbers, tables, matrices, series and texts with spans. The
// project file stores them, generic views draw them, the report prints them; nobody needs to know
// which analysis made them.

struct NamedNumber
{
    std::string id; ///< stable, for JSON
    std::string title;
    double value = 0.0;
    std::string unit;
    std::string note; ///< caption below the figure

    bool operator==(const NamedNumber&) const = default;
};

struct ResultTable
{
    std::string id;
    std::string title;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>>
        rows; ///< texts; numbers in C locale, so that they can be read back

    bool operator==(const ResultTable&) const = default;
};

struct ResultMatrix
{
    std::string id;
    std::string title;
    std::string unit;
    std::vector<std::string> rowLabels;
    std::vector<std::string> columnLabels;
    std::vector<double> values; ///< row by row; NaN = does not apply
    bool isDiverging = false; ///< symmetric about 0

    bool operator==(const ResultMatrix&) const = default;
};

struct ResultSeries
{
    std::string id;
    std::string title;
    std::string xTitle;
    std::string yTitle;
    std::vector<double> x;
    std::vector<double> y;

    bool operator==(const ResultSeries&) const = default;
};

/// A text whose tokens carry a weight (a contrast in nats, say).
struct ShadedText
{
    struct Span
    {
        std::string text;
        double weight = 0.0;
        std::int64_t tokenId = -1;

        bool operator==(const Span&) const = default;
    };
    std::string title;
    std::vector<Span> spans;
    double score = 0.0;

    bool operator==(const ShadedText&) const = default;
};

/// What an analysis found, with provenance.
struct AnalysisResult
{
    std::string method; ///< id of the analysis
    std::string title;
    std::string summary; ///< a finding as a sentence, its number first
    std::string provenance; ///< JSON object: inputs with hashes, settings, seed, versions, seconds
    std::vector<NamedNumber> numbers;
    std::vector<ResultTable> tables;
    std::vector<ResultMatrix> matrices;
    std::vector<ResultSeries> series;
    std::vector<ShadedText> texts;

    bool operator==(const AnalysisResult&) const = default;
};

std::string toJsonText(const AnalysisResult& result);
/// Throws Error where the text is no result.
AnalysisResult analysisResultFrom(const std::string& jsonText);

} // namespace tw
