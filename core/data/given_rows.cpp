// SPDX-License-Identifier: Apache-2.0
// Rows that somebody tokenised already, taken as they are: "input_ids" with "labels" (-100: not
// trained), "attention_mask" and "token_type_ids", under the prefixes "chosen_", "rejected_",
// "prompt_" and "completion_" for rows of several parts. The names are those that Transformers and
// TRL use.
#include "core/base/json.h"
#include "core/data/column_look.h"
#include "core/data/liked.h"
#include "core/data/row_cut.h"
#include "core/data/row_form.h"
#include "core/data/weights.h"

#include <optional>

namespace tw {
namespace {

constexpr std::int64_t kNotTrained = -100; // what Transformers writes for such labels

using Numbers = std::vector<std::int64_t>;

class GivenForm final : public RowForm
{
public:
    explicit GivenForm(const FormParts& parts)
        : m_parts(parts)
    {
        const RowUse use = m_parts.options.use;
        if (use == RowUse::Preference) {
            need("chosen_input_ids");
            need("rejected_input_ids");
        } else if (!hasColumn("prompt_input_ids") || !hasColumn("completion_input_ids")) {
            need("input_ids");
        }
        if (use == RowUse::Answer || use == RowUse::TokenLabels)
            need("labels");
        if (use == RowUse::Judged && !m_parts.has(Role::Label))
            throw Error("No column says whether the answer is liked.",
                        "Give one of true and false the role label.");
        if (use == RowUse::Labels && !m_parts.has(Role::Label))
            need("labels");
    }

    TokenizedRow row(const RowCells& cells) const override
    {
        switch (m_parts.options.use) {
        case RowUse::Text:
            return spoken(cells, "", "completion_");
        case RowUse::Answer:
            return answered(cells);
        case RowUse::Preference: {
            TokenizedRow row = spoken(cells, "chosen_", "chosen_");
            row.rejected.push_back(spoken(cells, "rejected_", "rejected_"));
            return row;
        }
        case RowUse::Judged: {
            TokenizedRow row = spoken(cells, "", "completion_");
            row.labels = {isLiked(cells.label) ? 1.0 : 0.0};
            return row;
        }
        case RowUse::Labels: {
            TokenizedRow row = single(cells, "");
            row.labels = m_parts.options.labels.valuesOf(labelOf(cells));
            return row;
        }
        case RowUse::TokenLabels:
            return labelled(cells);
        }
        return {};
    }

private:
    bool hasColumn(const std::string& name) const
    {
        return std::ranges::any_of(m_parts.roles, [&](const auto& item) {
            return item.second == Role::Ids && plainColumnName(item.first) == name;
        });
    }
    void need(const std::string& name) const
    {
        if (!hasColumn(name))
            throw Error("Among the columns of tokens, \"" + name + "\" is missing.",
                        "Give it the role ids, or choose an objective that does not need it.");
    }

    static std::string labelOf(const RowCells& cells)
    {
        const auto it = cells.ids.find("labels");
        return cells.label.empty() && it != cells.ids.end() ? it->second : cells.label;
    }

    /// A list of numbers, all of them at least `lowest` and below `end`; nothing where the row has
    /// no such cell.
    static std::optional<Numbers>
    listOf(const RowCells& cells, const std::string& name, std::int64_t lowest, std::int64_t end)
    {
        const auto it = cells.ids.find(name);
        if (it == cells.ids.end() || it->second.empty())
            return std::nullopt;
        const Json json = parseJson(it->second, name);
        if (!json.is_array())
            throw Error("The column \"" + name + "\" holds no list.",
                        "It should hold numbers such as [1, 15, 2].");
        Numbers numbers;
        for (const Json& item : json) {
            if (!item.is_number_integer())
                throw Error("The column \"" + name + "\" holds something that is no whole number.",
                            "It should hold numbers such as [1, 15, 2].");
            numbers.push_back(item.get<std::int64_t>());
            const bool isFree = lowest == kNotTrained && numbers.back() == kNotTrained;
            if (!isFree
                && (numbers.back() < std::max<std::int64_t>(lowest, 0) || numbers.back() >= end))
                throw Error("The column \"" + name + "\" holds " + std::to_string(numbers.back())
                                + " where numbers go from 0 to " + std::to_string(end - 1)
                                + (lowest == kNotTrained ? " and -100 stands for none." : "."),
                            "Use the tokenizer of the model that is trained.");
        }
        return numbers;
    }

