// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for .cpp files of this room.
#include "core/base/json.h"
#include "core/tokenizer/bpe.h"

namespace tw {

/// Goes through a tokenizer.json: vocabulary and merges, which are nearly all of it, are taken as
/// they pass; the rest becomes a tree of limited size.
class TokenizerEvents final : public nlohmann::json_sax<Json>
{
public:
    explicit TokenizerEvents(const std::string& where)
        : m_where(where)
    {
    }

    Json rest; ///< the document without model.vocab and model.merges
    Vocabulary vocabulary;
    MergeList merges;
    std::vector<double> scores; ///< by id, where model.vocab is a list of pairs
    bool hasVocabulary = false; ///< model.vocab is an object of ids, as BPE has it
    bool hasPieces = false; ///< model.vocab is a list of texts and scores, as Unigram has it
    bool hasMerges = false;

    bool null() override { return value(nullptr); }
    bool boolean(bool flag) override { return value(flag); }
    bool number_integer(number_integer_t number) override { return value(number); }
    bool number_unsigned(number_unsigned_t number) override;
    bool number_float(number_float_t number, const string_t&) override { return value(number); }
    bool string(string_t& text) override;
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override;
    bool key(string_t& name) override;
    bool end_object() override { return end(); }
    bool start_array(std::size_t) override;
    bool end_array() override;
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override
    {
        return false;
    }

private:
    enum class Section
    {
        Tree,
        Vocabulary,
        Merges,
        Pieces
    };

    bool isInModel() const
    {
        return m_open.size() == 2 && m_open[1]->is_object() && m_topKey == "model";
    }
    bool value(Json json);
    bool end();
    Json* place(Json json);
    void addMerge(std::string_view text);
    void addPiece();
    void score(const Json& json);
    void endPair();
    [[noreturn]] void fail(const std::string& what) const;

    const std::string& m_where;
    std::vector<Json*> m_open;
    std::string m_key;
    std::string m_topKey; ///< in the outermost object
    std::size_t m_values = 0;
    Section m_section = Section::Tree;
    int m_depth = 0; ///< inside the vocabulary or the merges
    std::vector<std::string> m_pair; ///< the texts of a merge or piece written as a list
    std::optional<double> m_score; ///< of a piece
};

} // namespace tw
