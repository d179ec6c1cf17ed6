// SPDX-License-Identifier: Apache-2.0
#include "core/model/encoder_heads.h"

#include "core/base/error.h"
#include "core/model/config_keys.h"

#include <ATen/ATen.h>

#include <utility>

namespace tw {
namespace {

class BaseHead final : public TextHead
{
public:
    explicit BaseHead(DenseLayer pooler)
        : m_pooler(std::move(pooler))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        Tensors found {{"last_hidden_state", rows.spread(hidden)}};
        if (m_pooler.isDefined())
            found["pooler_output"] = m_pooler.forward(rows.firstOf(hidden));
        return found;
    }

private:
    DenseLayer m_pooler;
};

class EachTokenHead final : public TextHead
{
public:
    explicit EachTokenHead(DenseLayer classifier)
        : m_classifier(std::move(classifier))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {{"logits", rows.spread(m_classifier.forward(hidden))}};
    }

private:
    DenseLayer m_classifier;
};

class FirstTokenHead final : public TextHead
{
public:
    FirstTokenHead(DenseLayer dense, DenseLayer classifier)
        : m_dense(std::move(dense))
        , m_classifier(std::move(classifier))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {{"logits", m_classifier.forward(m_dense.forward(rows.firstOf(hidden)))}};
    }

private:
    DenseLayer m_dense;
    DenseLayer m_classifier;
};

class QuestionHead final : public TextHead
{
public:
    explicit QuestionHead(DenseLayer outputs)
        : m_outputs(std::move(outputs))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        const at::Tensor scores = m_outputs.forward(hidden);
        return {{"start_logits", rows.spread(scores.select(1, 0))},
                {"end_logits", rows.spread(scores.select(1, 1))}};
    }

private:
    DenseLayer m_outputs;
};

class MaskedHead final : public TextHead
{
public:
    MaskedHead(DenseLayer transform, Vocabulary vocabulary)
        : m_transform(std::move(transform))
        , m_vocabulary(std::move(vocabulary))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {{"logits", rows.spread(tokenLogits(hidden))}};
    }
    at::Tensor tokenLogits(const at::Tensor& hidden) const override
    {
        return m_vocabulary.head.logits(m_transform.forward(hidden));
    }
    std::vector<SiteInfo> sites() const override
    {
        std::vector<SiteInfo> all = m_transform.sites();
        const at::Tensor& matrix = m_vocabulary.head.weight;
        if (!m_vocabulary.module.empty())
            all.push_back(
                {{SiteKind::Head, -1}, m_vocabulary.module, matrix.size(1), matrix.size(0), false});
        all.push_back(
            {{SiteKind::HeadBias, -1}, m_vocabulary.bias, matrix.size(0), matrix.size(0), false});
        return all;
    }
    Linear* find(Site site) override
    {
        if (site.kind == SiteKind::HeadDense)
            return &m_transform.linear();
        const bool isVocabulary = site.kind == SiteKind::Head && !m_vocabulary.module.empty();
        return isVocabulary ? &m_vocabulary.head : nullptr;
    }

private:
    DenseLayer m_transform;
    Vocabulary m_vocabulary;
};

class PreTrainingHead final : public TextHead
{
public:
    PreTrainingHead(DenseLayer pooler, MaskedHead masked, DenseLayer follows)
        : m_pooler(std::move(pooler))
        , m_masked(std::move(masked))
        , m_follows(std::move(follows))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {
            {"prediction_logits", m_masked.outputs(hidden, rows).at("logits")},
            {"seq_relationship_logits", m_follows.forward(m_pooler.forward(rows.firstOf(hidden)))}};
    }
    at::Tensor tokenLogits(const at::Tensor& hidden) const override
    {
        return m_masked.tokenLogits(hidden);
    }
    std::vector<SiteInfo> sites() const override { return m_masked.sites(); }
    Linear* find(Site site) override { return m_masked.find(site); }

private:
    DenseLayer m_pooler;
    MaskedHead m_masked;
    DenseLayer m_follows;
};

class ReplacedHead final : public TextHead
{
public:
    ReplacedHead(DenseLayer dense, DenseLayer prediction)
        : m_dense(std::move(dense))
        , m_prediction(std::move(prediction))
    {
    }
    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        return {{"logits", rows.spread(m_prediction.forward(m_dense.forward(hidden)).squeeze(-1))}};
    }

private:
    DenseLayer m_dense;
    DenseLayer m_prediction;
};

} // namespace

