// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/prompt_encoder.h"

#include "core/adaptation/start_values.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace tw {
namespace {

constexpr const char* kEmbedding = "prompt_encoder.embedding.weight";
constexpr const char* kEncoder = "prompt_encoder.";
constexpr const char* kLstm = "prompt_encoder.lstm_head.";

/// Weights and biases of linear layers that follow each other.
std::vector<LinearWeights> freshLayers(const std::vector<std::int64_t>& widths,
                                       RandomStream& random)
{
    std::vector<LinearWeights> layers;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
        const double bound = 1.0 / std::sqrt(static_cast<double>(widths[i]));
        at::Tensor weight = kaimingUniform(widths[i + 1], widths[i], random);
        layers.push_back({std::move(weight), uniformValues({widths[i + 1]}, bound, random)});
    }
    return layers;
}

/// Under the names of a torch.nn.Sequential, in which activations are counted too.
void addNamed(NamedTensors& all, const std::string& name, const std::vector<LinearWeights>& layers)
{
    for (std::size_t i = 0; i < layers.size(); ++i) {
        std::string layer = kEncoder;
        layer.append(name).append(".").append(std::to_string(2 * i));
        all.emplace_back(layer + ".weight", layers[i].weight);
        all.emplace_back(layer + ".bias", layers[i].bias);
    }
}

at::Tensor through(const std::vector<LinearWeights>& layers,
                   const TensorFunction& activation,
                   const at::Tensor& x)
{
    at::Tensor y = x;
    for (std::size_t i = 0; i < layers.size(); ++i)
        y = at::linear(i == 0 ? y : activation(y), layers[i].weight, layers[i].bias);
    return y;
}

std::int64_t countOfLayers(const std::vector<std::int64_t>& widths)
{
    std::int64_t count = 0;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
        count += (widths[i] + 1) * widths[i + 1];
    return count;
}

std::vector<std::int64_t> widthsBehind(const PromptLstm& lstm)
{
    return {2 * lstm.hidden, 2 * lstm.hidden, lstm.width};
}

/// What the LSTM's layer reads: the embeddings, or both directions of the layer below.
std::int64_t inputsOf(const PromptLstm& lstm, std::int64_t layer)
{
    return layer == 0 ? lstm.width : 2 * lstm.hidden;
}

/// In the order that PyTorch's operator takes: of each layer both directions, of each the weights
/// of input and state and their biases, with the four gates below each other.
NamedTensors freshGates(const PromptLstm& lstm, RandomStream& random)
{
    const double bound = 1.0 / std::sqrt(static_cast<double>(lstm.hidden));
    const std::int64_t gates = 4 * lstm.hidden;
    NamedTensors all;
    for (std::int64_t layer = 0; layer < lstm.layers; ++layer)
        for (const char* direction : {"", "_reverse"}) {
            const std::string ending = "_l" + std::to_string(layer) + direction;
            const auto add = [&](const char* part, const std::vector<std::int64_t>& shape) {
                std::string name = kLstm;
                name.append(part).append(ending);
                all.emplace_back(std::move(name), uniformValues(shape, bound, random));
            };
            add("weight_ih", {gates, inputsOf(lstm, layer)});
            add("weight_hh", {gates, lstm.hidden});
            add("bias_ih", {gates});
            add("bias_hh", {gates});
        }
    return all;
}

} // namespace

std::shared_ptr<const TokenNumbers> numbersOf(const PromptMlp& mlp, RandomStream& random)
{
    const at::Tensor embeddings = normalValues({mlp.count, mlp.widths.front()}, 1.0, random);
    const std::vector<LinearWeights> layers = freshLayers(mlp.widths, random);
    NamedTensors parameters {{kEmbedding, embeddings}};
    addNamed(parameters, mlp.name, layers);
    return std::make_shared<TokenNumbers>(mlp.count, std::move(parameters),
                                          [embeddings, layers, activation = mlp.activation] {
                                              return through(layers, activation, embeddings);
                                          });
}

std::shared_ptr<const TokenNumbers> numbersOf(const PromptLstm& lstm, RandomStream& random)
{
    const at::Tensor embeddings = normalValues({lstm.count, lstm.width}, 1.0, random);
    const NamedTensors gates = freshGates(lstm, random);
    const std::vector<LinearWeights> layers = freshLayers(widthsBehind(lstm), random);
    NamedTensors parameters {{kEmbedding, embeddings}};
    parameters.insert(parameters.end(), gates.begin(), gates.end());
    addNamed(parameters, "mlp_head", layers);
    std::vector<at::Tensor> weights;
    for (const auto& [name, tensor] : gates)
        weights.push_back(tensor);
    return std::make_shared<TokenNumbers>(
        lstm.count, std::move(parameters), [embeddings, weights, layers, lstm] {
            const at::Tensor start = at::zeros({2 * lstm.layers, 1, lstm.hidden});
            const at::Tensor states = std::get<0>(
                at::lstm(embeddings.unsqueeze(0), {start, start}, weights, /*has_biases=*/true,
                         lstm.layers, lstm.dropout, at::GradMode::is_enabled(),
                         /*bidirectional=*/true, /*batch_first=*/true));
            return through(
                layers, [](const at::Tensor& x) { return at::relu(x); }, states.squeeze(0));
        });
}

std::int64_t trainedCount(const PromptMlp& mlp)
{
    return mlp.count * mlp.widths.front() + countOfLayers(mlp.widths);
}

std::int64_t trainedCount(const PromptLstm& lstm)
{
    std::int64_t count = lstm.count * lstm.width + countOfLayers(widthsBehind(lstm));
    for (std::int64_t layer = 0; layer < lstm.layers; ++layer)
        count += 2 * 4 * lstm.hidden * (inputsOf(lstm, layer) + lstm.hidden + 2);
    return count;
}

} // namespace tw
