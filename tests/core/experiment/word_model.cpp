// SPDX-License-Identifier: Apache-2.0
#include "tests/core/experiment/word_model.h"

#include "core/base/json.h"

#include <fstream>

const std::vector<std::string>& wordsOfModel()
{
    static const std::vector<std::string> kWords {
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "fine", "poor", "the",  "film",
        "was",   "a",     "very",  "night", "we",   "saw", "it",   "and",  "then", "slept"};
    return kWords;
}

void writeWordModel(const std::string& name, const std::filesystem::path& folder)
{
    const auto from = std::filesystem::path(TW_FIXTURES) / "model/families" / name;
    std::filesystem::create_directories(folder);
    for (const char* file : {"config.json", "model.safetensors"})
        std::filesystem::copy_file(from / file, folder / file);
    tw::Json vocabulary = tw::Json::object();
    for (std::size_t i = 0; i < wordsOfModel().size(); ++i)
        vocabulary[wordsOfModel()[i]] = i;
    const tw::Json tokenizer {
        {"version", "1.0"},
        {"added_tokens", tw::Json::array()},
        {"normalizer", nullptr},
        {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
        {"post_processor",
         {{"type", "BertProcessing"}, {"sep", {"[SEP]", 3}}, {"cls", {"[CLS]", 2}}}},
        {"decoder", nullptr},
        {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "[UNK]"}}}};
    std::ofstream(folder / "tokenizer.json") << tokenizer.dump();
    std::ofstream(folder / "tokenizer_config.json")
        << R"({"pad_token": "[PAD]", "eos_token": "[SEP]"})";
}
