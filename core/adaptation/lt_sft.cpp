// SPDX-License-Identifier: Apache-2.0
// LT-SFT (Ansell et al. 2022): theta = theta0 + phi with phi zero but for K weights, those that
// moved most when all of them were trained. An earlier stage of a recipe trains all (phase 1), this
// method goes back to theta0 and trains the K (phase 2). Such differences add up: several of them
// can lie over each other.

#include "core/adaptation/own_method.h"
#include "core/adaptation/peft_config.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/sparse_delta.h"
#include "core/adaptation/weight_training.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

struct SparseOptions
{
    double share = 0.05;
    std::int64_t count = 0;
    std::string maskFrom;
    double l1 = 0.0;
};

ParamTable<SparseOptions> params()
{
    ParamTable<SparseOptions> table;
    table.add(&SparseOptions::share, "share", QT_TRANSLATE_NOOP("lt_sft", "Share of the weights"))
        .help(QT_TRANSLATE_NOOP("lt_sft",
                                "How many of the weights at the chosen sites may change. Fewer "
                                "disturb each other less when several are added up."))
        .range(1e-5, 1)
        .source("our choice; the official code's default is 0.01");
    table.add(&SparseOptions::count, "count", QT_TRANSLATE_NOOP("lt_sft", "Number of weights"))
        .help(QT_TRANSLATE_NOOP("lt_sft", "Instead of a share. 0: the share counts."))
        .range(0, 1e12)
        .source("ft_params_num of the official code")
        .advanced();
    table.add(&SparseOptions::maskFrom, "maskFrom", QT_TRANSLATE_NOOP("lt_sft", "Mask from"))
        .help(QT_TRANSLATE_NOOP("lt_sft",
                                "Folder of a fully trained adapter or model, or \"stage:NAME\" of "
                                "this recipe: the weights that moved most there may change. "
                                "Empty: random ones, the paper's baseline."))
        .source("Ansell et al. 2022, section 3");
    table.add(&SparseOptions::l1, "l1", QT_TRANSLATE_NOOP("lt_sft", "L1 penalty"))
        .help(QT_TRANSLATE_NOOP("lt_sft",
                                "Pulls the differences towards 0: this times their sum, divided by "
                                "the number of all weights."))
        .range(0, 10)
        .source("0.1 for language modelling, 0 for tasks in the official scripts")
        .advanced();
    return table;
}

const std::vector<SiteKind>& sparseSites()
{
    static const std::vector<SiteKind> kinds = [] {
        std::vector<SiteKind> all {SiteKind::Embed};
        all.insert(all.end(), linearSites().begin(), linearSites().end());
        return all;
    }();
    return kinds;
}

std::int64_t numbersOf(const std::vector<SiteInfo>& chosen)
{
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += info.in * info.out;
    return count;
}

std::int64_t countOf(const SparseOptions& options, const std::vector<SiteInfo>& chosen)
{
    const std::int64_t all = numbersOf(chosen);
    const auto share = std::llround(options.share * static_cast<double>(all));
    return std::min<std::int64_t>(all, options.count > 0 ? options.count : share);
}

/// [out, in] of a linear layer, [vocabulary, hidden] of the embedding: as the changes see them.
at::Tensor matrixAt(const Model& model, const SiteInfo& info)
{
    return info.site.kind == SiteKind::Embed ? model.embedding().weight
                                             : model.linear(info.site).weight;
}

/// The weights that an earlier run ended with.
class TrainedWeights
{
public:
    explicit TrainedWeights(const std::filesystem::path& folder)
        : m_folder(folder)
    {
        const auto adapter = folder / "adapter_model.safetensors";
        if (std::filesystem::exists(adapter))
            m_adapter = openTensorFile(adapter);
        else
            m_model = openModelSource(folder);
    }

