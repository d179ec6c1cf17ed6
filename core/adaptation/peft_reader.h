// SPDX-License-Identifier: Apache-2.0
#pragma once

// For .cpp files of core/adaptation only: it shows the JSON library.
#include "core/adaptation/peft_config.h"
#include "core/model/model.h"

#include <set>
#include <string>
#include <vector>

namespace tw {

/// Name in PEFT's file of a module's tensor.
std::string peftName(const std::string& module, const std::string& tensor);

/// One adapter of PEFT while it is read: its settings, the model it is for, and its tensors as they
/// are asked for.
class PeftReader
{
public:
    /// Throws Error where configText is no JSON object. model and tensors have to outlive this.
    PeftReader(Model& model, const std::string& configText, const TensorFile& tensors);

    const Json& config() const { return m_config; }
    /// Writes another value of a setting when the adapter is written again.
    void rewrite(const std::string& key, Json value) { m_config[key] = std::move(value); }
    Model& model() const { return m_model; }
    /// The linear layers that the adapter sits at, within the blocks and beyond them (see
    /// beyond_sites.h); with `further` kinds of site it may sit there as well. Throws as
    /// targetedSites() does.
    std::vector<SiteInfo> targets(const std::vector<SiteKind>& further = {}) const;

    bool has(const std::string& name) const { return m_tensors.find(name) != nullptr; }
    /// The shape of a tensor. Throws Error where the file lacks it.
    std::vector<std::int64_t> shapeOf(const std::string& name) const;
    /// A tensor as float32 in memory of its own. Throws Error where the file lacks it, or holds
    /// another shape.
    at::Tensor tensor(const std::string& name, const std::vector<std::int64_t>& shape);
    /// Tensors of the file that nobody asked for.
    std::vector<TensorInfo> leftOvers() const;
    /// Throws Error that names one of them: without it the adapter
    /// would answer differently.
    void refuseLeftOvers() const;
    [[noreturn]] static void refuseLeftOver(const std::string& name);

private:
    Model& m_model;
    Json m_config;
    const TensorFile& m_tensors;
    std::set<std::string> m_asked;
};

/// Whether PEFT stored what it changes of the embedding a second time for the head tied to it
/// (ensure_weight_tying).
bool savesTiedHead(const PeftReader& reader);

} // namespace tw