    std::int64_t vocabularySize() const
    {
        const std::int64_t ofModel = m_parts.options.vocabularySize;
        return ofModel > 0 ? ofModel : m_parts.tokenizer->vocabularySize();
    }

    Numbers idsOf(const RowCells& cells, const std::string& prefix) const
    {
        auto ids = listOf(cells, prefix + "input_ids", 0, vocabularySize());
        if (!ids || ids->empty())
            throw Error("The row has no \"" + prefix + "input_ids\".",
                        "Fill them in, or leave the row out.");
        return std::move(*ids);
    }

    static void checkLength(const std::string& name,
                            const Numbers& values,
                            const std::string& ids,
                            std::size_t n)
    {
        if (values.size() != n)
            throw Error("\"" + name + "\" has " + std::to_string(values.size()) + " numbers, \""
                            + ids + "\" " + std::to_string(n) + ".",
                        "Each token needs one.");
    }

    /// Tokens with what is known of each; padding is dropped.
    TokenizedRow single(const RowCells& cells, const std::string& prefix) const
    {
        TokenizedRow row;
        row.ids = idsOf(cells, prefix);
        const std::string name = prefix + "input_ids";
        row.isTrained.assign(row.ids.size(), 0);
        row.kinds.assign(row.ids.size(), TokenKind::Prompt);
        if (auto types = listOf(cells, prefix + "token_type_ids", 0, kMostTypes)) {
            checkLength(prefix + "token_type_ids", *types, name, row.ids.size());
            row.types = std::move(*types);
        }
        return row;
    }

    /// Takes padding away at both ends, with all that belongs to it.
    void unpad(const RowCells& cells, const std::string& prefix, TokenizedRow& row) const
    {
        const auto mask = listOf(cells, prefix + "attention_mask", 0, 2);
        if (!mask)
            return;
        checkLength(prefix + "attention_mask", *mask, prefix + "input_ids", row.ids.size());
        const auto first = std::ranges::find(*mask, 1) - mask->begin();
        const auto end = mask->rend() - std::find(mask->rbegin(), mask->rend(), 1);
        if (std::find(mask->begin() + first, mask->begin() + std::max(first, end), 0)
            != mask->begin() + std::max(first, end))
            throw Error("\"" + prefix + "attention_mask\" hides tokens in the middle of the row.",
                        "Only padding at the ends can be left out.");
        keep(row, static_cast<std::size_t>(first), static_cast<std::size_t>(std::max(first, end)));
    }

    static void keep(TokenizedRow& row, std::size_t first, std::size_t end)
    {
        const auto keepOf = [&](auto& values) {
            if (values.empty())
                return;
            values.resize(end);
            values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(first));
        };
        keepOf(row.ids);
        keepOf(row.isTrained);
        keepOf(row.kinds);
        keepOf(row.wanted);
        keepOf(row.types);
        keepOf(row.weights);
        keepOf(row.tokenLabels);
    }

    /// Tokens of which some are trained: by labels, or behind a prompt of its own; else all.
    TokenizedRow
    spoken(const RowCells& cells, const std::string& prefix, const std::string& behindPrompt) const
    {
        const auto prompt = listOf(cells, "prompt_input_ids", 0, vocabularySize());
        if (prompt && !cells.ids.contains(prefix + "labels"))
            return behind(*prompt, idsOf(cells, behindPrompt));
        TokenizedRow row = single(cells, prefix);
        const auto labels = listOf(cells, prefix + "labels", kNotTrained, vocabularySize());
        if (labels)
            checkLength(prefix + "labels", *labels, prefix + "input_ids", row.ids.size());
        for (std::size_t i = 0; i < row.ids.size(); ++i) {
            const bool isTrained = !labels || (*labels)[i] != kNotTrained;
            if (labels && isTrained && (*labels)[i] != row.ids[i])
                row.wanted = row.ids;
            mark(row, i, isTrained);
        }
        for (std::size_t i = 0; i < row.wanted.size(); ++i)
            if (row.isTrained[i] != 0)
                row.wanted[i] = (*labels)[i];
        weigh(cells, prefix, row);
        unpad(cells, prefix, row);
        cutAtEnd(row, m_parts.options.maxLength);
        return row;
    }

