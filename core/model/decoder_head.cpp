// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/model/text_head.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

class BaseHead final : public TextHead
{
public:
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {{"last_hidden_state", rows.spread(hidden)}};
    }
};

class CausalHead final : public TextHead
{
public:
    explicit CausalHead(const LmHead& head)
        : m_head(head)
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {{"logits", rows.spread(m_head.logits(hidden))}};
    }

private:
    const LmHead& m_head; ///< the model's: adapters change it there
};

/// Of the whole text, read at its last token: nothing after it could have been seen before.
class LastTokenHead final : public TextHead
{
public:
    explicit LastTokenHead(Linear score)
        : m_score(std::move(score))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {{"logits", m_score.forward(rows.lastOf(hidden))}};
    }

private:
    Linear m_score;
};

class EachTokenHead final : public TextHead
{
public:
    explicit EachTokenHead(Linear score)
        : m_score(std::move(score))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {{"logits", rows.spread(m_score.forward(hidden))}};
    }

private:
    Linear m_score;
};

Linear classifier(const ModelConfig& config,
                  std::int64_t width,
                  const std::string& module,
                  bool hasBias,
                  WeightSource& weights)
{
    const auto count = static_cast<std::int64_t>(config.labels.size());
    at::Tensor weight = weights.take(module + ".weight", {count, width});
    return {std::move(weight), hasBias ? weights.take(module + ".bias", {count}) : at::Tensor()};
}

} // namespace

at::Tensor TextHead::tokenLogits(const at::Tensor& /*hidden*/) const
{
    return {};
}

std::unique_ptr<TextHead> decoderHead(const ModelConfig& config,
                                      const HeadNames& names,
                                      const HeadParts& parts,
                                      WeightSource& weights)
{
    switch (config.task) {
    case ModelTask::Base:
        return std::make_unique<BaseHead>();
    case ModelTask::CausalLm:
        return std::make_unique<CausalHead>(parts.lm);
    case ModelTask::SequenceClassification:
        return std::make_unique<LastTokenHead>(
            classifier(config, parts.width, names.score, false, weights));
    case ModelTask::TokenClassification:
        return std::make_unique<EachTokenHead>(
            classifier(config, parts.width, names.tokenScore, names.hasTokenBias, weights));
    default:
        throw Error("models of the kind \"" + config.architecture + "\" are not supported.",
                    "Choose one whose class ends with ForCausalLM, ForSequenceClassification, "
                    "ForTokenClassification or Model.");
    }
}

} // namespace tw
