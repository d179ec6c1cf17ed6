// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/aligned_text.h"

#include <memory>
#include <optional>

namespace tw {

/// A SentencePiece model (Kudo & Richardson 2018) and the library that encodes with it. Any thread
/// may use it.
class SentencePieceModel
{
public:
    struct Piece
    {
        std::string text; ///< as the text has it: what the model does not know stands here as it is
        std::int64_t id = 0;
        TextRange range; ///< bytes of the text
    };

    /// From the bytes of a .model file. With addsPrefix false, no space is put before a text that
    /// has none, whatever the file says. Throws Error with `where` (the file).
    SentencePieceModel(std::string_view bytes, bool addsPrefix, const std::string& where);
    ~SentencePieceModel();
    SentencePieceModel(const SentencePieceModel&) = delete;
    SentencePieceModel& operator=(const SentencePieceModel&) = delete;

    /// Text has to be well-formed UTF-8.
    std::vector<Piece> encode(std::string_view text) const;
    std::string decode(const std::vector<std::string>& pieces) const;
    /// Ids have to be below size().
    std::string decode(const std::vector<std::int64_t>& ids) const;

    std::int64_t size() const;
    const std::string& text(std::int64_t id) const;
    std::optional<std::int64_t> find(std::string_view text) const;
    bool isControl(std::int64_t id) const;
    bool isUnknown(std::int64_t id) const;
    // Nothing where the model has none.
    std::optional<std::int64_t> bos() const;
    std::optional<std::int64_t> eos() const;
    std::optional<std::int64_t> pad() const;
    std::optional<std::int64_t> unknown() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace tw
