// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"

namespace tw::cli {
namespace {

constexpr bool kSharesLoops = true;

} // namespace

const std::vector<Command>& commands()
{
    static const std::vector<Command> table {
        {"inspect", "Say what a file or folder is: model, adapter, tensor file or data set",
         addInspect},
        {"describe", "List methods of every kind, and the settings of one", addDescribe},
        {"tokenize", "Text to token ids and back", addTokenize},
        {"template", "Render a chat template: exactly the text that a model would see",
         addTemplate},
        {"logits", "Forward pass in float32, written to a safetensors file", addLogits,
         kSharesLoops},
        {"generate", "Let a model write", addGenerate, kSharesLoops},
        {"perplexity", "Nats per token of a text under a model", addPerplexity, kSharesLoops},
        {"check", "All problems of an experiment at once; nothing is trained", addCheck},
        {"run", "Queue an experiment in a project and train it", addRun, kSharesLoops},
        {"resume", "Go on from the last checkpoint, or work off the queue", addResume,
         kSharesLoops},
        {"runs", "Table of a project's runs", addRuns},
        {"curves", "Every measured series of a run as CSV", addCurves},
        {"xray", "What training changed in the weights", addXray, kSharesLoops},
        {"convert", "Any readable tensor file to safetensors", addConvert, kSharesLoops},
        {"fetch", "Fetches a model by its name: the one command that uses the network", addFetch},
        {"merge", "A model with its adapters merged in, as a Hugging Face folder", addMerge,
         kSharesLoops},
        {"export", "An adapter or a merged model for other programs, proven to answer as before",
         addExport, kSharesLoops},
        {"report", "A project's runs and analyses as one HTML page", addReport},
        {"sample", "Make the sample project, ready to run", addSample},
        {"doctor", "What this machine can do: to paste into a bug report", addDoctor,
         kSharesLoops}};
    return table;
}

} // namespace tw::cli
