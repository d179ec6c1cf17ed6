// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/experiment.h"

#include <filesystem>
#include <string>

/// Writes rows of questions and answers as CSV (question, answer).
void writeRows(const std::filesystem::path& file, int first, int count);

/// An experiment on the tiny model of tests/fixtures/experiment, with data written into folder:
/// 24 rows to train on, 6 held out, 4 paragraphs of general text. Six steps take a second.
tw::Experiment tinyExperiment(const std::filesystem::path& folder);