    static void mark(TokenizedRow& row, std::size_t i, bool isTrained)
    {
        row.isTrained[i] = isTrained ? 1 : 0;
        row.kinds[i] = isTrained ? TokenKind::Answer : TokenKind::Prompt;
    }

    static void weigh(const RowCells& cells, const std::string& prefix, TokenizedRow& row)
    {
        const std::vector<float> weights = weightsIn(cells.weights);
        if (weights.empty())
            return;
        if (weights.size() != 1 && weights.size() != row.ids.size())
            throw Error("The row has " + std::to_string(weights.size()) + " weights, \"" + prefix
                            + "input_ids\" " + std::to_string(row.ids.size()) + " tokens.",
                        "Give one for each token, or one for the row.");
        row.weights =
            weights.size() == 1 ? std::vector<float>(row.ids.size(), weights.front()) : weights;
        for (std::size_t i = 0; i < row.ids.size(); ++i) {
            if (row.weights[i] == 0.0F)
                row.isTrained[i] = 0;
        }
    }

    TokenizedRow behind(const Numbers& prompt, const Numbers& completion) const
    {
        TokenizedRow row;
        row.ids = prompt;
        row.ids.insert(row.ids.end(), completion.begin(), completion.end());
        row.isTrained.assign(row.ids.size(), 0);
        row.kinds.assign(row.ids.size(), TokenKind::Prompt);
        for (std::size_t i = prompt.size(); i < row.ids.size(); ++i)
            mark(row, i, true);
        cutAtEnd(row, m_parts.options.maxLength);
        return row;
    }

    /// What the encoder reads are the ids, what the decoder writes the labels, as in Transformers.
    TokenizedRow answered(const RowCells& cells) const
    {
        TokenizedRow source = single(cells, "");
        unpad(cells, "", source);
        cutAtEnd(source, m_parts.options.maxLength);
        const auto labels = listOf(cells, "labels", kNotTrained, vocabularySize());
        if (!labels || labels->empty())
            throw Error("The row has no \"labels\".", "They are what the decoder has to write.");
        TokenizedRow row;
        row.ids.push_back(m_parts.options.startId);
        for (const std::int64_t label : *labels) {
            if (label != kNotTrained) // padding behind the answer
                row.ids.push_back(label);
        }
        row.isTrained.assign(row.ids.size(), 1);
        row.kinds.assign(row.ids.size(), TokenKind::Answer);
        mark(row, 0, false);
        row.kinds.front() = TokenKind::Template;
        cutAtEnd(row, m_parts.options.maxLength);
        row.cutTokens += source.cutTokens;
        row.source = std::move(source.ids);
        return row;
    }

    TokenizedRow labelled(const RowCells& cells) const
    {
        TokenizedRow row = single(cells, "");
        const auto classes = static_cast<std::int64_t>(m_parts.options.labels.classes.size());
        auto labels = listOf(cells, "labels", kNotTrained, classes);
        if (!labels)
            throw Error("The row has no \"labels\".",
                        "Each token needs one; -100 stands for none.");
        checkLength("labels", *labels, "input_ids", row.ids.size());
        row.tokenLabels = std::move(*labels);
        unpad(cells, "", row);
        cutAtEnd(row, m_parts.options.maxLength);
        return row;
    }

    static constexpr std::int64_t kMostTypes = 1000;
    FormParts m_parts;
};

} // namespace

std::unique_ptr<const RowForm> givenForm(const FormParts& parts)
{
    return std::make_unique<const GivenForm>(parts);
}

} // namespace tw
