// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/job.h"
#include "core/workbench/values.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tw {

// Single tools on files, without project and experiment: what scripts ask for.

/// A text as a tokenizer sees it. Nothing is cut or padded.
struct TokenizedText
{
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> typeIds; ///< 0, or 1 in the second of two texts
    std::vector<std::string> tokens; ///< as the vocabulary spells them
    std::string decoded;
    std::string decodedSkipSpecial;

    bool operator==(const TokenizedText&) const = default;
};

/// The tokenizer of a model folder, a GGUF file, or a tokenizer.json. Copyable; any thread may use
/// it.
class TextTokenizer
{
public:
    /// Throws Error.
    explicit TextTokenizer(const std::string& path);

    TokenizedText encode(const std::string& text, bool addSpecial) const;
    TokenizedText
    encodePair(const std::string& first, const std::string& second, bool addSpecial) const;
    /// Many texts with all threads; in their order. Throws the Error of the first that has one.
    std::vector<TokenizedText> encodeAll(const std::vector<std::string>& texts,
                                         bool addSpecial) const;
    /// Their ids alone, which takes a fraction of the time.
    std::vector<std::vector<std::int64_t>> idsOf(const std::vector<std::string>& texts,
                                                 bool addSpecial) const;
    /// Throws Error for ids outside the vocabulary.
    TokenizedText decode(const std::vector<std::int64_t>& ids) const;

private:
    struct State;
    std::shared_ptr<const State> m_state;
};

/// What a chat template made: the text, and [start, end) in code points of what the assistant says
/// in it.
struct RenderedChat
{
    std::string text;
    std::vector<std::pair<std::int64_t, std::int64_t>> generationSpans;
};

/// The chat templates of a model, or one of somebody's own, with the special tokens of the model.
class ChatRenderer
{
public:
    /// Of a model folder or GGUF file. Throws Error where it has none.
    static ChatRenderer ofModel(const std::string& path);
    /// specialTokensJson: an object, "bos_token" and the like with their texts.
    explicit ChatRenderer(std::string source, std::string specialTokensJson = "{}");

    /// requestJson: an object with "messages", and where wanted "tools", "documents",
    /// "add_generation_prompt", "continue_final_message", "special_tokens", "kwargs", "now"
    /// ("2025-02-09T07:05:03"), "chat_template" (the name of one of the model's, or a source) and
    /// "template" (wins). Means what apply_chat_template of Transformers means by these names.
    /// Throws Error.
    RenderedChat render(const std::string& requestJson) const;

private:
    struct State;
    std::shared_ptr<const State> m_state;
};

/// What a forward pass reads and writes.
struct LogitsFiles
{
    /// JSON or safetensors with "input_ids", "attention_mask", "pixel_values" ... as Transformers
    /// names them; JSON may instead name files as "images" or "sounds". Or a picture or a sound,
    /// prepared as the model's preprocessor_config.json says.
    std::string inputs;
    std::string out; ///< safetensors
    std::string prepared; ///< safetensors for what the model read; empty: not written
};

/// Forward pass over the rows of a file, in float32. Writes what Transformers' class of
/// the model gives ("logits", "last_hidden_state" ...) as safetensors; positions that
/// attention_mask leaves out have zeros.
struct LogitsSummary
{
    struct Output
    {
        std::string name;
        std::vector<std::int64_t> shape;
    };
    std::vector<Output> outputs;
    double seconds = 0.0;
};

struct ConvertRequest
{
    std::string from; ///< a tensor file, an index of shards, or a folder with either
    std::string to; ///< FILE.safetensors
    bool keepsTypes = false; ///< those that safetensors has; else all become float32
    std::uint64_t maxFileBytes = 0; ///< of the values in one file; 0: one file, however large
};

/// What is fetched from a server that speaks as Hugging Face's hub does: the only use of the
/// network.
struct FetchOptions
{
    std::string name; ///< "HuggingFaceTB/SmolLM2-135M-Instruct"
    std::string endpoint = "https://huggingface.co";
    std::string revision = "main"; ///< branch, tag or commit
    std::string token; ///< for models that ask for an account; may be empty
    std::vector<std::string> files; ///< "*Q4_K_M.gguf"; empty: what opening the model needs
    std::string folder; ///< to fetch into
};
struct FetchSummary
{
    std::string folder;
    std::string commit; ///< what the revision stood for
    std::int64_t files = 0;
    std::uint64_t bytes = 0;
};

struct ConvertSummary
{
    std::int64_t tensors = 0;
    std::uint64_t bytes = 0; ///< of the written files
    std::vector<std::string> files; ///< the index of several last
};

/// A model or adapter that was written for others, and the proof that it answers as before.
struct SharedModel
{
    std::uint64_t bytes = 0; ///< of all files
    std::int64_t positions = 0; ///< that were compared
    double largestDifference = 0.0; ///< of logits, to the model in memory
};

/// A run as the command line names it: PROJECT#RUN, optionally @STEP.
struct RunAddress
{
    std::string project; ///< folder
    std::int64_t run = 0;
    std::optional<std::int64_t> step; ///< of a checkpoint; 0: the base alone
};

/// The address that a text is; nothing where it names a file or folder. Throws Error for one whose
/// parts are no numbers.
std::optional<RunAddress> runAddressFrom(const std::string& text);

/// A model as the command line names it: a folder, a GGUF file, or a run of a project, PROJECT#RUN,
/// optionally @STEP
/// (@0: the base alone); each of `adapters` is laid over it. Throws Error.
ModelRef resolveModel(const std::string& text, const std::vector<std::string>& adapters);

} // namespace tw
