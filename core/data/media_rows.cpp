// SPDX-License-Identifier: Apache-2.0
// Pictures and sounds with a label, and sounds with what is said in them. The files themselves are
// read when a batch is made: all of them at once would fill the memory.
#include "core/base/text.h"
#include "core/data/row_form.h"

namespace tw {
namespace {

class MediaForm final : public RowForm
{
public:
    explicit MediaForm(const FormParts& parts)
        : m_parts(parts)
        , m_isSeen(parts.options.medium == RowMedium::Picture)
    {
    }

    TokenizedRow row(const RowCells& cells) const override
    {
        TokenizedRow row;
        row.file = m_isSeen ? cells.image : cells.audio;
        if (row.file.empty())
            throw Error(m_isSeen ? "There is no picture." : "There is no sound.",
                        "Name its file, or leave the row out.");
        std::error_code error;
        if (!std::filesystem::is_regular_file(row.file, error))
            throw Error("There is no file " + row.file + ".",
                        "Save each picture or sound as a file of its own, or leave the row out.");
        if (m_parts.options.use == RowUse::Labels) {
            row.labels = m_parts.options.labels.valuesOf(cells.label);
            row.ids.assign(
                static_cast<std::size_t>(m_isSeen ? m_parts.options.tokensPerPicture : 1), 0);
        } else {
            row.ids = letters(cells);
        }
        row.isTrained.assign(row.ids.size(), m_parts.options.use == RowUse::Text ? 1 : 0);
        row.kinds.assign(row.ids.size(),
                         row.labels.empty() ? TokenKind::Answer : TokenKind::Prompt);
        return row;
    }

private:
    /// Nothing is cut away: the sound would still say it.
    std::vector<std::int64_t> letters(const RowCells& cells) const
    {
        const std::string& text = cells.text.empty() ? cells.answer : cells.text;
        std::vector<std::int64_t> ids = m_parts.tokenizer->encode(trimmed(text), false).ids;
        if (ids.empty())
            throw Error("The text is empty.", "Write down what is said, or leave the row out.");
        return ids;
    }

    FormParts m_parts;
    bool m_isSeen;
};

} // namespace

std::unique_ptr<const RowForm> mediaForm(const FormParts& parts)
{
    const bool isSeen = parts.options.medium == RowMedium::Picture;
    const bool hasFile = parts.has(isSeen ? Role::Image : Role::Audio);
    const bool isLabelled = parts.options.use == RowUse::Labels;
    const bool isWritten = parts.options.use == RowUse::Text && !isSeen;
    const bool hasText = parts.has(Role::Text) || parts.has(Role::Answer);
    if (!isLabelled && !isWritten)
        throw Error(isSeen ? "A model that sees learns labels of pictures, nothing else yet."
                           : "A model that hears learns labels or texts of sounds.",
                    "Choose such an objective, or a model that reads text.");
    if (!hasFile || (isLabelled ? !parts.has(Role::Label) : !hasText))
        throw Error(isSeen           ? "The columns do not make a picture with a label."
                        : isLabelled ? "The columns do not make a sound with a label."
                                     : "The columns do not make a sound with its text.",
                    std::string("Choose a folder of ") + (isSeen ? "images" : "sounds")
                        + ", or give the column of files the role " + (isSeen ? "image" : "audio")
                        + (isLabelled ? " and one the role label." : " and one the role text."));
    return std::make_unique<const MediaForm>(parts);
}

} // namespace tw
