// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/json_parts.h"

namespace tw {
namespace {

DecoderPtr metaspaceFrom(const JsonPlace& place)
{
    const JsonPlace mark = place.at("replacement");
    return makeMetaspaceDecoder(mark.isNull() ? 0x2581 : mark.character(),
                                readPrependScheme(place) != PrependScheme::Never);
}

DecoderPtr sequenceFrom(const JsonPlace& place)
{
    std::vector<DecoderPtr> steps;
    place.at("decoders").forEach([&](const JsonPlace& part) {
        if (DecoderPtr step = readDecoder(part))
            steps.push_back(std::move(step));
    });
    return makeDecoderSequence(std::move(steps));
}

} // namespace

DecoderPtr readDecoder(const JsonPlace& place)
{
    if (place.isNull())
        return nullptr;
    const std::string type = place.type();
    if (type == "ByteLevel")
        return makeByteLevelDecoder();
    if (type == "WordPiece")
        return makeWordPieceDecoder(place.at("prefix").textOr("##"),
                                    place.at("cleanup").flagOr(true));
    if (type == "Metaspace")
        return metaspaceFrom(place);
    if (type == "BPEDecoder")
        return makeBpeDecoder(place.at("suffix").textOr("</w>"));
    if (type == "ByteFallback")
        return makeByteFallbackDecoder();
    if (type == "Fuse")
        return makeFuseDecoder();
    if (type == "Strip")
        return makeStripDecoder(place.at("content").character(), place.at("start").countOr(0),
                                place.at("stop").countOr(0));
    if (type == "Replace")
        return makeReplaceDecoder(readPattern(place.at("pattern")), place.at("content").text());
    if (type == "CTC")
        return makeCtcDecoder(place.at("pad_token").textOr("<pad>"),
                              place.at("word_delimiter_token").textOr("|"),
                              place.at("cleanup").flagOr(true));
    if (type == "Sequence")
        return sequenceFrom(place);
    place.failType();
}

} // namespace tw
