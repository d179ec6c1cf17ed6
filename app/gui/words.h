// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QString>

#include <cstdint>
#include <string>

namespace tw {

/// "1,234.50" as the person writes it, with a real minus; empty where it was not measured (NaN).
QString number(double value, int digits);
QString number(std::int64_t value);
/// The same with a sign before what is above 0.
QString signedNumber(double value, int digits);

/// "running", "stopped" ... in the person's language.
QString stateInWords(RunState state);
/// The line drawing that goes with it.
QString stateIcon(RunState state);
/// What was measured, as a clock shows it: "4:08", "1:02:33".
QString durationInWords(double seconds);
/// What is only estimated: "4 min 10 s", "2 h 5 min".
QString roughDurationInWords(double seconds);
/// "today 15:58", "yesterday 9:30", or the date.
QString timeInWords(const std::string& iso8601);
/// Rise of the loss on general text since before training; NaN where it was not measured.
double forgettingOf(const RunSummary& run);
/// Colours of the lines of runs that are shown together; 5 is the base's.
constexpr int kRunLines[] {1, 2, 3, 4, 6};

/// Name of a field of the experiment, as Tune calls it. method: whose settings stand under
/// adaptations; null: unknown.
QString fieldInWords(const std::string& field, const PluginInfo* method = nullptr);

} // namespace tw
