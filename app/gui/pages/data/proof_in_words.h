// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/pages/data/counter_row.h"
#include "core/workbench/values.h"
#include "widgets/basic/figure_row.h"
#include "widgets/plot/bar_plot.h"
#include "widgets/text/token_flow.h"

#include <QStringList>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tw {

/// The counters over the training part, or over the part that is kept apart from it;
/// rowsOfCounter() has the rows of each.
std::vector<Counter> countersOf(const CheckReport& report, bool isHeldOut, bool isProven);
std::vector<std::int64_t> rowsOfCounter(const ProofSummary& proof, int counter);
std::vector<FlowToken> flowTokens(const RowTokens& tokens);
/// Histogram of lengths in about 24 bins of a round width.
Bars lengthBars(const std::vector<std::int32_t>& lengths);
std::vector<Figure> shapeFigures(const ProofSummary& proof, std::int64_t limit);
std::int64_t longestRow(const ProofSummary& proof);
/// The next power of two from 64 on that is not shorter.
std::int64_t comfortableLength(std::int64_t longest);
/// The column whose words say what a row is: the prompt, or the text, or the first one.
int wordsColumn(const DatasetSummary& dataset, const std::map<std::string, std::string>& roles);
/// A small table as an example of what a file can look like.
QWidget* makeExample(const QString& title,
                     const QString& purpose,
                     const QStringList& columns,
                     const std::vector<QStringList>& rows);

} // namespace tw
