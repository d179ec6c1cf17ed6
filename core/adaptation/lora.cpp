// SPDX-License-Identifier: Apache-2.0
// LoRA (Hu et al. 2021): y = W x + s B A x with W frozen; only A and B are trained. s = alpha /
// rank, or alpha / sqrt(rank) (rank-stabilised LoRA, Kalajdzievski 2023).

#include "core/adaptation/peft_config.h"
#include "core/adaptation/placed_deltas.h"
#include "core/adaptation/site_check.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

struct LoraOptions
{
    std::int64_t rank = 8;
    double alpha = 16.0;
    double dropout = 0.0;
    std::string scale = "classic";
    std::string start = "default";
};

ParamTable<LoraOptions> params()
{
    ParamTable<LoraOptions> table;
    table.add(&LoraOptions::rank, "rank", QT_TRANSLATE_NOOP("lora", "Rank"))
        .help(QT_TRANSLATE_NOOP("lora", "Width of the update; its memory grows in proportion."))
        .range(1, 1024)
        .source("PEFT's default");
    table.add(&LoraOptions::alpha, "alpha", QT_TRANSLATE_NOOP("lora", "Scale (alpha)"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "The update is multiplied by alpha / rank. Larger learns faster and less calmly."))
        .range(0, 4096)
        .source("our choice: twice the rank");
    table.add(&LoraOptions::dropout, "dropout", QT_TRANSLATE_NOOP("lora", "Dropout"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "Share of the inputs that the update does not see in a step; helps on small data."))
        .range(0, 0.9)
        .source("PEFT's default");
    table.add(&LoraOptions::scale, "scale", QT_TRANSLATE_NOOP("lora", "Scaling"))
        .help(QT_TRANSLATE_NOOP("lora", "How the update is scaled as the rank grows."))
        .choices({{"classic", QT_TRANSLATE_NOOP("lora", "alpha / rank")},
                  {"rslora", QT_TRANSLATE_NOOP("lora", "alpha / square root of rank (rsLoRA)")}})
        .source("Hu et al. 2021; Kalajdzievski 2023")
        .advanced();
    table.add(&LoraOptions::start, "start", QT_TRANSLATE_NOOP("lora", "Start values"))
        .help(QT_TRANSLATE_NOOP(
            "lora", "How A is drawn. B starts at 0, so a fresh adapter changes nothing."))
        .choices({{"default", QT_TRANSLATE_NOOP("lora", "Uniform, as PEFT")},
                  {"gaussian", QT_TRANSLATE_NOOP("lora", "Normal with deviation 1 / rank")}})
        .source("PEFT's init_lora_weights")
        .advanced();
    return table;
}

class LoraDelta final : public WeightDelta
{
public:
    LoraDelta(at::Tensor a, at::Tensor b, double scale, double dropout)
        : m_a(std::move(a))
        , m_b(std::move(b))
        , m_scale(scale)
        , m_dropout(dropout)
    {
        m_a.requires_grad_();
        m_b.requires_grad_();
    }
    at::Tensor apply(const at::Tensor& x) const override // [*, in] -> [*, rank] -> [*, out]
    {
        const at::Tensor seen =
            m_dropout > 0 ? at::dropout(x, m_dropout, at::GradMode::is_enabled()) : x;
        return seen.matmul(m_a.t()).matmul(m_b.t()) * m_scale;
    }
    at::Tensor matrix() const override { return m_b.detach().matmul(m_a.detach()) * m_scale; }
    NamedTensors trainable() const override
    {
        return {{"lora_A.weight", m_a}, {"lora_B.weight", m_b}};
    }
    std::optional<LowRank> lowRank() const override
    {
        return LowRank {m_a, m_b, m_scale, m_dropout};
    }

private:
    at::Tensor m_a; ///< [rank, in]
    at::Tensor m_b; ///< [out, rank]
    double m_scale;
    double m_dropout;
};

/// Rank and alpha of one site: PEFT's patterns can set them apart.
struct LoraSite
{
    SiteInfo info;
    std::int64_t rank = 0;
    double alpha = 0.0;
};

double scaleOf(const LoraSite& site, const LoraOptions& options)
{
    const auto rank = static_cast<double>(site.rank);
    return options.scale == "rslora" ? site.alpha / std::sqrt(rank) : site.alpha / rank;
}

/// PEFT writes 16.0 as 16 where alpha was given so.
Json numberOf(double value)
{
    return value == std::trunc(value) && std::abs(value) < 1e15
        ? Json(static_cast<std::int64_t>(value))
        : Json(value);
}

