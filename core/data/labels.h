// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"

namespace tw {

/// What labels stand for: classes by their number, or plain numbers that are learned as they are.
struct LabelList
{
    std::vector<std::string> classes; ///< or names of the numbers where a row has several
    bool areNumbers = false; ///< regression, or 1 and 0 for each of several labels

    bool operator==(const LabelList&) const = default;

    /// Of a class by its name; by its number where no class has a number for its name. Throws
    /// Error with the known ones.
    std::int64_t numberOf(const std::string& label) const;
    /// Of a cell: the number of its class, or its numbers; several in a JSON list. Throws Error.
    std::vector<double> valuesOf(const std::string& cell) const;
};

/// The parts of a text between blanks.
std::vector<std::string> blankParted(const std::string& text);
/// Labels of a list cell: a JSON list of texts or numbers, or texts parted by blanks.
std::vector<std::string> listedTexts(const std::string& cell);

/// Each label once, empty ones left out: numbers in their order, then texts in theirs.
std::vector<std::string> distinctLabels(const std::vector<std::string>& labels);

/// Whether every one is a finite number.
bool areNumbers(const std::vector<std::string>& labels);
/// Whether every one is a whole number.
bool areWholeNumbers(const std::vector<std::string>& labels);

/// The classes of data whose labels are `distinct`, for a model whose head tells `ofModel` apart
/// (empty: it has no such head yet). The model's own where all labels are among them, by name or
/// by number; the data's where the model only counts its classes (LABEL_0 ...) and has as many.
/// Throws Error where a label is none of the model's, and for more than 1,000 classes.
LabelList classesFor(const std::vector<std::string>& distinct,
                     const std::vector<std::string>& ofModel);

/// Numbers, as many as the first of these cells has: one, or a list of them.
LabelList numbersLike(const std::vector<std::string>& cells);

/// The classes that labels are numbers of already: "0", "1" up to the highest. Throws Error for
/// more than 1,000.
LabelList numberedClasses(const std::vector<std::string>& distinct);

} // namespace tw
