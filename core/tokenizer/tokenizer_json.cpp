// SPDX-License-Identifier: Apache-2.0
// tokenizer.json of Hugging Face's tokenizers. Padding and truncation, which some files have
// switched on, are left to those who lay out the rows.
#include "core/tokenizer/json_parts.h"

namespace tw {
namespace {

void readAdded(const JsonPlace& list, TokenizerParts& parts)
{
    if (list.isNull())
        return;
    list.forEach([&](const JsonPlace& entry) {
        AddedToken token;
        token.content = entry.at("content").text();
        // A token of the vocabulary keeps the id that it has there.
        token.id = parts.model->vocabulary().find(token.content).value_or(entry.at("id").id());
        token.isSpecial = entry.at("special").flagOr(false);
        token.isNormalized = entry.at("normalized").flagOr(!token.isSpecial);
        token.isSingleWord = entry.at("single_word").flagOr(false);
        token.stripsLeft = entry.at("lstrip").flagOr(false);
        token.stripsRight = entry.at("rstrip").flagOr(false);
        if (!token.content.empty())
            parts.added.push_back(std::move(token));
    });
}

} // namespace

TokenizerParts readTokenizerJson(std::string_view json, const std::string& where)
{
    TokenizerEvents events(where);
    parseJsonEvents(json, where, events);
    const JsonPlace root(events.rest, where, "");
    const JsonPlace model = root.at("model");
    if (model.isNull())
        throw Error(where + ": has no \"model\", so it is no tokenizer.json.",
                    "Check whether this is the right file.");
    TokenizerParts parts;
    PreTokenizerSteps pre;
    readPreTokenizers(root.at("pre_tokenizer"), pre);
    const bool isByteLevel = pre.endsInBytes && takesBytes(model, events);
    if (isByteLevel)
        pre.steps.pop_back(); // the model takes the bytes themselves, which is faster
    parts.preTokenizers = std::move(pre.steps);
    parts.model = readModel(model, events, isByteLevel, where);
    readNormalizers(root.at("normalizer"), parts.normalizers);
    parts.frames = readPostProcessor(root.at("post_processor"));
    parts.decoder = readDecoder(root.at("decoder"));
    readAdded(root.at("added_tokens"), parts);
    return parts;
}

} // namespace tw
