// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/chat_templates.h"
#include "core/experiment/parts.h"
#include "core/model/model.h"
#include "core/workbench/workspace_state.h"

namespace tw {

/// What is known when the data of an experiment are checked.
struct DataCheck
{
    const Experiment& experiment;
    OpenFiles& files;
    JobControl& control;
    std::shared_ptr<const Tokenizer> tokenizer; ///< none: rows that need one are not laid out
    RowTemplates templates;
    ModelConfig model;
    bool needsTokenizer = true;
    const ModelSource* source = nullptr; ///< of the model, where it could be opened
};

/// Adds what is wrong with the data, each at its field, and the token proof.
void checkData(const DataCheck& check, CheckReport& report);

/// Data sets as the workspace keeps them open.
DatasetOpener openerOf(OpenFiles& files);

} // namespace tw
