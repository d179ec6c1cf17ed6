// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/gguf_token_list.h"

#include "core/base/error.h"

namespace tw {
namespace {

constexpr std::int64_t kMostTokens = 10'000'000;
constexpr float kUnusedScore = -10000.0F; // as llama.cpp's converter has it

} // namespace

GgufTokenList::GgufTokenList(std::filesystem::path from, std::int64_t size)
    : file(std::move(from))
{
    if (size < 1 || size > kMostTokens)
        refuse("the model has " + std::to_string(size) + " tokens.");
    for (std::int64_t id = 0; id < size; ++id)
        texts.push_back("[PAD" + std::to_string(id) + "]");
    types.assign(texts.size(), GgufTokenType::Unused);
    scores.assign(texts.size(), kUnusedScore);
}

std::size_t GgufTokenList::place(std::int64_t id) const
{
    if (id < 0 || id >= std::ssize(texts))
        refuse("the id " + std::to_string(id) + " is none of the model's "
               + std::to_string(texts.size()) + " tokens.");
    return static_cast<std::size_t>(id);
}

void GgufTokenList::refuse(const std::string& what) const
{
    throw Error(file.string() + ": " + what,
                "Export it as a Hugging Face folder, with its tokenizer beside it.");
}

GgufFields GgufTokenList::fields() const
{
    std::vector<std::int32_t> numbers;
    for (const GgufTokenType type : types)
        numbers.push_back(static_cast<std::int32_t>(type));
    GgufFields all;
    all.emplace_back("tokenizer.ggml.model", std::string(isByteLevel ? "gpt2" : "llama"));
    all.emplace_back("tokenizer.ggml.tokens", GgufList(texts));
    all.emplace_back("tokenizer.ggml.token_type", GgufList(std::move(numbers)));
    if (isByteLevel)
        all.emplace_back("tokenizer.ggml.merges", GgufList(merges));
    else
        all.emplace_back("tokenizer.ggml.scores", GgufList(scores));
    return all;
}

} // namespace tw
