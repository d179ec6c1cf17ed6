// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/sentencepiece_conventions.h"

namespace tw {

class TokenizerConfig;

/// What a class of Transformers' tokenizers fixes, whatever its folder says.
struct SentencePieceClass
{
    /// Parts of what a model sees, each with its type id behind it: A and B are the texts, E the
    /// end token, s the separator, c the token that stands for all (cls), l the language; b and e
    /// begin and end where add_bos_token and add_eos_token say so.
    struct Framing
    {
        std::string_view single;
        std::string_view pair;
    };
    /// Ids that are the class's own, and by how much those of the model are shifted for them.
    enum class Shift
    {
        None,
        Fairseq, ///< <s>, <pad>, </s>, <unk> in front, by 1; <mask> behind all
        FairseqWithLanguages, ///< the same; codes of languages, too, behind all
        Xglm, ///< the same; seven made-up words behind all
        Camembert, ///< five in front, by 4
        Pegasus ///< two masks and a hundred unused tokens, by "offset"
    };
    /// How a text is cleaned before the model sees it.
    enum class Cleaning
    {
        None,
        Albert, ///< blanks, quotes, accents, case; numbers are cut from their commas
        Case ///< case alone
    };

    std::string_view name;
    SentencePieceConventions::Decoding decoding;
    Framing framing;
    // Texts of the special tokens; empty: none.
    const char* bos = "";
    const char* eos = "";
    const char* unknown = "";
    const char* separator = "";
    const char* pad = "";
    const char* cls = "";
    const char* mask = "";
    Shift shift = Shift::None;
    Cleaning cleaning = Cleaning::None;
    Framing framingOfOld {}; ///< NLLB's where "legacy_behaviour" is on
    const char* language = ""; ///< where "src_lang" says none
    bool countsLanguages = false; ///< as part of the vocabulary
    bool lowersUnlessTold = false;
    bool keepsAccentsUnlessTold = true;
};

/// The class that a folder's configuration names. Throws Error where it is not known.
const SentencePieceClass& sentencePieceClassOf(const TokenizerConfig& config);

} // namespace tw
