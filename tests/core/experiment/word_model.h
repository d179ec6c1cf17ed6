// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// What the tokenizer of a word model knows, by number: special tokens, then words.
const std::vector<std::string>& wordsOfModel();
/// Makes a folder with the random model of tests/fixtures/model/families/NAME and a tokenizer that
/// takes words parted by blanks, with [CLS] before and [SEP] behind them.
void writeWordModel(const std::string& name, const std::filesystem::path& folder);
