// SPDX-License-Identifier: Apache-2.0
#include "core/data/tagged_words.h"

#include "core/base/text.h"
#include "core/data/labels.h"

namespace tw {
namespace {

TaggedWords fromLines(const std::string& text)
{
    TaggedWords tagged;
    for (const std::string& line : split(text, '\n')) {
        const std::vector<std::string> parts = blankParted(line);
        if (parts.empty() || parts.front() == "-DOCSTART-" || line.starts_with("# "))
            continue;
        if (parts.size() < 2)
            throw Error("The word \"" + parts.front() + "\" has no label.",
                        "Each line has a word and its label, parted by a blank.");
        tagged.words.push_back(parts.front());
        tagged.labels.push_back(parts.back());
    }
    return tagged;
}

} // namespace

TaggedWords taggedWords(const RowCells& cells)
{
    const std::string& words = cells.words.empty() ? cells.text : cells.words;
    const bool areLines = trimmed(cells.label).empty() && !trimmed(words).starts_with('[');
    TaggedWords tagged =
        areLines ? fromLines(words) : TaggedWords {listedTexts(words), listedTexts(cells.label)};
    if (tagged.words.empty())
        throw Error("The row has no words.", "Fill them in, or leave the row out.");
    if (tagged.words.size() != tagged.labels.size())
        throw Error("The row has " + std::to_string(tagged.words.size()) + " words and "
                        + std::to_string(tagged.labels.size()) + " labels.",
                    "Each word needs one label.");
    return tagged;
}

} // namespace tw
