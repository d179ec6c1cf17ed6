// SPDX-License-Identifier: Apache-2.0
// The update of DSEE (Chen et al. 2023): W' = W + s (B A + S) with W frozen, s = alpha / rank; S is
// 0 but at N places, which follow from W: those that no matrix of the rank explains. Pruning W by
// what the update has become, the paper's other half, is not done here.

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/godec.h"
#include "core/adaptation/lora_delta.h"
#include "core/adaptation/own_method.h"
#include "core/adaptation/peft_config.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/start_values.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

constexpr const char* kValues = "dsee_values";
constexpr const char* kIndex = "dsee_index";
constexpr double kDeviation = 0.02; // of A

struct DseeOptions
{
    std::int64_t rank = 16;
    double alpha = 32.0;
    std::int64_t sparse = 16;
    std::string places = "godec";

    double scale() const { return alpha / static_cast<double>(std::max<std::int64_t>(rank, 1)); }
};

ParamTable<DseeOptions> params()
{
    ParamTable<DseeOptions> table;
    table.add(&DseeOptions::rank, "rank", QT_TRANSLATE_NOOP("dsee", "Rank"))
        .help(QT_TRANSLATE_NOOP("dsee",
                                "Width of the low-rank part. 0 leaves it out: only the single "
                                "numbers are trained then."))
        .range(0, 1024)
        .source("scripts of Chen et al. 2023");
    table.add(&DseeOptions::alpha, "alpha", QT_TRANSLATE_NOOP("dsee", "Scale (alpha)"))
        .help(QT_TRANSLATE_NOOP("dsee", "The whole update is multiplied by alpha / rank."))
        .range(0.001, 4096)
        .source("code of Chen et al. 2023");
    table.add(&DseeOptions::sparse, "sparse", QT_TRANSLATE_NOOP("dsee", "Single numbers"))
        .help(QT_TRANSLATE_NOOP("dsee", "How many single weights of each matrix move freely."))
        .range(0, 65536)
        .unit(QT_TRANSLATE_NOOP("dsee", "of each matrix"))
        .source("scripts of Chen et al. 2023; 64 and 128 in their code");
    table.add(&DseeOptions::places, "places", QT_TRANSLATE_NOOP("dsee", "Where they stand"))
        .help(QT_TRANSLATE_NOOP("dsee",
                                "What a low-rank matrix leaves over is where the low-rank part "
                                "cannot help."))
        .choices({{"godec", QT_TRANSLATE_NOOP("dsee", "Where a low-rank matrix fails (GoDec)")},
                  {"largest", QT_TRANSLATE_NOOP("dsee", "At the largest weights")},
                  {"random", QT_TRANSLATE_NOOP("dsee", "Anywhere")}})
        .source("our choice; a greedy form of GoDec in the paper's code")
        .advanced();
    return table;
}

/// s (B A + S); A and B may be undefined.
class DseeDelta final : public WeightDelta
{
public:
    DseeDelta(LoraFactors factors,
              at::Tensor index,
              at::Tensor values,
              const SiteInfo& info,
              double scale)
        : m_factors(std::move(factors))
        , m_index(std::move(index))
        , m_values(values.requires_grad_())
        , m_out(info.out)
        , m_in(info.in)
        , m_scale(scale)
    {
        for (at::Tensor* factor : {&m_factors.A, &m_factors.B})
            if (factor->defined())
                factor->requires_grad_();
    }

    at::Tensor apply(const at::Tensor& x) const override
    {
        const at::Tensor rows = at::floor_divide(m_index, m_in);
        const at::Tensor read = x.index_select(-1, at::remainder(m_index, m_in)) * m_values;
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = m_out;
        at::Tensor y = at::zeros(shape, x.options()).index_add(-1, rows, read);
        if (m_factors.A.defined())
            y = y + at::linear(at::linear(x, m_factors.A), m_factors.B);
        return y * m_scale;
    }
    at::Tensor matrix() const override
    {
        at::Tensor all =
            at::zeros({m_out * m_in}).index_copy(0, m_index, m_values).view({m_out, m_in});
        if (m_factors.A.defined())
            all = all + m_factors.B.matmul(m_factors.A);
        return all * m_scale;
    }
    NamedTensors trainable() const override
    {
        NamedTensors all {{kValues, m_values}};
        if (m_factors.A.defined()) {
            all.emplace_back("lora_A.weight", m_factors.A);
            all.emplace_back("lora_B.weight", m_factors.B);
        }
        return all;
    }

private:
    LoraFactors m_factors;
    at::Tensor m_index;
    at::Tensor m_values;
    std::int64_t m_out;
    std::int64_t m_in;
    double m_scale;
};

