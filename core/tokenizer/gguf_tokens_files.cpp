// SPDX-License-Identifier: Apache-2.0
// The vocabularies of before tokenizer.json as the lists of a GGUF file, with the scores and types
// of llama.cpp's converter.
#include "core/base/text.h"
#include "core/tokenizer/gguf_token_list.h"
#include "core/tokenizer/sentencepiece_check.h"
#include "core/tokenizer/sentencepiece_conventions.h"
#include "core/tokenizer/vocabulary_files.h"

#include <sentencepiece_processor.h>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTokenizer = 256'000'000; // as they are read
constexpr float kAddedScore = -1000.0F;

/// SentencePiece looks for its own tokens where spaces are marks already, readers of GGUF before.
std::string withSpaces(const std::string& text)
{
    constexpr std::string_view kMark = "\u2581";
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const bool isMark = std::string_view(text).substr(at).starts_with(kMark);
        out += isMark ? ' ' : text[at];
        at += isMark ? kMark.size() : 1;
    }
    return out;
}

GgufTokenType typeOf(const sentencepiece::SentencePieceProcessor& model, int id)
{
    if (model.IsUnknown(id))
        return GgufTokenType::Unknown;
    if (model.IsControl(id))
        return GgufTokenType::Control;
    if (model.IsUnused(id))
        return GgufTokenType::Unused;
    return model.IsByte(id) ? GgufTokenType::Byte : GgufTokenType::Normal;
}

void addPieces(const std::string& bytes, const SentencePieceFacts& facts, GgufTokenList& list)
{
    sentencepiece::SentencePieceProcessor model;
    if (const auto status = model.LoadFromSerializedProto(bytes); !status.ok())
        list.refuse("SentencePiece refuses the model (" + status.ToString() + ").");
    for (int id = 0; id < model.GetPieceSize(); ++id) {
        const std::size_t at = list.place(id);
        list.texts[at] = model.IdToPiece(id);
        list.types[at] = typeOf(model, id);
        list.scores[at] = model.GetScore(id);
    }
    for (const std::uint32_t id : facts.userDefined) {
        const std::size_t at = list.place(id);
        list.texts[at] = withSpaces(list.texts[at]);
        list.types[at] = GgufTokenType::UserDefined;
    }
}

/// What the configuration adds, and which of the vocabulary's own tokens it calls special.
template <typename IsSpecial>
void addAdded(const std::vector<AddedToken>& added, IsSpecial isSpecial, GgufTokenList& list)
{
    for (const AddedToken& token : added) {
        const std::size_t at = list.place(token.id);
        if (list.types[at] == GgufTokenType::Unused)
            list.scores[at] = kAddedScore;
        list.texts[at] = token.content;
        if (list.types[at] != GgufTokenType::Unknown)
            list.types[at] = isSpecial(token) ? GgufTokenType::Control : GgufTokenType::UserDefined;
    }
}

} // namespace

GgufTokenList ggufTokensOfSentencePiece(const fs::path& model, std::int64_t size)
{
    GgufTokenList list(model, size);
    list.isByteLevel = false;
    const std::string bytes = readFile(model, kMaxTokenizer);
    const SentencePieceFacts facts = checkSentencePiece(bytes, model.string());
    const SentencePieceConventions conventions = readSentencePieceConventions(
        model.parent_path(), SentencePieceModel(bytes, true, model.string()));
    if (facts.isUnigram)
        list.refuse("the SentencePiece model is no BPE, the only kind that is written to GGUF.");
    if (conventions.offset != 0)
        list.refuse("its class moves the model's ids, which GGUF cannot say.");
    addPieces(bytes, facts, list);
    const auto isSpecial = [&](const AddedToken& token) {
        return conventions.specialTexts.contains(token.content);
    };
    addAdded(conventions.added, isSpecial, list);
    return list;
}

GgufTokenList ggufTokensOfMerges(const fs::path& folder, std::int64_t size)
{
    const fs::path file = folder / "merges.txt";
    GgufTokenList list(file, size);
    const TokenizerParts parts = readVocabAndMerges(folder);
    parts.model->vocabulary().forEach([&](std::string_view text, std::int64_t id) {
        const std::size_t at = list.place(id);
        list.texts[at] = text;
        list.types[at] = GgufTokenType::Normal;
    });
    addAdded(parts.added, [](const AddedToken& token) { return token.isSpecial; }, list);
    for (std::string& line : split(readFile(file, kMaxTokenizer), '\n')) {
        if (line.ends_with('\r'))
            line.pop_back();
        if (!line.empty() && !line.starts_with("#version"))
            list.merges.push_back(std::move(line));
    }
    return list;
}

} // namespace tw
