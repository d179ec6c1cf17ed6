// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/json_parts.h"

namespace tw {
namespace {

SplitBehaviour behaviourOf(const JsonPlace& place)
{
    const std::string name = place.textOr("Isolated");
    if (name == "Removed")
        return SplitBehaviour::Removed;
    if (name == "Isolated")
        return SplitBehaviour::Isolated;
    if (name == "MergedWithPrevious")
        return SplitBehaviour::MergedWithPrevious;
    if (name == "MergedWithNext")
        return SplitBehaviour::MergedWithNext;
    if (name == "Contiguous")
        return SplitBehaviour::Contiguous;
    place.fail("is \"" + name.substr(0, 60) + "\", which is not known");
}

PreTokenizerPtr metaspaceFrom(const JsonPlace& place)
{
    MetaspaceOptions options;
    if (const JsonPlace mark = place.at("replacement"); !mark.isNull())
        options.replacement = mark.character();
    options.scheme = readPrependScheme(place);
    options.splits = place.at("split").flagOr(true);
    return makeMetaspace(options);
}

PreTokenizerPtr preTokenizerFrom(const JsonPlace& place)
{
    const std::string type = place.type();
    if (type == "ByteLevel")
        return makeByteLevel(place.at("add_prefix_space").flagOr(true),
                             place.at("use_regex").flagOr(true));
    if (type == "Split")
        return makeSplit(readPattern(place.at("pattern")), behaviourOf(place.at("behavior")),
                         place.at("invert").flagOr(false));
    if (type == "Digits")
        return makeDigits(place.at("individual_digits").flagOr(false));
    if (type == "Punctuation")
        return makePunctuation(behaviourOf(place.at("behavior")));
    if (type == "Whitespace")
        return makeWhitespace();
    if (type == "WhitespaceSplit")
        return makeWhitespaceSplit();
    if (type == "BertPreTokenizer")
        return makeBertPreTokenizer();
    if (type == "Metaspace")
        return metaspaceFrom(place);
    if (type == "CharDelimiterSplit")
        return makeCharDelimiterSplit(place.at("delimiter").character());
    if (type == "UnicodeScripts")
        return makeUnicodeScripts();
    if (type == "FixedLength") {
        const std::size_t length = place.at("length").countOr(5);
        if (length == 0)
            place.at("length").fail("is 0");
        return makeFixedLength(length);
    }
    place.failType();
}

} // namespace

PrependScheme readPrependScheme(const JsonPlace& place)
{
    // Older files say add_prefix_space instead.
    const JsonPlace scheme = place.at("prepend_scheme");
    if (scheme.isNull())
        return place.at("add_prefix_space").flagOr(true) ? PrependScheme::Always
                                                         : PrependScheme::Never;
    const std::string name = scheme.text();
    if (name == "always")
        return PrependScheme::Always;
    if (name == "first")
        return PrependScheme::First;
    if (name == "never")
        return PrependScheme::Never;
    scheme.fail("is \"" + name.substr(0, 60) + "\", not always, first or never");
}

void readPreTokenizers(const JsonPlace& place, PreTokenizerSteps& steps)
{
    if (place.isNull())
        return;
    const std::string type = place.type();
    if (type == "Sequence") {
        place.at("pretokenizers").forEach([&](const JsonPlace& part) {
            readPreTokenizers(part, steps);
        });
        return;
    }
    steps.steps.push_back(preTokenizerFrom(place));
    steps.endsInBytes = type == "ByteLevel";
    if (steps.endsInBytes)
        steps.steps.push_back(makeBytePieces());
}

} // namespace tw
