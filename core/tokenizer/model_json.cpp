// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/tokenizer/bpe.h"
#include "core/tokenizer/json_parts.h"

namespace tw {
namespace {

/// Old files leave the type out: then the settings tell.
std::string typeOf(const JsonPlace& place, const TokenizerEvents& events)
{
    const std::string type = place.type();
    if (!type.empty())
        return type;
    if (events.hasMerges)
        return "BPE";
    if (events.hasPieces)
        return "Unigram";
    return place.has("continuing_subword_prefix") ? "WordPiece" : "WordLevel";
}

TokenModelPtr
bpeFrom(const JsonPlace& place, TokenizerEvents& events, bool isByteLevel, const std::string& where)
{
    if (!events.hasMerges)
        place.fail("has no merges");
    if (const JsonPlace dropout = place.at("dropout"); !dropout.isNull() && dropout.number() != 0.0)
        throw Error(where
                        + ": model.dropout is set, so that the same text would become different "
                          "tokens each time.",
                    "Set \"dropout\" to null in the file.");
    BpeOptions options;
    options.isByteLevel = isByteLevel;
    options.unknown = place.at("unk_token").textOr("");
    options.fusesUnknown = place.at("fuse_unk").flagOr(false);
    options.hasByteFallback = place.at("byte_fallback").flagOr(false);
    options.ignoresMerges = place.at("ignore_merges").flagOr(false);
    options.prefix = place.at("continuing_subword_prefix").textOr("");
    options.suffix = place.at("end_of_word_suffix").textOr("");
    return std::make_unique<Bpe>(std::move(events.vocabulary), events.merges, std::move(options),
                                 where);
}

TokenModelPtr wordPieceFrom(const JsonPlace& place, TokenizerEvents& events)
{
    WordPieceOptions options;
    options.unknown = place.at("unk_token").textOr(options.unknown);
    options.prefix = place.at("continuing_subword_prefix").textOr(options.prefix);
    options.longestWord = place.at("max_input_chars_per_word").countOr(options.longestWord);
    return makeWordPiece(std::move(events.vocabulary), std::move(options));
}

TokenModelPtr unigramFrom(const JsonPlace& place, TokenizerEvents& events)
{
    UnigramOptions options;
    options.scores = std::move(events.scores);
    if (const JsonPlace unknown = place.at("unk_id"); !unknown.isNull()) {
        options.unknown = unknown.id();
        if (*options.unknown >= options.scores.size())
            unknown.fail("is not in the vocabulary of "
                         + groupedDigits(static_cast<std::int64_t>(options.scores.size()))
                         + " tokens");
    }
    options.hasByteFallback = place.at("byte_fallback").flagOr(false);
    return makeUnigram(std::move(events.vocabulary), std::move(options));
}

} // namespace

bool takesBytes(const JsonPlace& model, const TokenizerEvents& events)
{
    return typeOf(model, events) == "BPE"
        && model.at("continuing_subword_prefix").textOr("").empty()
        && model.at("end_of_word_suffix").textOr("").empty();
}

TokenModelPtr readModel(const JsonPlace& place,
                        TokenizerEvents& events,
                        bool isByteLevel,
                        const std::string& where)
{
    const std::string type = typeOf(place, events);
    const bool isUnigram = type == "Unigram";
    if (type != "BPE" && type != "WordPiece" && type != "WordLevel" && !isUnigram)
        place.failType();
    if (isUnigram ? !events.hasPieces : !events.hasVocabulary)
        place.fail(events.hasPieces || events.hasVocabulary
                       ? "has a vocab in a form that is not that of a " + type
                       : "has no vocab");
    if (isUnigram)
        return unigramFrom(place, events);
    if (type == "BPE")
        return bpeFrom(place, events, isByteLevel, where);
    if (type == "WordPiece")
        return wordPieceFrom(place, events);
    return makeWordLevel(std::move(events.vocabulary), place.at("unk_token").textOr("<unk>"));
}

} // namespace tw
