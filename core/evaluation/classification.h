// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tw {

/// How well a class is found. What has no denominator is 0, as in scikit-learn with
/// zero_division=0.
struct Found
{
    double precision = 0.0; ///< of what was said to be of the class, the share that is
    double recall = 0.0; ///< of what is of the class, the share that was said to be
    double f1 = 0.0; ///< their harmonic mean

    bool operator==(const Found&) const = default;
};

struct ClassScore
{
    Found found;
    std::int64_t count = 0; ///< rows that are of it

    bool operator==(const ClassScore&) const = default;
};

struct ClassificationScores
{
    std::int64_t count = 0; ///< rows
    double accuracy = 0.0; ///< share of rows that are right; of several labels: all of them
    Found macro; ///< mean over the classes that occur, in what is right or in what was said
    Found micro; ///< over all decisions at once
    std::vector<ClassScore> classes; ///< by their number
    /// Rows by what is right and, within that, by what was said. Empty where several labels can
    /// hold at once.
    std::vector<std::vector<std::int64_t>> confusion;

    bool operator==(const ClassificationScores&) const = default;
};

/// One class for each row. Throws Error where the lists differ in length or a class is not one of
/// 0 to classes - 1.
ClassificationScores classificationScores(const std::vector<std::int64_t>& truth,
                                          const std::vector<std::int64_t>& said,
                                          std::int64_t classes);
/// Of each row, 1 or 0 for each label. Throws Error where rows differ in length.
ClassificationScores flagScores(const std::vector<std::vector<double>>& truth,
                                const std::vector<std::vector<double>>& said);

/// Whether labels are those of stretches of words: "O", and types behind B-, I-, E- or S-.
bool areEntityTags(const std::vector<std::string>& labels);
/// Over entities (stretches of one type) of all rows: one counts as found only if its type, its
/// first and its last word are right, as in conlleval (Tjong Kim Sang and Buchholz 2000) and
/// seqeval. Throws Error where rows differ in length.
Found entityScores(const std::vector<std::vector<std::string>>& truth,
                   const std::vector<std::vector<std::string>>& said);

struct NumberScores
{
    std::int64_t count = 0;
    double squaredError = 0.0; ///< mean
    double absoluteError = 0.0; ///< mean
    double pearson = 0.0; ///< correlation; not a number where one side is constant
    double spearman = 0.0; ///< of the ranks, ties sharing theirs

    bool operator==(const NumberScores&) const = default;
};
/// Throws Error where the lists differ in length.
NumberScores numberScores(const std::vector<double>& truth, const std::vector<double>& said);

} // namespace tw
