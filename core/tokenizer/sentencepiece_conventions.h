// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/post_processor.h"
#include "core/tokenizer/sentencepiece_model.h"
#include "core/tokenizer/tokenizer.h"

#include <map>
#include <set>

namespace tw {

/// What a class of Transformers' tokenizers does around its SentencePiece model.
struct SentencePieceConventions
{
    enum class Decoding
    {
        Plain, ///< the library's own
        Llama,
        T5,
        XlmRoberta,
        Albert,
        Gemma,
        CodeLlama,
        Pegasus,
        XlNet,
        BigBird
    };
    Decoding decoding = Decoding::Plain;
    bool isLegacy = true; ///< the library puts the space in front of each stretch of text
    bool addsPrefixSpace = true; ///< where it is not legacy: in front of the whole text
    bool cleansText = false; ///< ALBERT: quotes
    bool squeezesBlanks = false; ///< one space between words, none at the ends
    bool keepsAccents = true;
    bool lowers = false;
    bool splitsNumbers = false; ///< ALBERT: "9," becomes "9" and ","
    bool sparesEnd = false; ///< T5: no second end token where the text ends with one
    bool cleansUpDecoded = false; ///< clean_up_tokenization_spaces
    std::string unknown = "<unk>";
    /// Ids that come before the model's own, and their texts: fairseq's <s>, <pad>, </s>, <unk>.
    std::vector<std::string> ownTokens;
    std::int64_t offset = 0; ///< what is added to the model's ids
    std::vector<AddedToken> added;
    std::set<std::string> specialTexts; ///< left out when decoding without special tokens
    std::set<std::string> standAlone; ///< decoded by themselves, with spaces around them
    PostProcessor frames;
    SpecialTokens special;
};

/// The SentencePiece model of a folder, or nothing.
std::filesystem::path sentencePieceIn(const std::filesystem::path& folder);
/// Whether the model is to leave out the space in front: depends on the configuration alone.
bool wantsPrefix(const std::filesystem::path& folder);
/// From tokenizer_config.json, special_tokens_map.json and added_tokens.json in folder; without the
/// first, the library's own conventions. Throws Error where the class is not known.
SentencePieceConventions readSentencePieceConventions(const std::filesystem::path& folder,
                                                      const SentencePieceModel& model);

std::shared_ptr<const Tokenizer>
makeSentencePieceTokenizer(std::unique_ptr<const SentencePieceModel> model,
                           SentencePieceConventions conventions);

} // namespace tw
