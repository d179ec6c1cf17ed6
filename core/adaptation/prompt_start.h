// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/model/model.h"

#include <string>
#include <vector>

namespace tw {

// What trained embeddings before a text start from.

/// Normal numbers of deviation 1, as PEFT draws them: [count, embedding width].
at::Tensor randomPrompt(const Model& model, std::int64_t count, RandomStream& random);
/// What the model reads for these tokens, [ids, embedding width], in memory of its own.
at::Tensor embeddingsOf(const Model& model, const std::vector<std::int64_t>& ids);
/// Ids drawn from the whole vocabulary.
std::vector<std::int64_t> drawnIds(const Model& model, std::int64_t count, RandomStream& random);
/// The first `count` of them, from the beginning again where they end. ids must not be empty.
std::vector<std::int64_t> repeatedIds(const std::vector<std::int64_t>& ids, std::int64_t count);

/// Ids as a person writes them, "12 55, 7". Throws Error where the text is no list of them.
std::vector<std::int64_t> promptIdsFrom(const std::string& text);
/// What is wrong with such a text for a model with these sites.
Problems checkPromptIds(const std::string& text,
                        const std::vector<SiteInfo>& sites,
                        const std::string& field);

} // namespace tw
