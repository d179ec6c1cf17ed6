// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/activation.h"
#include "core/model/norm.h"
#include "core/model/text_head.h"

namespace tw {

/// norm(activation(W x + b)); without an activation or a norm where there is none.
class DenseLayer
{
public:
    DenseLayer() = default;
    /// [out, in] and a bias under module's name.
    DenseLayer(WeightSource& weights,
               const std::string& module,
               std::int64_t in,
               std::int64_t out,
               Activation activation = nullptr);
    /// The norm behind it, under normModule's name.
    DenseLayer&
    withNorm(const ModelConfig& config, WeightSource& weights, const std::string& normModule);

    bool isDefined() const { return m_linear.weight.defined(); }
    at::Tensor forward(const at::Tensor& x) const;
    std::vector<SiteInfo> sites() const; ///< of layer and norm, in the head before a vocabulary
    Linear& linear() { return m_linear; }

private:
    Linear m_linear;
    Activation m_activation = nullptr;
    Norm m_norm;
    std::string m_module;
    std::string m_normModule;
};

/// The layer that tells tokens apart, and how its weights are called.
struct Vocabulary
{
    LmHead head;
    std::string module; ///< of its matrix; empty where that is the token table
    std::string bias; ///< whole name
};

/// Hidden states, and the pooled first token as "pooler_output" where pooler is defined.
std::unique_ptr<TextHead> baseHead(DenseLayer pooler);
/// Labels of each token.
std::unique_ptr<TextHead> eachTokenHead(DenseLayer classifier);
/// Labels of the text, from its first token through dense (if defined) and classifier.
std::unique_ptr<TextHead> firstTokenHead(DenseLayer dense, DenseLayer classifier);
/// Where an answer starts and ends: two scores for each token.
std::unique_ptr<TextHead> questionHead(DenseLayer outputs);
/// What a masked token was: transform, then the vocabulary.
std::unique_ptr<TextHead> maskedHead(DenseLayer transform, Vocabulary vocabulary);
/// BERT's two tasks before fine-tuning: masked tokens, and whether the second text follows.
std::unique_ptr<TextHead>
preTrainingHead(DenseLayer pooler, DenseLayer transform, Vocabulary vocabulary, DenseLayer follows);
/// Whether each token was replaced (ELECTRA's discriminator).
std::unique_ptr<TextHead> replacedHead(DenseLayer dense, DenseLayer prediction);

/// The matrix of the vocabulary: the token table where the config ties them, else decoder's; the
/// bias is the first of these that the file has. tokens: [vocabulary, width].
Vocabulary vocabularyOf(const ModelConfig& config,
                        const at::Tensor& tokens,
                        const std::string& decoder,
                        const std::vector<std::string>& biases,
                        WeightSource& weights);

class JsonKeys;
/// The width of a layer of a head, as config.json gives it under key. Throws Error where it makes
/// no model.
std::int64_t headWidth(const JsonKeys& keys, const char* key, std::int64_t otherwise);

/// The heads that all encoders keep alike: a label for each token ("classifier") and the places of
/// an answer ("qa_outputs"). Throws Error, which names the class, for every other task.
std::unique_ptr<TextHead> commonHead(const ModelConfig& config, WeightSource& weights);
[[noreturn]] void refuseTask(const ModelConfig& config); ///< Throws Error that names the class.

} // namespace tw
