// SPDX-License-Identifier: Apache-2.0
// A prompt with two answers, of which one is preferred. The prompt is a column of its own, or a
// conversation, or what both answers begin with.
#include "core/base/text.h"
#include "core/data/spoken_text.h"

#include <algorithm>

namespace tw {
namespace {

void checkFilled(const std::string& cell, const char* role)
{
    if (trimmed(cell).empty())
        throw Error(std::string("The row has no ") + role + " answer.",
                    std::string("Fill in the column with the role ") + role
                        + ", or leave the row out.");
}

/// Whether a cell holds a conversation from its beginning, not only an answer to it.
bool isWholeTalk(const std::string& cell)
{
    return holdsMessages(cell) && !holdsReply(cell);
}

/// Bytes that both texts begin with, up to where a word begins.
std::size_t sharedBeginning(const std::string& a, const std::string& b)
{
    const auto [end, other] = std::ranges::mismatch(a, b);
    auto at = static_cast<std::size_t>(end - a.begin());
    while (at > 0 && a[at - 1] != ' ' && a[at - 1] != '\n')
        --at;
    return at;
}

class PreferenceForm final : public RowForm
{
public:
    explicit PreferenceForm(const FormParts& parts)
        : m_parts(parts)
        , m_spoken(parts)
    {
    }

    TokenizedRow row(const RowCells& cells) const override
    {
        const auto [chosen, rejected] = parted(cells);
        TokenizedRow row = m_spoken.answered(chosen);
        row.rejected.push_back(m_spoken.answered(rejected));
        return row;
    }
    std::vector<std::int64_t> promptIds(const RowCells& cells) const override
    {
        return m_spoken.promptIds(parted(cells).first);
    }

private:
    /// The row as two: the same prompt with either answer.
    std::pair<RowCells, RowCells> parted(const RowCells& cells) const
    {
        checkFilled(cells.chosen, "chosen");
        checkFilled(cells.rejected, "rejected");
        if (cells.chosen == cells.rejected)
            throw Error("The chosen and the rejected answer are the same.",
                        "Nothing can be learned from them; leave the row out.");
        std::pair<RowCells, RowCells> both {cells, cells};
        both.first.answer = cells.chosen;
        both.second.answer = cells.rejected;
        if (isWholeTalk(cells.chosen) && isWholeTalk(cells.rejected))
            partTalks(both);
        else if (!cells.messages.empty())
            both.first.prompt = both.second.prompt = cells.messages;
        else if (cells.prompt.empty())
            partTexts(both);
        both.first.messages.clear();
        both.second.messages.clear();
        return both;
    }

    static void partTalks(std::pair<RowCells, RowCells>& both)
    {
        const Json chosen = messagesOf(both.first.answer);
        const Json rejected = messagesOf(both.second.answer);
        Json shared = Json::array();
        std::size_t at = 0;
        while (at < std::min(chosen.size(), rejected.size()) && chosen[at] == rejected[at])
            shared.push_back(chosen[at++]);
        const bool areAnswers = at > 0 && at < chosen.size() && at < rejected.size()
            && chosen[at].at("role") == "assistant" && rejected[at].at("role") == "assistant";
        if (!areAnswers)
            throw Error("The chosen and the rejected conversation do not part at an answer.",
                        "Both have to begin alike, up to two answers of the assistant.");
        both.first.prompt = both.second.prompt = shared.dump();
        for (auto [cells, talk] : {std::pair {&both.first, &chosen}, {&both.second, &rejected}}) {
            Json rest = Json::array();
            for (std::size_t i = at; i < talk->size(); ++i)
                rest.push_back((*talk)[i]);
            cells->answer = rest.dump();
        }
    }

    void partTexts(std::pair<RowCells, RowCells>& both) const
    {
        if (m_parts.isChat())
            throw Error(
                "The row has two answers, but nobody asks.",
                "Give a column the role prompt; or choose the layout plain, where what both "
                "answers begin with is the prompt.");
        const std::size_t shared = sharedBeginning(both.first.answer, both.second.answer);
        for (RowCells* cells : {&both.first, &both.second}) {
            cells->prompt = cells->answer.substr(0, shared);
            cells->answer.erase(0, shared);
        }
        checkFilled(both.first.answer, "chosen");
        checkFilled(both.second.answer, "rejected");
    }

    FormParts m_parts;
    SpokenText m_spoken;
};

} // namespace

std::unique_ptr<const RowForm> preferenceForm(const FormParts& parts)
{
    for (const auto& [role, name] :
         {std::pair {Role::Chosen, "chosen"}, std::pair {Role::Rejected, "rejected"}}) {
        if (!parts.has(role))
            throw Error(std::string("No column is the ") + name + " answer.",
                        "Preferences need the roles chosen and rejected, and a prompt unless both "
                        "are conversations that begin alike.");
    }
    return std::make_unique<const PreferenceForm>(parts);
}

} // namespace tw
