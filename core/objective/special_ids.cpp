// SPDX-License-Identifier: Apache-2.0
#include "core/objective/special_ids.h"

#include "core/base/error.h"

#include <algorithm>

namespace tw {

const Tokenizer& tokenizerOf(const BatchMoment& moment)
{
    if (moment.tokenizer == nullptr)
        throw Error("This aim puts tokens into the texts, and the model came without a tokenizer.",
                    "Put the model's tokenizer.json into its folder.");
    return *moment.tokenizer;
}

std::optional<std::int64_t> maskIdOf(const Tokenizer& tokenizer, const std::string& name)
{
    if (name.empty()) {
        const auto mask = tokenizer.idOf("[MASK]");
        return mask ? mask : tokenizer.idOf("<mask>");
    }
    const auto named = tokenizer.idOf(name);
    if (!named)
        throw Error("The model's tokenizer has no token \"" + name + "\" to mask with.",
                    "Name one of its tokens, or leave the mask token empty.");
    return named;
}

std::int64_t sharedIds(const Tokenizer& tokenizer, const Model& model)
{
    return std::min(tokenizer.vocabularySize(), model.config().vocabularySize);
}

std::vector<std::int64_t> idsOf(const Tokenizer& tokenizer, const std::string& text)
{
    if (const auto id = tokenizer.idOf(text))
        return {*id};
    return tokenizer.encode(text, false).ids;
}

} // namespace tw
