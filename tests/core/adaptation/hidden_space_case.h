// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cases of tests/fixtures/hidden_space: what Transformers' models give with a method put into them
// by hooks.
#include "core/adaptation/adaptation.h"
#include "core/base/text.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <map>

namespace tw {

struct HiddenSpaceCase
{
    explicit HiddenSpaceCase(const std::string& name)
    {
        const std::filesystem::path fixtures = TW_FIXTURES;
        folder = fixtures / "hidden_space" / name;
        JobControl control;
        base = fixtures / trimmed(readFile(folder / "base.txt", 1000));
        model = loadModel(openModelSource(base), control);
        expected = openTensorFile(folder / "expected.safetensors");
    }
    at::Tensor logits() const
    {
        return model->forward({{"input_ids", expected->read("ids").unsqueeze(0)}})
            .at("logits")
            .squeeze(0);
    }
    /// The largest difference from the stored logits, as a share of the largest of them.
    double logitsFault() const
    {
        const at::NoGradGuard noGradients;
        return fault(logits(), expected->read("logits"));
    }
    /// Parameters by name, with how far their gradients for the sum of squared logits are from the
    /// stored ones, likewise.
    std::map<std::string, double> gradientFaults(const Adapter& adapter) const
    {
        logits().square().sum().backward();
        std::map<std::string, double> faults;
        for (const auto& [name, tensor] : adapter.parameters())
            faults[name] = fault(tensor.grad(), expected->read("grad.base_model.model." + name));
        return faults;
    }
    static double fault(const at::Tensor& ours, const at::Tensor& theirs)
    {
        if (!ours.defined() || ours.sizes() != theirs.sizes())
            return 1e9;
        return (ours - theirs).abs().max().item<double>()
            / std::max(1e-6, theirs.abs().max().item<double>());
    }

    std::filesystem::path folder;
    std::filesystem::path base;
    std::shared_ptr<Model> model;
    std::shared_ptr<const TensorFile> expected;
};

} // namespace tw