DenseLayer::DenseLayer(WeightSource& weights,
                       const std::string& module,
                       std::int64_t in,
                       std::int64_t out,
                       Activation activation)
    : m_activation(activation)
    , m_module(module)
{
    m_linear.weight = weights.take(module + ".weight", {out, in});
    m_linear.bias = weights.take(module + ".bias", {out});
}

DenseLayer& DenseLayer::withNorm(const ModelConfig& config,
                                 WeightSource& weights,
                                 const std::string& normModule)
{
    m_normModule = normModule;
    m_norm = Norm(config, weights, normModule, m_linear.weight.size(0));
    return *this;
}

std::vector<SiteInfo> DenseLayer::sites() const
{
    const std::int64_t out = m_linear.weight.size(0);
    std::vector<SiteInfo> all {
        {{SiteKind::HeadDense, -1}, m_module, m_linear.weight.size(1), out, true, true, true}};
    if (m_norm.isDefined())
        all.push_back(
            {{SiteKind::HeadNorm, -1}, m_normModule, out, out, false, true, m_norm.bias.defined()});
    return all;
}

at::Tensor DenseLayer::forward(const at::Tensor& x) const
{
    if (!isDefined())
        return x;
    at::Tensor y = m_linear.forward(x);
    if (m_activation != nullptr)
        y = m_activation(y);
    return m_norm.forward(y);
}

std::unique_ptr<TextHead> baseHead(DenseLayer pooler)
{
    return std::make_unique<BaseHead>(std::move(pooler));
}

std::unique_ptr<TextHead> eachTokenHead(DenseLayer classifier)
{
    return std::make_unique<EachTokenHead>(std::move(classifier));
}

std::unique_ptr<TextHead> firstTokenHead(DenseLayer dense, DenseLayer classifier)
{
    return std::make_unique<FirstTokenHead>(std::move(dense), std::move(classifier));
}

std::unique_ptr<TextHead> questionHead(DenseLayer outputs)
{
    return std::make_unique<QuestionHead>(std::move(outputs));
}

std::unique_ptr<TextHead> maskedHead(DenseLayer transform, Vocabulary vocabulary)
{
    return std::make_unique<MaskedHead>(std::move(transform), std::move(vocabulary));
}

std::unique_ptr<TextHead>
preTrainingHead(DenseLayer pooler, DenseLayer transform, Vocabulary vocabulary, DenseLayer follows)
{
    return std::make_unique<PreTrainingHead>(
        std::move(pooler), MaskedHead(std::move(transform), std::move(vocabulary)),
        std::move(follows));
}

std::unique_ptr<TextHead> replacedHead(DenseLayer dense, DenseLayer prediction)
{
    return std::make_unique<ReplacedHead>(std::move(dense), std::move(prediction));
}

Vocabulary vocabularyOf(const ModelConfig& config,
                        const at::Tensor& tokens,
                        const std::string& decoder,
                        const std::vector<std::string>& biases,
                        WeightSource& weights)
{
    const std::vector<std::int64_t> shape {config.vocabularySize, tokens.size(1)};
    Vocabulary found {LmHead(config.tiesHead ? tokens : weights.take(decoder + ".weight", shape)),
                      config.tiesHead ? "" : decoder, biases.front()};
    for (const std::string& name : biases)
        if (weights.has(name)) {
            found.bias = name;
            break;
        }
    found.head.bias = weights.take(found.bias, {config.vocabularySize});
    return found;
}

std::int64_t headWidth(const JsonKeys& keys, const char* key, std::int64_t otherwise)
{
    constexpr std::int64_t kMost = 1 << 18; // as of hidden sizes
    const std::int64_t width = keys.integer(key, otherwise);
    if (width < 1 || width > kMost)
        throw Error("its " + std::string(key) + " is " + std::to_string(width)
                        + ", which makes no model.",
                    kFetchAgain);
    return width;
}

std::unique_ptr<TextHead> commonHead(const ModelConfig& config, WeightSource& weights)
{
    const auto labels = static_cast<std::int64_t>(config.labels.size());
    if (config.task == ModelTask::TokenClassification)
        return eachTokenHead({weights, "classifier", config.hiddenSize, labels});
    if (config.task == ModelTask::QuestionAnswering)
        return questionHead({weights, "qa_outputs", config.hiddenSize, 2});
    refuseTask(config);
}

void refuseTask(const ModelConfig& config)
{
    throw Error("models of the kind \"" + config.architecture + "\" are not supported.",
                "Choose one whose class ends with Model, ForMaskedLM, ForSequenceClassification, "
                "ForTokenClassification or ForQuestionAnswering.");
}

} // namespace tw
