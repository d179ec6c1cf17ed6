// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/job/job_control.h"
#include "core/model/config.h"
#include "core/model/hooks.h"
#include "core/model/module_names.h"
#include "core/model/packed_kind.h"
#include "core/model/weight_source.h"
#include "core/tensorfile/tensor_file.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>

namespace tw {

class PackedMatrix;

/// y = x W^T + b + the deltas attached to it. W and b are frozen unless they require gradients.
class Linear
{
public:
    Linear() = default;
    Linear(at::Tensor weight, at::Tensor bias); ///< [out, in], [out] or undefined

    at::Tensor forward(const at::Tensor& x) const; ///< [*, in] -> [*, out]
    /// The weights that compute the same without the changes.
    LinearWeights merged() const;

    at::Tensor weight;
    at::Tensor bias;
    std::vector<std::shared_ptr<const LinearChange>> deltas;
    std::shared_ptr<const PackedMatrix> packed; ///< weight in fewer bytes, or none
};

/// Rows of a table [vocabulary, width], with the changes attached to it.
class Embedding
{
public:
    at::Tensor forward(const at::Tensor& ids) const; ///< [n] -> [n, width]
    /// The table that gives the same rows without the changes.
    at::Tensor merged() const;

    at::Tensor weight;
    std::vector<std::shared_ptr<const TableChange>> changes;
};

/// What tokens of a packed batch see, where that is not what the model says.
struct Sight
{
    /// Of each row of a model that reads from left to right, how many tokens at its beginning see
    /// each other in both directions: what is given, before what is to be written (prefix language
    /// models; Raffel et al. 2020, section 3.2.1). Empty: none do.
    std::vector<std::int64_t> prefixes = {};
    /// uint8 [tokens], 1 where no token sees this one, as if it were padding among them. A token
    /// that would see nothing sees itself. Undefined: all are seen.
    at::Tensor unseen = {};
};

/// Rows of a packed batch as tensors: row r is tokens [starts[r], starts[r+1]).
struct PackedInput
{
    at::Tensor ids; ///< int64 [tokens]
    at::Tensor positions; ///< int64 [tokens]
    std::vector<std::int64_t> starts; ///< rows + 1
    at::Tensor types = {}; ///< int64 [tokens], or undefined: all of type 0
    /// Whether hidden() also returns the virtual tokens that are read before each row as
    /// embeddings.
    bool showsVirtualTokens = false;
    /// alpha of NEFTune (Jain et al. 2023): where gradients are computed, each embedding gets noise
    /// from -alpha / sqrt(tokens * width) to that, with the tokens of its row. 0: none.
    double noise = 0.0;
    at::Tensor sourceIds = {}; ///< int64 [tokens that an encoder reads], or undefined
    std::vector<std::int64_t> sourceStarts = {}; ///< rows + 1 of them
    Sight sight = {};
};

/// The layer that turns hidden states into logits, and what happens to them:
/// cap(scale * (W h + b)), cap(z) = c tanh(z / c). W is [vocabulary, width of hidden].
class LmHead : public Linear
{
public:
    LmHead() = default;
    explicit LmHead(at::Tensor weight, at::Tensor bias = {});

    at::Tensor logits(const at::Tensor& hidden) const; ///< [n, width] -> [n, vocabulary]
    LmHead withoutChanges() const; ///< that computes the same: they are merged in

    double scale = 1.0;
    double cap = 0.0; ///< c; 0: logits are not capped
};

/// What a whole forward pass reads or gives, under Transformers' names: "input_ids",
/// "attention_mask", "pixel_values" ..., "logits", "last_hidden_state" ...
using Tensors = std::map<std::string, at::Tensor>;

/// Keys and values of what was already read, one row, all layers.
class KvCache
{
public:
    virtual ~KvCache() = default;
    virtual std::int64_t length() const = 0; ///< tokens held
    virtual std::unique_ptr<KvCache> clone() const = 0; ///< for beams
};

/// Tokens of one text that are read behind what its cache holds.
struct NewTokens
{
    std::vector<std::int64_t> ids; ///< not empty
    KvCache* cache = nullptr;
};

/// A text that waits to be continued.
struct Continuation
{
    std::unique_ptr<KvCache> cache;
    std::vector<std::int64_t> first; ///< what the model reads before it says the first new token
    std::int64_t room = 0; ///< how many tokens it can write
};

/// A model in memory. Weights are float32 and frozen; adapters attach deltas to its sites. Forward
/// passes may run in several threads as long as nobody attaches or trains meanwhile.
class Model
{
public:
    virtual ~Model() = default;

