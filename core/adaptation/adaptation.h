// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/param.h"
#include "core/base/random.h"
#include "core/base/registry.h"
#include "core/model/model.h"
#include "core/tensorfile/tensor_file.h"

#include <functional>
#include <memory>

namespace tw {

/// How an optimiser treats a trained tensor.
struct Treatment
{
    double rate = 1.0; ///< its learning rate, as a multiple of the run's
    bool decays = true; ///< whether weight decay applies

    bool operator==(const Treatment&) const = default;
};

/// Where a run is, for methods that change while they train.
struct TrainingMoment
{
    std::int64_t step = 0; ///< that is under way, from 0
    std::int64_t steps = 1; ///< of the whole run
    double learningRate = 0.0;
};

/// What one method attached to one model: its deltas, their parameters, and how they are written.
/// While it lives, the model computes with it; the destructor restores the base.
class Adapter
{
public:
    virtual ~Adapter() = default;

    /// Trained tensors under the names of PEFT's file, without the prefix "base_model.model."
    virtual NamedTensors parameters() const = 0;
    /// How each of them is treated, in their order.
    virtual std::vector<Treatment> treatments() const;
    /// Tensors that belong to PEFT's file and are never trained, under their whole names.
    virtual NamedTensors frozen() const { return {}; }
    /// The tensors under which the trained ones are written, where these are others: a start from
    /// the weights themselves is written as the difference from them. Empty: parameters().
    virtual NamedTensors written() const { return {}; }
    /// PEFT's adapter_config.json as text.
    virtual std::string peftConfig(const std::string& baseModelName) const = 0;
    /// The change at a linear site, or nullptr.
    virtual std::shared_ptr<const LinearChange> delta(Site site) const = 0;
    virtual std::vector<Site> sites() const = 0;
    /// With false the model computes as if the adapter were not there; with true again as with it.
    virtual void setEnabled(bool isEnabled) = 0;
    /// Those that this one is made of, in the order in which they lie over each other; none where
    /// it is a single one.
    virtual std::vector<const Adapter*> parts() const { return {}; }

    // What follows is asked of it while it trains.

    /// What is added to the loss of a step, once whatever the batches: a differentiable scalar, or
    /// undefined.
    virtual at::Tensor penalty() const { return {}; }
    /// The gradients of the step are there and may be changed.
    virtual void beforeUpdate(const TrainingMoment&) { }
    /// The optimiser has changed the parameters. Gradients are still there.
    virtual void afterUpdate(const TrainingMoment&) { }
    /// What a resumed run needs besides the parameters, by name: written with a checkpoint, and
    /// copied back into these tensors.
    virtual NamedTensors state() const { return {}; }
};

/// By what people look for a method.
enum class Trait
{
    Merges, ///< into the weights, exactly
    KeepsKnowledge, ///< forgets less than full fine-tuning
    SmallMemory, ///< among the smallest in memory
    PromptLike ///< virtual tokens before the text
};
const char* traitId(Trait trait); ///< "keepsKnowledge"

/// What a method may use when it is attached.
struct AttachContext
{
    RandomStream& random; ///< for initial values
    /// Some batches of the data, for methods that start from what the model computes on them; may
    /// be empty where a model is only looked at.
    std::vector<PackedInput> calibration = {};
};

/// An adaptation method as a plug-in.
struct Adaptation
{
    std::string id;
    std::string title;
    std::string summary; ///< one sentence on its card
    std::vector<Trait> traits;
    std::string paper; ///< "Hu et al. 2021, LoRA: ..."
    bool isReimplemented = false; ///< from the paper: there is no official code
    std::vector<SiteKind> siteKinds; ///< where it can sit
    std::vector<SiteKind> defaultSites;
    std::vector<ParamSpec> params;
    /// Trained scalars at these sites with these settings.
    std::function<std::int64_t(const std::vector<SiteInfo>& chosen, const ParamValues&)>
        parameterCount;
    /// Problems beyond the ranges of params (rank above the matrix's, a site that the family
    /// lacks).
    std::function<Problems(
        const std::vector<SiteInfo>& sites, const SiteSelection&, const ParamValues&)>
        check;
    /// Attaches a fresh adapter.
    std::function<std::unique_ptr<Adapter>(
        Model&, const SiteSelection&, const ParamValues&, const AttachContext&)>
        attach;
    /// Attaches one that was written in Tunewright's own format, where its tensors say more than
    /// the settings do. Empty: attach(), and then the tensors are put into it.
    std::function<std::unique_ptr<Adapter>(
        Model&, const SiteSelection&, const ParamValues&, const TensorFile&)>
        read = {};
    /// Where a fresh adapter does not compute exactly as the base: why. Empty: it does.
    std::string freshDiffers = {};
    /// How many virtual tokens it puts before each row; empty: none.
    std::function<std::int64_t(const ParamValues&)> virtualTokens = {};
    /// Whether its change of a site replaces the weight itself, so that no other such method may
    /// sit there.
    bool takesWeights = false;

    bool has(Trait trait) const;
};

/// Lays several adapters over each other as one, the first at the bottom. The names of its
/// parameters begin with the number of the part ("0/"). One part is returned as it is.
std::unique_ptr<Adapter> together(std::vector<std::unique_ptr<Adapter>> parts);

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
/// Writes several that lie over each other into one folder, atomically; a single one as itself.
void writeAdapters(const std::vector<const Adapter*>& adapters,
                   const std::string& baseModelName,
                   const std::filesystem::path& folder);
/// Writes PEFT's layout atomically.
void writeAdapter(const Adapter& adapter,
                  const std::string& baseModelName,
                  const std::filesystem::path& folder);

} // namespace tw
