// SPDX-License-Identifier: Apache-2.0
// LoRA as PEFT stores it, with DoRA, rank-stabilised scaling (alpha / sqrt(rank), Kalajdzievski
// 2023), own ranks and scales of single modules, and a bias behind B. Also on the embedding and the
// head.

#include "core/adaptation/dora.h"
#include "core/adaptation/lora_start.h"
#include "core/adaptation/peft_shared.h"
#include "core/adaptation/readers/registry.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

/// What the settings say of one module.
struct LoraShape
{
    std::int64_t rank = 0;
    double scale = 0.0;
    double dropout = 0.0;
};

[[noreturn]] void refuseStart(const std::string& start)
{
    throw Error(
        std::string(kPeftConfigFile) + ": init_lora_weights is " + start
            + ", which also changes the base model's weights; on the original model the "
              "adapter would answer differently.",
        "Save it in PEFT with path_initial_model_for_weight_conversion, which makes a plain "
        "LoRA of it.");
}

class LoraSettings
{
public:
    explicit LoraSettings(const Json& config)
        : m_ranks(config, "rank_pattern", "r", 8)
        , m_alphas(config, "alpha_pattern")
        , m_alpha(peftNumber(config, "lora_alpha", 8))
        , m_dropout(peftNumber(config, "lora_dropout", 0))
        , m_isStabilised(peftFlag(config, "use_rslora", false))
        , m_isDora(peftFlag(config, "use_dora", false))
        , m_hasBias(peftFlag(config, "lora_bias", false))
    {
        const Json start = config.value("init_lora_weights", Json(true));
        const bool isKept = start.is_null() || start.is_boolean() || start == "gaussian"
            || start == "eva" || start == "orthogonal";
        if (!isKept && start != "pissa" && start != "olora")
            refuseStart(start.dump());
        m_start = isKept ? std::string() : start.get<std::string>();
    }

    LoraShape of(const std::string& module) const
    {
        const std::int64_t rank = m_ranks.of(module);
        const double alpha = m_alphas.find(module).value_or(m_alpha);
        return {rank, loraScale(alpha, rank, m_isStabilised), m_dropout};
    }
    bool isDora() const { return m_isDora; }
    bool hasBias() const { return m_hasBias; }
    /// Of those that PEFT takes out of the weights: "pissa" or "olora"; else empty.
    const std::string& start() const { return m_start; }

private:
    PeftRanks m_ranks;
    PeftPatterns m_alphas;
    double m_alpha;
    double m_dropout;
    bool m_isStabilised;
    bool m_isDora;
    bool m_hasBias;
    std::string m_start;
};

/// What PEFT took out of the weight when the adapter was made. It is not stored, but it follows
/// from the weight.
LoraFactors
startOf(PeftReader& reader, const LoraSettings& settings, const SiteInfo& info, LoraShape shape)
{
    if (settings.start().empty())
        return {};
    if (info.site.layer < 0
        && info.site.kind
            != SiteKind::HeadDense) // tied or beyond the blocks: the weight is not the layer's own
        refuseStart(settings.start());
    const at::Tensor weight = reader.model().linear(info.site).weight.detach();
    if (shape.rank > std::min(info.in, info.out) || !(shape.scale > 0))
        throw Error(std::string(kPeftConfigFile) + ": " + settings.start() + " is not possible at "
                        + info.module + " with rank " + std::to_string(shape.rank)
                        + " and this alpha.",
                    "Use the file as PEFT wrote it.");
    return settings.start() == "pissa" ? pissaStart(weight, shape.rank, shape.scale)
                                       : oloraStart(weight, shape.rank);
}

std::shared_ptr<const LinearChange>
readLinear(PeftReader& reader, const LoraSettings& settings, const SiteInfo& info)
{
    const auto name = [&](const char* tensor) { return peftName(info.module, tensor); };
    const LoraShape shape = settings.of(info.module);
    LoraTensors tensors {{reader.tensor(name("lora_A.weight"), {shape.rank, info.in}),
                          reader.tensor(name("lora_B.weight"), {info.out, shape.rank}), shape.scale,
                          shape.dropout}};
    tensors.start = startOf(reader, settings, info, shape);
    if (settings.isDora())
        tensors.magnitude = reader.tensor(name("lora_magnitude_vector"), {info.out});
    else if (settings.hasBias())
        tensors.bias = reader.tensor(name("lora_B.bias"), {info.out});
    return loraChange(std::move(tensors));
}

std::shared_ptr<const TableChange>
readTable(PeftReader& reader, const LoraSettings& settings, const SiteInfo& info)
{
    const auto name = [&](const char* tensor) { return peftName(info.module, tensor); };
    const LoraShape shape = settings.of(info.module);
    if (!settings.start().empty())
        refuseStart(settings.start());
    LowRank factors {reader.tensor(name("lora_embedding_A"), {shape.rank, info.in}),
                     reader.tensor(name("lora_embedding_B"), {info.out, shape.rank}), shape.scale,
                     0.0};
    if (settings.isDora())
        return std::make_shared<DoraTable>(
            factors, reader.tensor(name("lora_magnitude_vector"), {info.out}));
    return std::make_shared<LoraTable>(factors.A, factors.B, factors.scale);
}

AdapterParts read(PeftReader& reader)
{
    const LoraSettings settings(reader.config());
    AdapterParts parts;
    for (const SiteInfo& info : reader.targets({SiteKind::Embed, SiteKind::Head})) {
        if (info.site.kind == SiteKind::Embed) {
            parts.tableChanges.push_back({info.module, readTable(reader, settings, info)});
            addBaseWeight(reader, parts, info);
        } else {
            parts.changes.push_back({info, readLinear(reader, settings, info)});
        }
    }
    return parts;
}

} // namespace

void registerLora(Registry<AdapterReader>& registry)
{
    AdapterReader lora;
    lora.id = "lora";
    lora.title = QT_TRANSLATE_NOOP("lora", "LoRA");
    lora.peftType = "LORA";
    lora.settings = {"r",         "lora_alpha",    "lora_dropout",      "use_rslora",  "use_dora",
                     "lora_bias", "alpha_pattern", "init_lora_weights", "rank_pattern"};
    lora.read = read;
    registry.add(std::move(lora));
}

} // namespace tw
