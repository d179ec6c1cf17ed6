// SPDX-License-Identifier: Apache-2.0
// A text or two with a label for the whole: their tokens as the tokenizer gives them, no layout.
#include "core/base/text.h"
#include "core/data/row_cut.h"
#include "core/data/row_form.h"

namespace tw {
namespace {

class LabelForm final : public RowForm
{
public:
    explicit LabelForm(const FormParts& parts)
        : m_parts(parts)
    {
    }

    TokenizedRow row(const RowCells& cells) const override
    {
        const std::string& text = cells.text.empty() ? cells.prompt : cells.text;
        if (trimmed(text).empty())
            throw Error("The text is empty.", "Fill it in, or leave the row out.");
        const bool isPair = !cells.textPair.empty();
        const Encoding encoding = isPair ? m_parts.tokenizer->encodePair(text, cells.textPair, true)
                                         : m_parts.tokenizer->encode(text, true);
        TokenizedRow row = readRow(encoding);
        row.labels = m_parts.options.labels.valuesOf(cells.label);
        cutInside(row, m_parts.options.maxLength);
        return row;
    }

private:
    FormParts m_parts;
};

} // namespace

std::unique_ptr<const RowForm> labelForm(const FormParts& parts)
{
    if (!parts.has(Role::Label) || !(parts.has(Role::Text) || parts.has(Role::Prompt)))
        throw Error("The columns do not make a text with a label.",
                    "Give one column the role text and one the role label; a second text has the "
                    "role text_pair.");
    return std::make_unique<const LabelForm>(parts);
}

} // namespace tw