    at::Tensor at(const std::string& name, const at::Tensor& base, bool isTransposed) const
    {
        at::Tensor value = read(name);
        if (isTransposed)
            value = value.t();
        if (value.sizes() != base.sizes())
            throw Error(m_folder.string() + " has another shape of " + name + ".",
                        "Take the mask from a run of the same model.");
        return value;
    }

private:
    at::Tensor read(const std::string& name) const
    {
        if (m_adapter == nullptr)
            return m_model->weight(name);
        const TensorInfo* info = m_adapter->find(kPeftPrefix + name);
        if (info == nullptr)
            throw Error(m_folder.string() + " did not train " + name + ".",
                        "Take the mask from full fine-tuning at these sites.");
        return m_adapter->readFloat(info->name);
    }

    std::filesystem::path m_folder;
    std::shared_ptr<const TensorFile> m_adapter;
    std::optional<ModelSource> m_model;
};

/// Non-negative floats sort as their bits do.
at::Tensor bitsOf(const at::Tensor& distances)
{
    return distances.contiguous().view(at::kInt).to(at::kLong).reshape({-1});
}

SparseKeys movedMost(const Model& model,
                     const std::vector<SiteInfo>& chosen,
                     const std::shared_ptr<const TrainedWeights>& trained)
{
    return [&model, &chosen, trained](std::size_t part) {
        const at::NoGradGuard noGradients;
        const SiteInfo& info = chosen[part];
        const at::Tensor base = matrixAt(model, info).detach();
        const bool isTransposed = info.isLinear && model.config().storesTransposed;
        return bitsOf((trained->at(info.module + ".weight", base, isTransposed) - base).abs());
    };
}

SparseKeys atRandom(const std::vector<SiteInfo>& chosen, std::uint64_t seed)
{
    return [&chosen, seed](std::size_t part) {
        RandomStream random(seed, "lt_sft/" + chosen[part].module);
        at::Tensor keys = at::empty({chosen[part].in * chosen[part].out}, at::kLong);
        auto* each = keys.mutable_data_ptr<std::int64_t>();
        std::generate(each, each + keys.numel(),
                      [&] { return static_cast<std::int64_t>(random.next() >> 32U); });
        return keys;
    };
}

void add(const SiteInfo& info,
         const at::Tensor& index,
         const at::Tensor& values,
         AdapterParts& parts)
{
    parts.frozen.emplace_back(std::string(kPeftPrefix) + info.module + "." + kSparseIndex, index);
    if (info.site.kind == SiteKind::Embed)
        parts.tableChanges.push_back(
            {info.module, std::make_shared<SparseTable>(index, values, info.in, info.out)});
    else
        parts.changes.push_back(
            {info, std::make_shared<SparseDelta>(index, values, info.out, info.in)});
}

std::unique_ptr<Adapter> attached(Model& model,
                                  AdapterParts parts,
                                  const SiteSelection& selection,
                                  const ParamValues& values)
{
    std::int64_t all = 0;
    for (const auto& [name, weight] : model.weights())
        all += weight.numel();
    NamedTensors trained;
    for (const PlacedChange& placed : parts.changes)
        trained.push_back(placed.change->trainable().front());
    for (const PlacedTableChange& placed : parts.tableChanges)
        trained.push_back(placed.change->trainable().front());
    if (const double l1 = params().read(values).l1; l1 > 0.0)
        parts.penalty = [trained, factor = l1 / static_cast<double>(all)] {
            at::Tensor sum = at::zeros({});
            for (const auto& [name, tensor] : trained)
                sum = sum + tensor.abs().sum();
            return sum * factor;
        };
    // Decay would pull the differences, not the weights, towards 0.
    parts.treatment = [](const std::string&) { return Treatment {1.0, false}; };
    return attachParts(model, std::move(parts), ownConfigWriter("lt_sft", selection, values));
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const SparseOptions options = params().read(values);
    const auto chosen = chosenSites(model.sites(), selection);
    const SparseKeys keys = options.maskFrom.empty()
        ? atRandom(chosen, context.random.next())
        : movedMost(model, chosen, std::make_shared<TrainedWeights>(options.maskFrom));
    const auto places = largestPlaces(chosen.size(), keys, countOf(options, chosen));
    AdapterParts parts;
    for (std::size_t i = 0; i < chosen.size(); ++i)
        add(chosen[i], places[i], at::zeros({places[i].size(0)}, at::kFloat), parts);
    return attached(model, std::move(parts), selection, values);
}