/// Every key that PEFT 0.21 writes, in its order (sorted), so that its reader finds nothing missing
/// and nothing new.
Json defaultPeftConfig()
{
    return Json::parse(
        R"({"alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null, "auto_mapping": null,
        "base_model_name_or_path": null, "bias": "none", "corda_config": null, "ensure_weight_tying": false, "eva_config": null,
        "exclude_modules": null, "fan_in_fan_out": false, "inference_mode": true, "init_lora_weights": true,
        "kasa_config": null, "layer_replication": null, "layers_pattern": null, "layers_to_transform": null,
        "loftq_config": {}, "lora_alpha": 8, "lora_bias": false, "lora_dropout": 0.0, "lora_ga_config": null,
        "megatron_config": null, "megatron_core": "megatron.core", "modules_to_save": null, "monteclora_config": null,
        "peft_type": "LORA", "peft_version": "0.21.0", "qalora_group_size": 16, "r": 8, "rank_pattern": {},
        "revision": null, "target_modules": [], "target_parameters": null, "task_type": "CAUSAL_LM",
        "trainable_token_indices": null, "use_bdlora": null, "use_dora": false, "use_qalora": false,
        "use_rslora": false, "velora_config": null})");
}

std::string peftConfig(const LoraOptions& options,
                       const std::vector<LoraSite>& placed,
                       const std::vector<SiteInfo>& sites,
                       const std::string& baseModelName)
{
    Json config = defaultPeftConfig();
    config["base_model_name_or_path"] = baseModelName.empty() ? Json() : Json(baseModelName);
    config["r"] = options.rank;
    config["lora_alpha"] = numberOf(options.alpha);
    config["lora_dropout"] = options.dropout;
    config["use_rslora"] = options.scale == "rslora";
    if (options.start == "gaussian")
        config["init_lora_weights"] = "gaussian";
    std::vector<SiteInfo> chosen;
    for (const auto& site : placed) {
        chosen.push_back(site.info);
        if (site.rank != options.rank)
            config["rank_pattern"][site.info.module] = site.rank;
        if (site.alpha != options.alpha)
            config["alpha_pattern"][site.info.module] = numberOf(site.alpha);
    }
    config["target_modules"] = targetModules(chosen, sites);
    return config.dump(2);
}

std::unique_ptr<Adapter>
place(Model& model,
      const LoraOptions& options,
      const std::vector<LoraSite>& placed,
      const std::function<std::pair<at::Tensor, at::Tensor>(const LoraSite&)>& factors)
{
    std::vector<PlacedDelta> deltas;
    for (const auto& site : placed) {
        auto [a, b] = factors(site);
        deltas.push_back({site.info,
                          std::make_shared<LoraDelta>(std::move(a), std::move(b),
                                                      scaleOf(site, options), options.dropout)});
    }
    return placeDeltas(model, std::move(deltas),
                       [options, placed, sites = model.sites()](const std::string& name) {
                           return peftConfig(options, placed, sites, name);
                       });
}

at::Tensor freshA(const LoraSite& site, const LoraOptions& options, RandomStream& random)
{
    at::Tensor a = at::empty({site.rank, site.info.in}, at::kFloat);
    const double bound =
        1.0 / std::sqrt(static_cast<double>(site.info.in)); // Kaiming uniform with a = sqrt(5)
    const double deviation = 1.0 / static_cast<double>(site.rank);
    auto* values = a.mutable_data_ptr<float>();
    std::generate(values, values + a.numel(), [&] {
        return static_cast<float>(options.start == "gaussian"
                                      ? deviation * random.normal()
                                      : bound * (2.0 * random.uniform() - 1.0));
    });
    return a;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                RandomStream& random)
{
    const LoraOptions options = params().read(values);
    std::vector<LoraSite> placed;
    for (const auto& info : chosenSites(model.sites(), selection))
        placed.push_back({info, options.rank, options.alpha});
    return place(model, options, placed, [&](const LoraSite& site) {
        return std::pair {freshA(site, options, random),
                          at::zeros({site.info.out, site.rank}, at::kFloat)};
    });
}

LoraOptions optionsFrom(const Json& config)
{
    LoraOptions options;
    options.rank = peftInteger(config, "r", 8);
    options.alpha = peftNumber(config, "lora_alpha", 8);
    options.dropout = peftNumber(config, "lora_dropout", 0);
    options.scale = peftFlag(config, "use_rslora", false) ? "rslora" : "classic";
    if (options.rank < 1)
        throw Error(std::string(kPeftConfigFile) + ": r is " + std::to_string(options.rank)
                        + ", but a rank is at least 1.",
                    "Write the adapter again.");
    const Json start = config.value("init_lora_weights", Json(true));
    if (start == "gaussian")
        options.start = "gaussian";
    else if (!start.is_null() && !start.is_boolean() && start != "eva" && start != "orthogonal")
        throw Error(std::string(kPeftConfigFile) + ": init_lora_weights is " + start.dump()
                        + ", which also changes the base model's weights; on the original model "
                          "the adapter would answer differently.",
                    "Save it in PEFT with path_initial_model_for_weight_conversion, which makes a "
                    "plain LoRA of it.");
    return options;
}

