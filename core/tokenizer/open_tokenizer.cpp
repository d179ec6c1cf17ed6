// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tensorfile/gguf.h"
#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/sentencepiece_conventions.h"
#include "core/tokenizer/vocabulary_files.h"

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTokenizer = 256'000'000; // the largest known has 33 MB
constexpr std::size_t kMaxConfig = 16'000'000;

bool isThere(const fs::path& path)
{
    std::error_code code;
    return fs::exists(path, code);
}

bool isGguf(const fs::path& path)
{
    return looksLikeGguf(MappedFile(path).bytes());
}

/// The only *.gguf of a folder, or nothing.
fs::path onlyGgufIn(const fs::path& folder)
{
    fs::path found;
    int count = 0;
    std::error_code code;
    for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
        if (it->path().extension() == ".gguf") {
            found = it->path();
            ++count;
        }
    }
    return count == 1 ? found : fs::path {};
}

/// The folder that belongs to a model's path: itself, or the one that its file lies in.
fs::path folderOf(const fs::path& path)
{
    std::error_code code;
    if (fs::is_directory(path, code))
        return path;
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A token in a configuration is a text or an object with its content.
std::optional<std::string> textIn(const Json& config, const char* key)
{
    const auto it = config.find(key); // the end as well where config is no object
    if (it == config.end())
        return std::nullopt;
    if (it->is_string())
        return it->get<std::string>();
    if (it->is_object() && it->contains("content") && (*it)["content"].is_string())
        return (*it)["content"].get<std::string>();
    return std::nullopt;
}

Json configOf(const fs::path& folder, const char* name)
{
    if (!isThere(folder / name))
        return Json::object();
    Json config = readJsonFile(folder / name, kMaxConfig);
    if (!config.is_object())
        throw Error((folder / name).string() + ": is no JSON object.",
                    "Download the tokenizer again.");
    return config;
}

/// bos, eos, pad and unk stand by name in tokenizer_config.json, in older folders in
/// special_tokens_map.json.
SpecialTokens specialTokensIn(const fs::path& folder, const TokenizerParts& parts)
{
    const Json config = configOf(folder, "tokenizer_config.json");
    const Json map = configOf(folder, "special_tokens_map.json");
    const auto id = [&](const char* key) -> std::optional<std::int64_t> {
        auto name = textIn(config, key);
        if (!name)
            name = textIn(map, key);
        if (!name)
            return std::nullopt;
        const auto it =
            std::find_if(parts.added.begin(), parts.added.end(),
                         [&](const AddedToken& token) { return token.content == *name; });
        if (it != parts.added.end())
            return it->id;
        return parts.model->vocabulary().find(*name);
    };
    return {id("bos_token"), id("eos_token"), id("pad_token"), id("unk_token")};
}

/// With asFolder, decoded texts are finished as the folder's configuration says.
std::shared_ptr<const Tokenizer> fromJson(const fs::path& path, bool asFolder)
{
    const std::string where = path.string();
    const MappedFile file(path);
    if (file.bytes().size() > kMaxTokenizer)
        throw Error(where + " is " + bytesInWords(file.bytes().size())
                        + " long; no tokenizer is that large.",
                    "Check whether this is the right file.");
    TokenizerParts parts = readTokenizerJson(
        {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()}, where);
    parts.special = specialTokensIn(folderOf(path), parts);
    if (asFolder)
        finishAsConfigured(folderOf(path), parts);
    return makeTokenizer(std::move(parts), where);
}

std::shared_ptr<const Tokenizer> fromSentencePiece(const fs::path& path)
{
    const fs::path folder = folderOf(path);
    auto model = std::make_unique<SentencePieceModel>(readFile(path, kMaxTokenizer),
                                                      wantsPrefix(folder), path.string());
    SentencePieceConventions conventions = readSentencePieceConventions(folder, *model);
    return makeSentencePieceTokenizer(std::move(model), std::move(conventions));
}

std::shared_ptr<const Tokenizer> fromGguf(const fs::path& path)
{
    const GgufFile file(path);
    return makeTokenizer(readGgufTokenizer(file.header, path.string()), path.string());
}

/// In the order in which Transformers would ask for them.
std::shared_ptr<const Tokenizer> fromFolder(const fs::path& folder)
{
    if (isThere(folder / "tokenizer.json"))
        return fromJson(folder / "tokenizer.json", true);
    if (const fs::path model = sentencePieceIn(folder); !model.empty())
        return fromSentencePiece(model);
    if (isThere(folder / "vocab.json") && isThere(folder / "merges.txt"))
        return makeTokenizer(readVocabAndMerges(folder), folder.string());
    if (isThere(folder / "vocab.txt"))
        return makeTokenizer(readVocabTxt(folder), folder.string());
    if (const fs::path gguf = onlyGgufIn(folder); !gguf.empty())
        return fromGguf(gguf);
    if (isThere(folder / "vocab.json"))
        return makeTokenizer(readLetters(folder), folder.string());
    throw Error(folder.string()
                    + ": there is no tokenizer.json in this folder, no SentencePiece model, no "
                      "vocab.txt, no vocab.json with merges.txt, and not exactly one *.gguf.",
                "Choose the model's folder, or a GGUF file.");
}

} // namespace

std::shared_ptr<const Tokenizer> openTokenizer(const fs::path& path)
{
    if (!isThere(path))
        throw Error(path.string() + " does not exist.", "Check the path.");
    const fs::path folder = folderOf(path);
    if (folder != path && path.extension() == ".json" && path.filename() != "vocab.json")
        return fromJson(path, false);
    if (folder != path && (path.extension() == ".model" || path.extension() == ".spm"))
        return fromSentencePiece(path);
    if (folder != path && isGguf(path))
        return fromGguf(path);
    return fromFolder(folder);
}

} // namespace tw
