// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/regex.h"

#include <memory>

namespace tw {

/// Brings a text into the form that a tokenizer knows: composed, in lower case ... Each behaves as
/// its namesake in Hugging Face's tokenizers. Any thread may use it.
class Normalizer
{
public:
    virtual ~Normalizer() = default;
    /// `text` has to be, and stays, well-formed UTF-8. Throws Error where it grows without measure.
    virtual void normalize(AlignedText& text) const = 0;
};
using NormalizerPtr = std::unique_ptr<const Normalizer>;

enum class NormalForm
{
    Nfc,
    Nfd,
    Nfkc,
    Nfkd
};
NormalizerPtr makeNormalForm(NormalForm form);

NormalizerPtr makeLowercase();
/// Leaves the tokens of `spared` as they are.
NormalizerPtr makeLowercase(AddedTokenFinder spared);
/// Full mapping: "ß" becomes "SS".
NormalizerPtr makeUppercase();
NormalizerPtr makeStrip(bool left, bool right); ///< of blanks
NormalizerPtr makeStripAccents(); ///< all combining marks
NormalizerPtr makeReplace(Pattern pattern, std::string with);
NormalizerPtr makePrepend(std::string what); ///< to texts that are not empty
NormalizerPtr makeNmt(); ///< SentencePiece's cleaning of control characters and blanks
NormalizerPtr makeByteMapping(); ///< every byte becomes the letter that GPT-2 writes for it

struct BertNormalizerOptions
{
    bool cleansText = true; ///< drops control characters; any blank becomes a space
    bool spacesChinese = true; ///< puts spaces around ideographs
    bool stripsAccents = true;
    bool lowers = true;
};
NormalizerPtr makeBertNormalizer(const BertNormalizerOptions& options);

/// SentencePiece's rules in their compiled form: a double-array trie and the texts that it leads
/// to. Throws Error where the bytes are not that: "is cut off", to follow the name of the place.
NormalizerPtr makePrecompiled(std::string_view charsmap);

} // namespace tw