std::unique_ptr<Adapter> read(Model& model,
                              const SiteSelection& selection,
                              const ParamValues& values,
                              const TensorFile& tensors)
{
    AdapterParts parts;
    const auto tensor = [&](const std::string& name) {
        if (tensors.find(name) == nullptr)
            throw Error("The adapter has no tensor " + name + ".",
                        "Use the file as it was written.");
        return tensors.read(name).clone();
    };
    for (const SiteInfo& info : chosenSites(model.sites(), selection)) {
        const std::string prefix = std::string(kPeftPrefix) + info.module + ".";
        const at::Tensor index = tensor(prefix + kSparseIndex);
        const at::Tensor own = tensor(prefix + kSparseValues).to(at::kFloat);
        const bool isWhole = index.scalar_type() == at::kLong && index.dim() == 1
            && index.sizes() == own.sizes()
            && (index.numel() == 0
                || (index.min().item<std::int64_t>() >= 0
                    && index.max().item<std::int64_t>() < info.in * info.out));
        if (!isWhole)
            throw Error("The adapter's places at " + info.module + " do not fit this model.",
                        "Open the model that the adapter was trained on.");
        add(info, index, own, parts);
    }
    return attached(model, std::move(parts), selection, values);
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    const SparseOptions options = params().read(values);
    Problems problems = checkSelection("LT-SFT", sparseSites(), sites, selection);
    const auto chosen = chosenSites(sites, selection);
    const auto isHead = [](const SiteInfo& info) { return info.site.kind == SiteKind::Head; };
    if (selection.contains(SiteKind::Embed) && std::ranges::none_of(sites, isHead))
        problems.push_back({"sites.embed",
                            "The embedding of this model may share its table with an output layer "
                            "that is no site, which would have to stay as it is.",
                            "Leave the embedding out.", false});
    if (options.count > numbersOf(chosen))
        problems.push_back(
            {"settings.count",
             "The chosen sites have only " + std::to_string(numbersOf(chosen)) + " weights.",
             "Choose fewer, or more sites.", false});
    if (options.maskFrom.empty())
        problems.push_back({"settings.maskFrom",
                            "No earlier training is named, so random weights are trained.",
                            "Name a stage of full fine-tuning, \"stage:NAME\".", true});
    else if (!options.maskFrom.starts_with("stage:")
             && !std::filesystem::is_directory(options.maskFrom))
        problems.push_back({"settings.maskFrom", options.maskFrom + " is no folder.",
                            "Name the folder of an adapter or model, or \"stage:NAME\".", false});
    return problems;
}

} // namespace

void registerLtSft(Registry<Adaptation>& registry)
{
    Adaptation sparse;
    sparse.id = "lt_sft";
    sparse.title = QT_TRANSLATE_NOOP("lt_sft", "LT-SFT");
    sparse.summary = QT_TRANSLATE_NOOP(
        "lt_sft", "Changes a few single weights; such differences can be added to each other.");
    sparse.traits = {Trait::Merges, Trait::KeepsKnowledge};
    sparse.paper = "Ansell et al. 2022, Composable Sparse Fine-Tuning for Cross-Lingual Transfer";
    sparse.siteKinds = sparseSites();
    sparse.defaultSites = linearSites();
    sparse.params = params().specs();
    sparse.parameterCount = [](const std::vector<SiteInfo>& chosen, const ParamValues& values) {
        return countOf(params().read(values), chosen);
    };
    sparse.check = check;
    sparse.attach = attach;
    sparse.read = read;
    registry.add(std::move(sparse));
}

} // namespace tw
