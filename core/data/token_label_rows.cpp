// SPDX-License-Identifier: Apache-2.0
// Words with a label each, as tokens: the first token of a word has its label, the others have
// none, as is usual since BERT (Devlin et al. 2019, section 5.3).
#include "core/base/text.h"
#include "core/data/row_cut.h"
#include "core/data/row_form.h"
#include "core/data/tagged_words.h"

namespace tw {
namespace {

class TokenLabelForm final : public RowForm
{
public:
    explicit TokenLabelForm(const FormParts& parts)
        : m_parts(parts)
    {
    }

    TokenizedRow row(const RowCells& cells) const override
    {
        const TaggedWords tagged = taggedWords(cells);
        std::string text;
        std::vector<std::pair<std::size_t, std::size_t>> places; // of the words in it
        for (const std::string& word : tagged.words) {
            text += text.empty() ? "" : " ";
            const std::size_t from = text.size();
            text += repairedUtf8(word);
            places.emplace_back(from, text.size());
        }
        const Encoding encoding = m_parts.tokenizer->encode(text, true);
        TokenizedRow row = readRow(encoding);
        row.tokenLabels.assign(row.ids.size(), kNoLabel);
        std::size_t word = 0;
        for (std::size_t i = 0; i < row.ids.size() && word < places.size(); ++i) {
            if (row.kinds[i] == TokenKind::Template)
                continue;
            const auto& span = encoding.spans[i];
            while (word < places.size() && places[word].second <= span.first)
                ++word; // a word of which no token is left
            if (word < places.size() && span.second > places[word].first)
                row.tokenLabels[i] = classOf(tagged.labels[word++]);
        }
        cutInside(row, m_parts.options.maxLength);
        return row;
    }

private:
    std::int64_t classOf(const std::string& label) const
    {
        return label == kUnlabelled ? kNoLabel : m_parts.options.labels.numberOf(label);
    }

    static constexpr std::int64_t kNoLabel = -100; // what cross_entropy ignores
    FormParts m_parts;
};

} // namespace

std::unique_ptr<const RowForm> tokenLabelForm(const FormParts& parts)
{
    const bool hasWords = parts.has(Role::Words) && parts.has(Role::Label);
    const bool hasLines =
        (parts.has(Role::Words) || parts.has(Role::Text)) && !parts.has(Role::Label);
    if (!hasWords && !hasLines)
        throw Error("The columns do not make words with labels.",
                    "Give a column of lists the role words and another the role label; or one "
                    "column of texts, a word and its label on each line, the role words.");
    return std::make_unique<const TokenLabelForm>(parts);
}

} // namespace tw
