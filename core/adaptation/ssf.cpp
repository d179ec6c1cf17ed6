// SPDX-License-Identifier: Apache-2.0
// SSF (Lian et al. 2022): y' = gamma * y + beta behind each chosen linear layer and norm, channel
// by channel. All of it can be merged: W' = diag(gamma) W, b' = gamma * b + beta.

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/own_method.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/start_values.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct SsfOptions
{
    std::string start = "exact";
    std::string shift = "biased";
};

constexpr double kDeviation = 0.02; // of the official code's first values

ParamTable<SsfOptions> params()
{
    ParamTable<SsfOptions> table;
    table.add(&SsfOptions::start, "start", QT_TRANSLATE_NOOP("ssf", "Start values"))
        .help(QT_TRANSLATE_NOOP(
            "ssf",
            "Exact: factors of 1 and shifts of 0, so that training begins at the base model. "
            "Random: as the official code draws them, close to the base model."))
        .choices({{"exact", QT_TRANSLATE_NOOP("ssf", "Exactly the base model")},
                  {"normal", QT_TRANSLATE_NOOP("ssf", "Random: deviation 0.02 around it")}})
        .source("our choice; Lian et al. 2022 draw them");
    table.add(&SsfOptions::shift, "shift", QT_TRANSLATE_NOOP("ssf", "Shifts"))
        .help(QT_TRANSLATE_NOOP(
            "ssf",
            "A shift can be merged only where the layer has a bias to hold it. RMS norms and the "
            "linear layers of Llama-like models have none: shifts there keep the model from being "
            "merged."))
        .choices({{"biased", QT_TRANSLATE_NOOP("ssf", "Where the layer has a bias (merges)")},
                  {"everywhere", QT_TRANSLATE_NOOP("ssf", "Everywhere")}})
        .source("our choice; the layers of Lian et al. 2022 all have biases")
        .advanced();
    return table;
}

const std::vector<SiteKind>& normSites()
{
    static const std::vector<SiteKind> kSites {SiteKind::Norm1, SiteKind::Norm1Out, SiteKind::Norm2,
                                               SiteKind::Norm2Out, SiteKind::FinalNorm};
    return kSites;
}

std::vector<SiteKind> possibleSites()
{
    std::vector<SiteKind> all = linearSites();
    all.insert(all.end(), normSites().begin(), normSites().end());
    return all;
}

at::Tensor scaledAndShifted(const at::Tensor& y, const ScaleShift& by)
{
    return by.shift.defined() ? at::addcmul(by.shift, y, by.scale) : y * by.scale;
}

NamedTensors named(const ScaleShift& by)
{
    NamedTensors all {{"ssf_scale", by.scale}};
    if (by.shift.defined())
        all.emplace_back("ssf_shift", by.shift);
    return all;
}

class ScaledLinear final : public LinearChange
{
public:
    explicit ScaledLinear(ScaleShift by)
        : m_by(std::move(by))
    {
    }
    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& /*base*/,
                       const TensorFunction& below) const override
    {
        return scaledAndShifted(below(x), m_by);
    }
    LinearWeights merged(const LinearWeights& /*base*/, const LinearWeights& below) const override
    {
        LinearWeights all {m_by.scale.unsqueeze(1) * below.weight, {}};
        if (below.bias.defined())
            all.bias = scaledAndShifted(below.bias, m_by);
        else
            all.bias = m_by.shift;
        return all;
    }
    NamedTensors trainable() const override { return named(m_by); }

private:
    ScaleShift m_by; ///< [out] each
};

class ScaledNorm final : public HiddenChange
{
public:
    explicit ScaledNorm(ScaleShift by)
        : m_by(std::move(by))
    {
    }
    at::Tensor forward(const at::Tensor& output, const PartStates& /*part*/) const override
    {
        return scaledAndShifted(output, m_by);
    }
    NamedTensors trainable() const override { return named(m_by); }
    std::optional<ScaleShift> scaleShift() const override { return m_by; }

private:
    ScaleShift m_by; ///< [hidden] each
};

bool hasShift(const SiteInfo& info, const SsfOptions& options)
{
    return info.hasBias || options.shift == "everywhere";
}

ScaleShift freshScaleShift(const SiteInfo& info, const SsfOptions& options, RandomStream& random)
{
    const double deviation = options.start == "normal" ? kDeviation : 0.0;
    ScaleShift fresh {(normalValues({info.out}, deviation, random) + 1.0).requires_grad_(), {}};
    if (hasShift(info, options))
        fresh.shift = normalValues({info.out}, deviation, random).requires_grad_();
    return fresh;
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    const SsfOptions options = params().read(values);
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += hasShift(info, options) ? 2 * info.out : info.out;
    return count;
}

Problems check(const std::vector<SiteInfo>& sites,
               const SiteSelection& selection,
               const ParamValues& /*values*/)
{
    return checkSelection("SSF", possibleSites(), sites, selection);
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const SsfOptions options = params().read(values);
    AdapterParts parts;
    for (const SiteInfo& info : chosenSites(model.sites(), selection)) {
        ScaleShift fresh = freshScaleShift(info, options, context.random);
        if (info.isLinear)
            parts.changes.push_back({info, std::make_shared<ScaledLinear>(std::move(fresh))});
        else
            parts.hiddenChanges.push_back({info, std::make_shared<ScaledNorm>(std::move(fresh))});
    }
    // Decay would pull factors to 0, not to 1; the official code leaves out all vectors.
    parts.treatment = [](const std::string&) { return Treatment {1.0, false}; };
    return attachParts(model, std::move(parts), ownConfigWriter("ssf", selection, values));
}

} // namespace

void registerSsf(Registry<Adaptation>& registry)
{
    Adaptation ssf;
    ssf.id = "ssf";
    ssf.title = QT_TRANSLATE_NOOP("ssf", "SSF");
    ssf.summary = QT_TRANSLATE_NOOP(
        "ssf",
        "Learns a factor and a shift for each channel behind every layer, and melts them into the "
        "weights afterwards.");
    ssf.traits = {Trait::Merges};
    ssf.paper = "Lian et al. 2022, Scaling & Shifting Your Features: A New Baseline for Efficient "
                "Model Tuning";
    ssf.siteKinds = possibleSites();
    ssf.defaultSites = possibleSites();
    ssf.params = params().specs();
    ssf.parameterCount = parameterCount;
    ssf.check = check;
    ssf.attach = attach;
    registry.add(std::move(ssf));
}

} // namespace tw
