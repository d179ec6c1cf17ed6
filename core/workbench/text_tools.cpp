// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/answer_spans.h"
#include "core/data/chat_request.h"
#include "core/tokenizer/batch.h"
#include "core/tokenizer/tokenizer.h"
#include "core/workbench/tools.h"

namespace tw {
namespace {

TokenizedText described(const Tokenizer& tokenizer, Encoding encoding)
{
    TokenizedText text;
    text.ids = std::move(encoding.ids);
    text.typeIds = std::move(encoding.typeIds);
    text.typeIds.resize(text.ids.size(), 0);
    for (const std::int64_t id : text.ids)
        text.tokens.push_back(tokenizer.tokenText(id));
    text.decoded = tokenizer.decode(text.ids, false);
    text.decodedSkipSpecial = tokenizer.decode(text.ids, true);
    return text;
}

} // namespace

struct TextTokenizer::State
{
    std::shared_ptr<const Tokenizer> tokenizer;
    std::string path;

    /// What encode() makes; its Error says which tokenizer it is about.
    template <typename Encode>
    TokenizedText described(Encode encode) const
    {
        try {
            return tw::described(*tokenizer, encode(*tokenizer));
        } catch (const Error& error) {
            throw Error(path + ": " + error.what(), error.hint());
        }
    }
};

TextTokenizer::TextTokenizer(const std::string& path)
    : m_state(std::make_shared<State>(State {openTokenizer(path), path}))
{
}

TokenizedText TextTokenizer::encode(const std::string& text, bool addSpecial) const
{
    return m_state->described(
        [&](const Tokenizer& tokenizer) { return tokenizer.encode(text, addSpecial); });
}

TokenizedText TextTokenizer::encodePair(const std::string& first,
                                        const std::string& second,
                                        bool addSpecial) const
{
    return m_state->described([&](const Tokenizer& tokenizer) {
        return tokenizer.encodePair(first, second, addSpecial);
    });
}

std::vector<TokenizedText> TextTokenizer::encodeAll(const std::vector<std::string>& texts,
                                                    bool addSpecial) const
{
    std::vector<TokenizedText> all(texts.size());
    inParallel(texts.size(), [&](std::size_t i) { all[i] = encode(texts[i], addSpecial); });
    return all;
}

std::vector<std::vector<std::int64_t>> TextTokenizer::idsOf(const std::vector<std::string>& texts,
                                                            bool addSpecial) const
{
    std::vector<std::vector<std::int64_t>> all(texts.size());
    inParallel(texts.size(), [&](std::size_t i) {
        all[i] = m_state->tokenizer->encode(texts[i], addSpecial).ids;
    });
    return all;
}

TokenizedText TextTokenizer::decode(const std::vector<std::int64_t>& ids) const
{
    return described(*m_state->tokenizer, {ids, {}, {}});
}

struct ChatRenderer::State
{
    ChatTemplates templates;
    Json specials = Json::object();
};

ChatRenderer::ChatRenderer(std::string source, std::string specialTokensJson)
    : m_state(std::make_shared<const State>(
          State {ChatTemplates(std::move(source)), parseJson(specialTokensJson, "special tokens")}))
{
}

ChatRenderer ChatRenderer::ofModel(const std::string& path)
{
    State state {ChatTemplates::ofModel(path), {}};
    if (state.templates.isEmpty())
        throw Error(path + " brings no chat template.", "Give one with --template.");
    state.specials = specialTokensOf(*openTokenizer(path));
    ChatRenderer renderer {std::string()};
    renderer.m_state = std::make_shared<const State>(std::move(state));
    return renderer;
}

RenderedChat ChatRenderer::render(const std::string& requestJson) const
{
    const jinja::Rendered rendered =
        renderChat(m_state->templates, m_state->specials, parseJson(requestJson, "request"));
    RenderedChat chat;
    chat.text = rendered.text;
    for (const auto& [start, end] : rendered.generationSpans)
        chat.generationSpans.emplace_back(static_cast<std::int64_t>(start),
                                          static_cast<std::int64_t>(end));
    return chat;
}

} // namespace tw
