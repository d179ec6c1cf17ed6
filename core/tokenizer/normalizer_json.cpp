// SPDX-License-Identifier: Apache-2.0
#include "core/base/base64.h"
#include "core/tokenizer/json_parts.h"

namespace tw {
namespace {

NormalizerPtr bertNormalizerFrom(const JsonPlace& place)
{
    BertNormalizerOptions options;
    options.cleansText = place.at("clean_text").flagOr(true);
    options.spacesChinese = place.at("handle_chinese_chars").flagOr(true);
    options.lowers = place.at("lowercase").flagOr(true);
    options.stripsAccents = place.at("strip_accents").flagOr(options.lowers);
    return makeBertNormalizer(options);
}

NormalizerPtr precompiledFrom(const JsonPlace& place)
{
    const JsonPlace charsmap = place.at("precompiled_charsmap");
    const auto bytes = fromBase64(charsmap.textOr(""));
    if (!bytes)
        charsmap.fail("is not base64");
    try {
        return makePrecompiled(*bytes);
    } catch (const Error& error) {
        charsmap.fail(error.what());
    }
}

NormalizerPtr normalizerFrom(const JsonPlace& place)
{
    const std::string type = place.type();
    if (type == "NFC")
        return makeNormalForm(NormalForm::Nfc);
    if (type == "NFD")
        return makeNormalForm(NormalForm::Nfd);
    if (type == "NFKC")
        return makeNormalForm(NormalForm::Nfkc);
    if (type == "NFKD")
        return makeNormalForm(NormalForm::Nfkd);
    if (type == "Lowercase")
        return makeLowercase();
    if (type == "Strip")
        return makeStrip(place.at("strip_left").flagOr(true), place.at("strip_right").flagOr(true));
    if (type == "StripAccents")
        return makeStripAccents();
    if (type == "Replace")
        return makeReplace(readPattern(place.at("pattern")), place.at("content").text());
    if (type == "Prepend")
        return makePrepend(place.at("prepend").text());
    if (type == "BertNormalizer")
        return bertNormalizerFrom(place);
    if (type == "Precompiled")
        return precompiledFrom(place);
    if (type == "Nmt")
        return makeNmt();
    if (type == "ByteLevel")
        return makeByteMapping();
    place.failType();
}

} // namespace

Pattern readPattern(const JsonPlace& place)
{
    if (place.isText())
        return place.text();
    const JsonPlace text = place.at("String");
    if (!text.isNull())
        return text.text();
    const JsonPlace regex = place.at("Regex");
    try {
        return Regex(regex.text());
    } catch (const Error& error) {
        regex.fail(std::string("cannot be used. ") + error.what());
    }
}

void readNormalizers(const JsonPlace& place, std::vector<NormalizerPtr>& normalizers)
{
    if (place.isNull())
        return;
    if (place.type() != "Sequence") {
        normalizers.push_back(normalizerFrom(place));
        return;
    }
    place.at("normalizers").forEach([&](const JsonPlace& part) {
        readNormalizers(part, normalizers);
    });
}

} // namespace tw
