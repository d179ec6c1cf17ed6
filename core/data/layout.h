// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"
#include "core/data/labels.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>

namespace tw {

/// How a row becomes text: through the model's chat template, ChatML, Alpaca, or as it stands.
enum class Layout
{
    Chat,
    ChatMl,
    Alpaca,
    Plain
};
const char* layoutId(Layout layout); ///< "chat", "chatml", "alpaca", "plain"
Layout layoutFrom(const std::string& id); ///< throws Error for an id that is none of these

/// What rows are for: each objective reads rows of one use.
enum class RowUse
{
    Text, ///< tokens, some of which are trained
    Answer, ///< a source for an encoder, and the answer that its decoder writes
    Preference, ///< a prompt with a chosen and a rejected answer
    Judged, ///< a prompt with an answer and whether it is liked
    Labels, ///< a text or two, and its label: a class, or numbers
    TokenLabels ///< words, and a label for each
};
const char* rowUseId(RowUse use); ///< "preference"

/// Which tokens of a row are trained.
enum class TrainOn
{
    Answers, ///< all that the assistant says, or the answer of a pair
    LastAnswer, ///< only the last turn
    Template, ///< what the chat template marks as generated
    Everything ///< prompts too
};
const char* trainOnId(TrainOn trainOn); ///< "lastAnswer"
TrainOn trainOnFrom(const std::string& id); ///< throws Error for an id that is none of these

/// What a model reads of a row.
enum class RowMedium
{
    Text,
    Picture,
    Sound
};

struct LayoutOptions
{
    Layout layout = Layout::Chat;
    std::string system; ///< system message put before rows that bring none; empty: none
    std::string chatTemplate; ///< source; empty with Layout::Chat is an Error
    std::string toolTemplate; ///< source for rows that bring tools; empty: chatTemplate
    std::int64_t maxLength = 512; ///< tokens; longer rows are cut at the end
    RowUse use = RowUse::Text;
    TrainOn trainOn = TrainOn::Answers;
    LabelList labels; ///< of RowUse::Labels and TokenLabels
    std::int64_t startId = -1; ///< what a decoder's text begins with, RowUse::Answer
    std::int64_t vocabularySize = 0; ///< of the model; 0: the tokenizer's
    RowMedium medium = RowMedium::Text;
    std::int64_t tokensPerPicture = 1; ///< that the model makes of one
};

/// Why a token is there: the proof draws them differently.
enum class TokenKind : std::uint8_t
{
    Template,
    Prompt,
    Answer
};

/// A row as the model sees it. isTrained[i]: token i is a target (predicted from the tokens before
/// it).
struct TokenizedRow
{
    std::vector<std::int64_t> ids;
    std::vector<std::uint8_t> isTrained;
    std::vector<TokenKind> kinds;
    /// RowUse::Text: what should have stood in the place of each token; empty: what stands there.
    std::vector<std::int64_t> wanted = {};
    std::int64_t cutTokens = 0; ///< how many were cut away at the end
    std::vector<float> weights = {}; ///< of each token in the loss; empty: 1
    std::vector<std::int64_t> types = {}; ///< of each token; empty: 0
    std::vector<std::int64_t> source = {}; ///< RowUse::Answer: what the encoder reads
    /// RowUse::Preference: the prompt with the other answer. One row, or none.
    std::vector<TokenizedRow> rejected = {};
    /// RowUse::TokenLabels: class of each token, -100 where it has none.
    std::vector<std::int64_t> tokenLabels = {};
    /// RowUse::Labels: the number of its class, or numbers. RowUse::Judged: 1 where it is liked,
    /// else 0.
    std::vector<double> labels = {};
    /// Of a row that is seen or heard: where its picture or sound lies. The ids are what is said in
    /// a sound; of others 0 for each token that the model makes of them.
    std::string file = {};
    std::vector<float> sound = {}; ///< samples as the model hears them, where they are read already
};

/// How much a row teaches: trained tokens, its label, or labels of its tokens. The first token is
/// predicted from nothing, so it is no target; a pair of which one answer has none teaches nothing.
std::int64_t targetCount(const TokenizedRow& row, RowUse use);
/// Whether a template lays out rows of these roles: texts, labels and ready tokens need none.
bool needsTemplate(RowUse use, const ColumnRoles& roles);

class RowForm;

/// Turns rows of a data set into what an objective reads. Thread-safe.
/// Text: trained are the answers with the token that ends the turn; of a text every token. Chat and
/// ChatML bring all special tokens in their text; Alpaca, Plain and texts get what the tokenizer
/// adds, and an end token behind them. Where no column is the answer, the chosen one is.
/// Preference: both answers behind the same prompt; conversations that share their beginning are
/// one, too. Labels: a text or two, untouched by layouts. TokenLabels: the first token of a word
/// has its label. Columns with the role ids are taken as they are, whatever the use. Models that
/// see or hear read the files that a column of pictures or sounds names.
class RowTokenizer
{
public:
    /// tokenizer: nullptr where only labels of pictures and sounds are learned. Throws Error where
    /// the roles do not make such a row: what is missing, and how to give it.
    RowTokenizer(std::shared_ptr<const Tokenizer> tokenizer,
                 ColumnRoles roles,
                 LayoutOptions options);

    /// Throws Error for a row that cannot be laid out (template failing, empty answer), naming row
    /// and line.
    TokenizedRow tokenize(const Dataset& dataset, std::int64_t row) const;
    /// The prompt alone, up to where the (last) answer starts: what generation begins from. Of a
    /// text its start token; none where rows are not answered.
    std::vector<std::int64_t> promptIds(const Dataset& dataset, std::int64_t row) const;
    const Tokenizer& tokenizer() const { return *m_tokenizer; }
    RowUse use() const { return m_use; }

private:
    std::shared_ptr<const Tokenizer> m_tokenizer;
    ColumnRoles m_roles;
    RowUse m_use;
    std::shared_ptr<const RowForm> m_form;
};

} // namespace tw