    virtual const ModelConfig& config() const = 0;
    virtual const std::vector<SiteInfo>& sites() const = 0;
    /// The linear layer at a site, the head that continues text among them; throws Error where the
    /// model has none there.
    virtual Linear& linear(Site site) = 0;
    virtual const Linear& linear(Site site) const = 0;
    /// The table of token embeddings; throws Error where the model reads none. A tied head shares
    /// its weight, not its changes.
    virtual Embedding& embedding();
    const Embedding& embedding() const { return const_cast<Model*>(this)->embedding(); }
    /// What stands before each row; nullptr: nothing. Setting throws Error where the model has no
    /// place for it.
    virtual std::shared_ptr<const VirtualTokens> virtualTokens() const { return nullptr; }
    virtual void setVirtualTokens(std::shared_ptr<const VirtualTokens> tokens);
    /// Changes of what a part gives at a site that is no linear layer: attn.out, mlp.out,
    /// block.out, norms. Throws Error where the model has no such place.
    virtual HiddenChanges& hiddenChanges(const SiteInfo& place);
    const HiddenChanges& hiddenChanges(const SiteInfo& place) const;
    /// All base weights under Hugging Face's names (views, not copies), for merging, export and
    /// fingerprints.
    virtual NamedTensors weights() const = 0;

    /// One forward pass as Transformers' class of the same name makes it: of rows that are padded
    /// to one length, to outputs of the same rows. What stands at padding is zero. Differentiable.
    /// Throws Error where an input is missing or has a wrong shape.
    virtual Tensors forward(const Tensors& inputs) const;
    /// The same without gradient.
    Tensors outputs(const Tensors& inputs) const;

    // What follows is for models that continue text; the others throw Error.

    /// Hidden states that the head reads: [tokens, width], of the decoder where there is an
    /// encoder; with input.showsVirtualTokens those of virtual embeddings stand before each row's.
    /// Differentiable; no gradient is computed below the lowest layer that has a delta. A LowRank's
    /// dropout acts where gradient mode is on.
    virtual at::Tensor hidden(const PackedInput& input) const;
    /// The head with its changes merged in, for losses that take its matrix in pieces.
    virtual LmHead head() const;
    virtual at::Tensor logits(const at::Tensor& hidden) const { return head().logits(hidden); }

    virtual std::unique_ptr<KvCache> newCache(std::int64_t capacity) const;
    /// Reads tokens of several texts at once, each behind what its cache holds, and returns the
    /// hidden states of these positions, text after text: [tokens, width]. No gradient.
    virtual at::Tensor hiddenBehind(const std::vector<NewTokens>& texts) const;
    /// The same for one text.
    at::Tensor hiddenCached(const std::vector<std::int64_t>& ids, KvCache& cache) const;
    /// What continues or, with an encoder, answers the prompt. The cache has room for maxTokens.
    /// Throws Error where the prompt fills the model's context.
    virtual Continuation continuing(const std::vector<std::int64_t>& prompt,
                                    std::int64_t maxTokens) const;

