// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/tiny_models.h"

#include <ATen/ATen.h>

#include <map>

namespace tw {

const std::vector<TinyModel>& tinyModels()
{
    static const std::filesystem::path fixtures = TW_SOURCE "/tests/fixtures";
    static const std::vector<TinyModel> all {
        {"Llama", fixtures / "train/tiny_llama"},
        {"GPT-2", fixtures / "model/families/gpt2"},
        {"BERT", fixtures / "model/families/bert_masked"},
        {"T5", fixtures / "model/families/t5"},
    };
    return all;
}

std::shared_ptr<Model> load(const TinyModel& tiny)
{
    JobControl control;
    return loadModel(openModelSource(tiny.folder), control);
}

std::shared_ptr<Model> rebuilt(const TinyModel& tiny, const NamedTensors& weights)
{
    const std::map<std::string, at::Tensor> held(weights.begin(), weights.end());
    HeldWeights weightsInMemory(held);
    ModelSource source = openModelSource(tiny.folder);
    source.config.tiesHead = source.config.tiesHead && !held.contains("lm_head.weight");
    return source.build(weightsInMemory);
}

std::shared_ptr<Model> withOneLabel(const TinyModel& tiny)
{
    const NamedTensors all = load(tiny)->weights();
    std::map<std::string, at::Tensor> held(all.begin(), all.end());
    for (const char* name : {"score.weight", "classifier.weight", "classifier.bias"})
        if (const auto found = held.find(name); found != held.end())
            found->second = found->second.narrow(0, 0, 1).clone();
    ModelSource source = openModelSource(tiny.folder);
    source.config.labels.resize(1);
    HeldWeights weights(held);
    return source.build(weights);
}

Tensors someInputs(const Model& model)
{
    Tensors inputs {{"input_ids", at::arange(3, 30, 2, at::kLong).unsqueeze(0)}};
    if (model.config().decoderLayers > 0)
        inputs["decoder_input_ids"] = at::arange(1, 14, 3, at::kLong).unsqueeze(0);
    return inputs;
}

at::Tensor answer(const Model& model)
{
    const Tensors outputs = model.forward(someInputs(model));
    const auto logits = outputs.find("logits");
    return logits != outputs.end() ? logits->second : outputs.at("last_hidden_state");
}

} // namespace tw