at::Tensor placesIn(const at::Tensor& W, const DseeOptions& options, RandomStream& random)
{
    if (options.places == "largest")
        return largestOf(W, options.sparse);
    if (options.places == "random")
        return largestOf(uniformValues(W.sizes().vec(), 1.0, random), options.sparse);
    return sparsePlaces(W, std::max<std::int64_t>(options.rank, 1), options.sparse, random);
}

/// Values and factors as they begin, at these places.
std::unique_ptr<Adapter> attachAt(Model& model,
                                  const SiteSelection& selection,
                                  const ParamValues& values,
                                  const std::vector<at::Tensor>& places,
                                  RandomStream& random)
{
    const DseeOptions options = params().read(values);
    const auto chosen = chosenSites(model.sites(), selection);
    AdapterParts parts;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const SiteInfo& info = chosen[i];
        LoraFactors factors;
        if (options.rank > 0)
            factors = {normalValues({options.rank, info.in}, kDeviation, random),
                       at::zeros({info.out, options.rank})};
        parts.changes.push_back(
            {info,
             std::make_shared<DseeDelta>(factors, places[i], at::zeros({options.sparse}), info,
                                         options.scale())});
        parts.frozen.emplace_back(kPeftPrefix + info.module + "." + kIndex, places[i]);
    }
    return attachParts(model, std::move(parts), ownConfigWriter("dsee", selection, values));
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const DseeOptions options = params().read(values);
    std::vector<at::Tensor> places;
    for (const SiteInfo& info : chosenSites(model.sites(), selection))
        places.push_back(
            placesIn(model.linear(info.site).weight.detach(), options, context.random));
    return attachAt(model, selection, values, places, context.random);
}

/// Places are read and not looked for again: another processor might round them elsewhere.
std::unique_ptr<Adapter> read(Model& model,
                              const SiteSelection& selection,
                              const ParamValues& values,
                              const TensorFile& tensors)
{
    const std::int64_t count = params().read(values).sparse;
    std::vector<at::Tensor> places;
    for (const SiteInfo& info : chosenSites(model.sites(), selection)) {
        const std::string name = kPeftPrefix + info.module + "." + kIndex;
        const at::Tensor index =
            tensors.find(name) == nullptr ? at::Tensor() : tensors.read(name).clone();
        const bool fits = index.defined() && index.scalar_type() == at::kLong && index.dim() == 1
            && index.size(0) == count
            && (count == 0
                || (index.min().item<std::int64_t>() >= 0
                    && index.max().item<std::int64_t>() < info.in * info.out));
        if (!fits)
            throw Error("The adapter's places at " + info.module + " do not fit this model.",
                        "Open the model that the adapter was trained on.");
        places.push_back(index);
    }
    RandomStream random(0, "adapter"); // whatever is drawn is overwritten
    auto adapter = attachAt(model, selection, values, places, random);
    putStored(*adapter, tensors);
    return adapter;
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    const DseeOptions options = params().read(values);
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += options.rank * (info.in + info.out) + options.sparse;
    return count;
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    const DseeOptions options = params().read(values);
    const auto chosen = chosenSites(sites, selection);
    Problems problems = checkSelection("DSEE", linearSites(), sites, selection);
    const Problems ofRank = checkRank(options.rank, chosen);
    problems.insert(problems.end(), ofRank.begin(), ofRank.end());
    if (options.rank == 0 && options.sparse == 0)
        problems.push_back({"settings.sparse", "Neither part is there: nothing would be trained.",
                            "Choose a rank, or some single numbers.", false});
    const auto isSmall = [&](const SiteInfo& info) { return info.in * info.out < options.sparse; };
    if (const auto it = std::ranges::find_if(chosen, isSmall); it != chosen.end())
        problems.push_back({"settings.sparse",
                            "The layer " + it->module + " has only "
                                + std::to_string(it->in * it->out) + " weights.",
                            "Choose fewer single numbers.", false});
    return problems;
}

} // namespace

void registerDsee(Registry<Adaptation>& registry)
{
    Adaptation dsee;
    dsee.id = "dsee";
    dsee.title = QT_TRANSLATE_NOOP("dsee", "DSEE");
    dsee.summary = QT_TRANSLATE_NOOP(
        "dsee",
        "Adds a low-rank update and, where none can follow the weights, a few single numbers.");
    dsee.traits = {Trait::Merges, Trait::SmallMemory, Trait::KeepsKnowledge};
    dsee.paper = "Chen et al. 2023, DSEE: Dually Sparsity-embedded Efficient Tuning of Pre-trained "
                 "Language Models";
    dsee.siteKinds = linearSites();
    dsee.defaultSites = queriesAndValues();
    dsee.params = params().specs();
    dsee.parameterCount = parameterCount;
    dsee.check = check;
    dsee.attach = attach;
    dsee.read = read;
    registry.add(std::move(dsee));
}

} // namespace tw