    /// Keeps a copy of all linear weights and of the head in fewer bytes, which is then used where
    /// a few tokens are read and nothing is trained: those products wait for memory. Weights that
    /// change afterwards are not followed. Nothing: drops the copies.
    void packWeights(std::optional<PackedKind> kind);

protected:
    [[noreturn]] void refuseText() const;
};

/// Where a family's classes keep the weights of their heads.
struct HeadNames
{
    std::string score = "score"; ///< of a decoder's classification of whole texts
    std::string tokenScore = "score"; ///< of each token
    bool hasTokenBias = true;
};

/// What a head may use of the model below it.
struct HeadParts
{
    const LmHead& lm; ///< the model's own, of ModelTask::CausalLm
    at::Tensor tokens; ///< the token table [vocabulary, embedding width]
    std::int64_t width = 0; ///< of the hidden states that the head gets
};

class TextHead;
struct ModelSource;

/// A model family: recognises a config, translates it, and names its weights. One file each in
/// core/model/families.
struct ModelFamily
{
    std::string id;
    std::string title;
    /// Whether this family reads such a model; architecture is config.json's architectures[0] or
    /// GGUF's general.architecture.
    std::function<bool(const std::string& architecture)> reads;
    /// From config.json's text, or from a GGUF file's metadata. Throws Error for what it cannot
    /// express.
    std::function<ModelConfig(const std::string& configJson)> configFromJson;
    std::function<ModelConfig(const TensorFile& gguf)> configFromGguf;
    std::function<ModuleNames(const ModelConfig&)> names;
    /// What stands before the names of all weights of the base model ("model."). Files leave it out
    /// or have it too much: both are found.
    std::string prefix;
    HeadNames heads; ///< of decoders
    /// Heads of other text models; empty: those of decoders.
    std::function<std::unique_ptr<TextHead>(const ModelConfig&, const HeadParts&, WeightSource&)>
        makeHead;
    /// Makes the model; empty: a Transformer.
    std::function<std::unique_ptr<Model>(const ModelSource&, WeightSource&)> build;
    /// How else files spell the name of a weight, "gamma" for "weight"; may be empty.
    std::function<std::string(const std::string& huggingFaceName)> otherName;
    /// Name in a GGUF file for one of Hugging Face's weight names; empty where the family is not
    /// read from such files.
    std::function<std::string(const std::string& huggingFaceName, const ModelConfig&)> ggufName;
    /// A tensor of a GGUF file in Hugging Face's layout; empty where they are the same.
    std::function<at::Tensor(
        const std::string& huggingFaceName, const at::Tensor&, const ModelConfig&)>
        fromGguf;
};

/// One weight as Hugging Face names it, with the shape that the config asks for.
struct WeightInfo
{
    std::string name;
    std::vector<std::int64_t> shape;
};

/// Where a model's parts were found.
struct ModelSource
{
    std::filesystem::path path; ///< as given: folder or GGUF file
    ModelConfig config;
    std::string configText; ///< config.json as read, or the GGUF keys as JSON
    std::shared_ptr<const TensorFile> tensors;
    const ModelFamily* family = nullptr;
    bool isGguf = false;

    /// Name in the tensor file of one of Hugging Face's weight names; where the file has none like
    /// it, the name that was looked for.
    std::string storedName(const std::string& huggingFaceName) const;
    bool has(const std::string& huggingFaceName) const;
    /// One weight as float32 in Hugging Face's layout (GGUF's permuted q and k rows are put back),
    /// in memory of its own. Throws Error.
    at::Tensor weight(const std::string& huggingFaceName) const;
    ModuleNames names() const; ///< as the class in config.architecture has them
    /// Every weight the model asks for; a tied head is not among them.
    std::vector<WeightInfo> weightInfos() const;
    std::vector<SiteInfo> sites() const;
    /// The model with its sites and shapes, but without memory: nothing can be computed.
    std::unique_ptr<Model> skeleton() const;
    /// The model with the weights that are handed to it.
    std::unique_ptr<Model> build(WeightSource& weights) const;
};

/// Recognises a model without reading its weights. Throws Error: no model there, or its family is
/// not supported.
ModelSource openModelSource(const std::filesystem::path& path);
/// Ids behind which the model's maker says that an answer is over: generation_config.json, or where
/// that says nothing config.json. Throws Error for a damaged file.
std::vector<std::int64_t> endIdsOf(const ModelSource& source);
/// Reads all weights as float32; progress stage "loading".
std::shared_ptr<Model> loadModel(const ModelSource& source, JobControl& control);

} // namespace tw
