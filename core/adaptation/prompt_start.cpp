// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/prompt_start.h"

#include "core/adaptation/start_values.h"
#include "core/model/lookup_scale.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <charconv>

namespace tw {
namespace {

constexpr const char* kIdsHint =
    "Write ids separated by spaces, such as \"12 55 7\", or begin with drawn tokens.";

bool isBetween(char letter)
{
    return letter == ' ' || letter == ',' || letter == '\n' || letter == '\t';
}

std::int64_t idFrom(const char* begin, const char* end)
{
    std::int64_t id = -1;
    const auto [behind, code] = std::from_chars(begin, end, id);
    if (code != std::errc() || behind != end || id < 0)
        throw Error("\"" + std::string(begin, end) + "\" is not the id of a token.", kIdsHint);
    return id;
}

std::int64_t vocabularyOf(const std::vector<SiteInfo>& sites)
{
    const auto embed = std::ranges::find_if(
        sites, [](const auto& info) { return info.site.kind == SiteKind::Embed; });
    return embed == sites.end() ? 0 : embed->in;
}

} // namespace

at::Tensor randomPrompt(const Model& model, std::int64_t count, RandomStream& random)
{
    return normalValues({count, model.config().embeddingWidth()}, 1.0, random);
}

at::Tensor embeddingsOf(const Model& model, const std::vector<std::int64_t>& ids)
{
    const at::NoGradGuard noGradients;
    const at::Tensor rows = model.embedding().forward(at::tensor(ids, at::kLong));
    return scalesLookup(model.config()) ? rows * model.config().embeddingScale : rows.clone();
}

std::vector<std::int64_t> drawnIds(const Model& model, std::int64_t count, RandomStream& random)
{
    const auto vocabulary = static_cast<std::uint64_t>(model.config().vocabularySize);
    std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
    std::ranges::generate(ids, [&] { return static_cast<std::int64_t>(random.below(vocabulary)); });
    return ids;
}

std::vector<std::int64_t> repeatedIds(const std::vector<std::int64_t>& ids, std::int64_t count)
{
    std::vector<std::int64_t> all(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = ids[i % ids.size()];
    return all;
}

std::vector<std::int64_t> promptIdsFrom(const std::string& text)
{
    std::vector<std::int64_t> ids;
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at != end;) {
        if (isBetween(*at)) {
            ++at;
            continue;
        }
        const char* const behind = std::find_if(at, end, isBetween);
        ids.push_back(idFrom(at, behind));
        at = behind;
    }
    if (ids.empty())
        throw Error("No token is chosen to begin with.", kIdsHint);
    return ids;
}

Problems checkPromptIds(const std::string& text,
                        const std::vector<SiteInfo>& sites,
                        const std::string& field)
{
    try {
        const std::vector<std::int64_t> ids = promptIdsFrom(text);
        const std::int64_t vocabulary = vocabularyOf(sites);
        if (const std::int64_t largest = std::ranges::max(ids);
            vocabulary > 0 && largest >= vocabulary)
            return {{field,
                     "The model has no token " + std::to_string(largest) + ": its ids go from 0 to "
                         + std::to_string(vocabulary - 1) + ".",
                     "Take the ids from the tokenizer of this model.", false}};
    } catch (const Error& error) {
        return {{field, error.what(), error.hint(), false}};
    }
    return {};
}

} // namespace tw
