// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer_events.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace tw {
namespace {

constexpr std::size_t kMaxValues =
    200'000; // bounds our memory; 20,000 added tokens are as many as fit
constexpr std::size_t kMaxKeys = 10'000; // of one object, as each is compared with those before

} // namespace

void TokenizerEvents::fail(const std::string& what) const
{
    throw Error(m_where + ": " + what + ".",
                "The file is damaged or not a tokenizer.json: download it again.");
}

Json* TokenizerEvents::place(Json json)
{
    if (++m_values > kMaxValues)
        fail("holds more than " + groupedDigits(kMaxValues) + " values besides the vocabulary");
    if (m_open.empty())
        return &(rest = std::move(json));
    Json& parent = *m_open.back();
    if (parent.is_array()) {
        parent.push_back(std::move(json));
        return &parent.back();
    }
    Json& child = parent[m_key];
    child = std::move(json);
    return &child;
}

bool TokenizerEvents::value(Json json)
{
    if (m_section == Section::Tree)
        place(std::move(json));
    else if (m_section == Section::Vocabulary)
        fail("model.vocab: \"" + m_key.substr(0, 60) + "\" has no whole number as its id");
    else if (m_section == Section::Merges)
        fail("model.merges: merge " + std::to_string(merges.size() + 1) + " is no pair of texts");
    else
        score(json);
    return true;
}

void TokenizerEvents::score(const Json& json)
{
    if (m_depth != 2 || m_pair.size() != 1 || m_score || !json.is_number())
        fail("model.vocab: piece " + std::to_string(scores.size() + 1)
             + " is no pair of a text and a number");
    m_score = json.get<double>();
}

void TokenizerEvents::addPiece()
{
    if (m_pair.size() != 1 || !m_score)
        score(nullptr); // says what is wrong
    if (scores.size() >= Vocabulary::kMaxTokens)
        fail("model.vocab holds more than " + groupedDigits(Vocabulary::kMaxTokens) + " pieces");
    vocabulary.put(m_pair.front(), static_cast<std::uint32_t>(scores.size()));
    scores.push_back(*m_score);
}

bool TokenizerEvents::number_unsigned(number_unsigned_t number)
{
    if (m_section != Section::Vocabulary)
        return value(number);
    if (number >= Vocabulary::kMaxTokens)
        fail("model.vocab: \"" + m_key.substr(0, 60) + "\" has the id " + std::to_string(number)
             + ", which is above " + groupedDigits(Vocabulary::kMaxTokens));
    if (!vocabulary.add(m_key, static_cast<std::uint32_t>(number)))
        fail("model.vocab: \"" + m_key.substr(0, 60) + "\" appears twice");
    return true;
}

void TokenizerEvents::addMerge(std::string_view text)
{
    if (text.starts_with("#version"))
        return;
    const auto space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos)
        fail("model.merges: merge " + std::to_string(merges.size() + 1) + " is no pair of texts");
    merges.add(text.substr(0, space), text.substr(space + 1));
}

bool TokenizerEvents::string(string_t& text)
{
    if (m_section != Section::Merges && m_section != Section::Pieces)
        return value(std::move(text));
    if (m_section == Section::Merges && m_depth == 1)
        addMerge(text);
    else if (m_depth == 1 || m_pair.size() == 2)
        return value(nullptr); // says what is wrong
    else
        m_pair.push_back(std::move(text));
    return true;
}

bool TokenizerEvents::start_object(std::size_t)
{
    if (m_section != Section::Tree)
        return value(nullptr); // says what is wrong
    if (isInModel() && m_key == "vocab") {
        m_section = Section::Vocabulary;
        m_depth = 1;
        hasVocabulary = true;
        return true;
    }
    m_open.push_back(place(Json::object()));
    return true;
}

bool TokenizerEvents::key(string_t& name)
{
    if (m_section == Section::Tree) {
        const Json& object = *m_open.back();
        if (object.contains(name)
            || (m_open.size() == 2
                && ((name == "vocab" && (hasVocabulary || hasPieces))
                    || (name == "merges" && hasMerges))))
            fail("\"" + name.substr(0, 60) + "\" appears twice in one object");
        if (object.size() >= kMaxKeys)
            fail("an object has more than " + groupedDigits(kMaxKeys) + " keys");
    }
    m_key = std::move(name);
    if (m_open.size() == 1)
        m_topKey = m_key;
    return true;
}

bool TokenizerEvents::start_array(std::size_t)
{
    if (m_section == Section::Merges || m_section == Section::Pieces) {
        if (++m_depth > 2)
            return value(nullptr); // says what is wrong
        m_pair.clear();
        m_score.reset();
        return true;
    }
    if (m_section == Section::Vocabulary)
        return value(nullptr);
    if (isInModel() && (m_key == "merges" || m_key == "vocab")) {
        const bool isMerges = m_key == "merges";
        m_section = isMerges ? Section::Merges : Section::Pieces;
        hasMerges = hasMerges || isMerges;
        hasPieces = hasPieces || !isMerges;
        m_depth = 1;
        return true;
    }
    m_open.push_back(place(Json::array()));
    return true;
}

bool TokenizerEvents::end()
{
    if (m_section == Section::Tree)
        m_open.pop_back();
    else if (--m_depth == 0)
        m_section = Section::Tree;
    return true;
}

void TokenizerEvents::endPair()
{
    if (m_section == Section::Pieces)
        addPiece();
    else if (m_pair.size() == 2)
        merges.add(m_pair[0], m_pair[1]);
    else
        value(nullptr); // says what is wrong
}

bool TokenizerEvents::end_array()
{
    if (m_section != Section::Tree && m_depth == 2)
        endPair();
    return end();
}

} // namespace tw