std::vector<LoraSite>
sitesFrom(const Json& config, const LoraOptions& options, const std::vector<SiteInfo>& sites)
{
    const PeftPatterns ranks(config, "rank_pattern");
    const PeftPatterns alphas(config, "alpha_pattern");
    std::vector<LoraSite> placed;
    for (const auto& info : targetedSites(config, sites)) {
        const double rank = ranks.find(info.module).value_or(static_cast<double>(options.rank));
        if (!(rank >= 1 && rank <= 1e6) || rank != std::trunc(rank))
            throw Error(std::string(kPeftConfigFile) + ": rank_pattern gives " + info.module
                            + " the rank " + std::to_string(rank) + ".",
                        "Ranks are whole numbers from 1.");
        placed.push_back({info, static_cast<std::int64_t>(rank),
                          alphas.find(info.module).value_or(options.alpha)});
    }
    return placed;
}

at::Tensor readFactor(const TensorFile& tensors,
                      const std::string& name,
                      const std::vector<std::int64_t>& shape)
{
    const TensorInfo* info = tensors.find(name);
    if (info == nullptr)
        throw Error("The adapter's file lacks the tensor " + name + ".",
                    "The file is incomplete: get it again.");
    if (info->shape != shape)
        throw Error(
            "The tensor " + name + " of the adapter does not fit: "
                + c10::str("[", c10::Join(", ", info->shape), "]") + " instead of "
                + c10::str("[", c10::Join(", ", shape), "]") + ".",
            "Open the model that the adapter was trained on, and check r in adapter_config.json.");
    return tensors.readFloat(name).contiguous().clone();
}

void refuseUnknownTensors(const TensorFile& tensors, const std::vector<LoraSite>& placed)
{
    std::vector<std::string> known;
    for (const auto& site : placed)
        for (const char* factor : {".lora_A.weight", ".lora_B.weight"})
            known.push_back(kPeftPrefix + site.info.module + factor);
    std::sort(known.begin(), known.end());
    for (const auto& info : tensors.tensors())
        if (!std::binary_search(known.begin(), known.end(), info.name))
            throw Error("The adapter's file holds the tensor " + info.name
                            + ", which its adapter_config.json does not account for here.",
                        "Open the model that the adapter was trained on; full weights beside LoRA "
                        "are not read.");
}

std::unique_ptr<Adapter>
attachStored(Model& model, const std::string& configText, const TensorFile& tensors)
{
    const Json config = parsePeftConfig(configText);
    refuseUnknownSettings(config,
                          {"r", "lora_alpha", "lora_dropout", "use_rslora", "init_lora_weights",
                           "rank_pattern", "alpha_pattern"});
    const LoraOptions options = optionsFrom(config);
    const auto placed = sitesFrom(config, options, model.sites());
    refuseUnknownTensors(tensors, placed);
    return place(model, options, placed, [&](const LoraSite& site) {
        const std::string module = kPeftPrefix + site.info.module;
        return std::pair {
            readFactor(tensors, module + ".lora_A.weight", {site.rank, site.info.in}),
            readFactor(tensors, module + ".lora_B.weight", {site.info.out, site.rank})};
    });
}

std::int64_t parameterCount(const SiteInfo& info, const ParamValues& values)
{
    return params().read(values).rank * (info.in + info.out);
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    Problems problems = checkSelection("LoRA", linearSites(), sites, selection);
    const std::int64_t rank = params().read(values).rank;
    for (const auto& info : chosenSites(sites, selection))
        if (const auto most = std::min(info.in, info.out); info.isLinear && rank > most) {
            problems.push_back({"settings.rank",
                                "Rank " + std::to_string(rank) + " is larger than the layer "
                                    + info.module + " (" + std::to_string(info.out) + " x "
                                    + std::to_string(info.in) + ").",
                                "Choose at most " + std::to_string(most) + ".", false});
            break;
        }
    return problems;
}

} // namespace

void registerLora(Registry<Adaptation>& registry)
{
    Adaptation lora;
    lora.id = "lora";
    lora.title = QT_TRANSLATE_NOOP("lora", "LoRA");
    lora.summary = QT_TRANSLATE_NOOP(
        "lora", "Adds a small low-rank update to chosen layers and leaves the model itself alone.");
    lora.peftType = "LORA";
    lora.mergesIntoWeights = true;
    lora.siteKinds = linearSites();
    lora.defaultSites = {SiteKind::AttnQ, SiteKind::AttnV, SiteKind::AttnQkv};
    lora.params = params().specs();
    lora.parameterCount = parameterCount;
    lora.check = check;
    lora.attach = attach;
    lora.attachStored = attachStored;
    registry.add(std::move(lora));
}

} // namespace tw
