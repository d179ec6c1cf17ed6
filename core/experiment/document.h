// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/param.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tw {

/// A plug-in and its settings; what is not set has its default.
struct PluginChoice
{
    std::string method;
    ParamValues settings;

    bool operator==(const PluginChoice&) const = default;
};

/// An adaptation and where it sits: layers per site id, {"attn.q": "0-29"}.
struct AdaptationChoice
{
    std::string method = "lora";
    std::map<std::string, std::string> sites {};
    ParamValues settings {};
    double rate = 1.0; ///< its learning rate, as a multiple of the optimiser's
    /// Folder of an adapter that the training goes on from: its method, sites and settings count
    /// then. Empty: a fresh one.
    std::string from {};

    bool operator==(const AdaptationChoice&) const = default;
};

/// A data file and the roles of its columns ("prompt", "answer" ...; see core/data/dataset.h).
struct DataPart
{
    std::string path; ///< relative paths are relative to the document
    std::map<std::string, std::string> roles; ///< empty: guessed
    std::int64_t limit = 0; ///< first N rows; 0: all
    /// Only rows whose cells are exactly these texts, by column: {"split": "train"}; empty: all.
    std::map<std::string, std::string> where {};

    bool operator==(const DataPart&) const = default;
};

/// One part of a recipe: a name, and what differs from the fields of the experiment. Where a folder
/// is asked for, "stage:NAME" means the result of an earlier one: under adapters or an adaptation's
/// from, or in a setting such as maskFrom.
struct Stage
{
    std::string name;
    std::optional<std::vector<std::string>> adapters {};
    std::optional<DataPart> train {};
    std::optional<DataPart> heldOut {};
    std::optional<std::string> layout {};
    std::optional<std::int64_t> maxLength {};
    std::optional<std::vector<AdaptationChoice>> adaptations {};
    std::optional<PluginChoice> objective {};
    std::optional<PluginChoice> optimizer {};
    std::optional<PluginChoice> schedule {};
    std::optional<std::int64_t> steps {};
    std::optional<std::int64_t> batchRows {};
    std::optional<std::int64_t> accumulation {};
    std::optional<std::int64_t> seed {};

    bool operator==(const Stage&) const = default;
};

/// One experiment: everything that influences a result. The window edits it, the command line runs
/// it, the project file stores it, the report prints it. Its JSON has these names.
struct Experiment
{
    std::string name = "Untitled";
    std::string model; ///< Hugging Face folder or GGUF file
    /// Folders of adapters that lie over the model and stay as they are, the first at the bottom.
    std::vector<std::string> adapters {};
    DataPart train;
    DataPart heldOut; ///< empty path: heldOutShare of train is kept apart
    double heldOutShare = 0.1;
    DataPart general; ///< general text for the forgetting meter; may be absent
    std::string layout = "chat"; ///< chat, chatml, alpaca, plain
    std::string system;
    std::int64_t maxLength = 512; ///< tokens
    bool groupByLength = false;
    bool shuffle = true; ///< each epoch in an order of its own; else as the data are
    std::vector<AdaptationChoice> adaptations {AdaptationChoice {}};
    PluginChoice objective {"supervised", {}};
    PluginChoice optimizer {"adamw", {}};
    PluginChoice schedule {"cosine", {}};
    std::int64_t steps = 200; ///< optimiser steps
    std::int64_t batchRows = 4; ///< rows per forward pass
    std::int64_t accumulation = 1; ///< forward passes per step
    std::int64_t evaluateEvery = 20; ///< steps; 0: only at the end
    std::int64_t checkpointEvery = 50; ///< steps; 0: only at the end
    std::int64_t keepCheckpoints = 3;
    std::int64_t seed = 7;
    std::string device = "auto"; ///< auto, cpu, cuda:N
    std::int64_t threads = 0; ///< 0: all
    /// Parts of a recipe, one after the other; empty: the experiment is one.
    std::vector<Stage> stages {};

    bool operator==(const Experiment&) const = default;
};

/// What stands before the name of a stage where a folder is asked for.
inline constexpr const char* kStagePrefix = "stage:";

std::string toJsonText(const Experiment& experiment);

/// A document with all that is wrong in its form: unknown keys, values of the wrong type. Such
/// fields keep their defaults. Whether the values make sense is found by check().
struct ParsedExperiment
{
    Experiment experiment;
    Problems problems;
};
/// Throws Error for what is no experiment at all (not JSON, not an object).
ParsedExperiment parseExperiment(const std::string& jsonText, const std::string& where);
/// Reads a file and makes its relative paths absolute.
ParsedExperiment parseExperimentFile(const std::string& path);
/// The same for documents that have to be right: throws Error that names the first problem.
Experiment experimentFrom(const std::string& jsonText, const std::string& where);
Experiment readExperiment(const std::string& path);

/// Fields in which two experiments differ, in the order of the document: for config diffs.
struct FieldDifference
{
    std::string field;
    std::string a;
    std::string b;

    bool operator==(const FieldDifference&) const = default;
};
std::vector<FieldDifference> differences(const Experiment& a, const Experiment& b);

} // namespace tw
