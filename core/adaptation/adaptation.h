// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/param.h"
#include "core/base/random.h"
#include "core/base/registry.h"
#include "core/model/model.h"

#include <functional>
#include <memory>

namespace tw {

/// What one method attached to one model: its deltas, their parameters, and how they are written.
/// While it lives, the model computes with it; the destructor restores the base.
class Adapter
{
public:
    virtual ~Adapter() = default;

    /// Trained tensors under the names of PEFT's file, without the prefix "base_model.model."
    virtual NamedTensors parameters() const = 0;
    /// Tensors that belong to PEFT's file and are never trained, under their whole names.
    virtual NamedTensors frozen() const { return {}; }
    /// PEFT's adapter_config.json as text.
    virtual std::string peftConfig(const std::string& baseModelName) const = 0;
    /// The change at a linear site, or nullptr.
    virtual std::shared_ptr<const LinearChange> delta(Site site) const = 0;
    virtual std::vector<Site> sites() const = 0;
    /// With false the model computes as if the adapter were not there; with true again as with it.
    virtual void setEnabled(bool isEnabled) = 0;
};

/// An adaptation method as a plug-in.
struct Adaptation
{
    std::string id;
    std::string title;
    std::string summary; ///< one sentence on its card
    bool mergesIntoWeights = false;
    std::vector<SiteKind> siteKinds; ///< where it can sit
    std::vector<SiteKind> defaultSites;
    std::vector<ParamSpec> params;
    /// Trained scalars at a site with these settings.
    std::function<std::int64_t(const SiteInfo&, const ParamValues&)> parameterCount;
    /// Problems beyond the ranges of params (rank above the matrix's, a site that the family
    /// lacks).
    std::function<Problems(
        const std::vector<SiteInfo>& sites, const SiteSelection&, const ParamValues&)>
        check;
    /// Attaches a fresh adapter; initial values come from random.
    std::function<std::unique_ptr<Adapter>(
        Model&, const SiteSelection&, const ParamValues&, RandomStream& random)>
        attach;
};

/// Reads a folder with adapter_config.json and adapter_model.safetensors (or .bin), whatever method
/// of PEFT's it is, and attaches it over those that are there. Throws Error.
std::unique_ptr<Adapter> attachAdapter(Model& model, const std::filesystem::path& folder);
/// The stored values of the adapter's parameters, in their order; nothing is attached or changed.
/// Throws Error where the folder holds those of another adapter.
std::vector<at::Tensor> readAdapterTensors(const Adapter& adapter,
                                           const std::filesystem::path& folder);
/// Writes adapter_config.json and adapter_model.safetensors into a folder that exists.
void writeAdapterFiles(const Adapter& adapter,
                       const std::string& baseModelName,
                       const std::filesystem::path& folder);
/// Writes PEFT's layout atomically.
void writeAdapter(const Adapter& adapter,
                  const std::string& baseModelName,
                  const std::filesystem::path& folder);

} // namespace tw
