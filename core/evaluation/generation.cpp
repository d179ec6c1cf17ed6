// SPDX-License-Identifier: Apache-2.0
#include "core/evaluation/generation.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>

namespace tw {
namespace {

/// One of the texts that are written together.
struct Text
{
    Text(Continuation begun, const SamplingOptions& options)
        : continuation(std::move(begun))
        , chooser(options)
        , all(continuation.first)
    {
    }
    Continuation continuation;
    TokenChooser chooser;
    std::vector<std::int64_t> all; ///< what was read and written
    Generation made;
    bool isDone = false;

    void add(std::int64_t id, const SamplingOptions& options)
    {
        all.push_back(id);
        made.ids.push_back(id);
        const auto& stops = options.stopIds;
        made.endedByItself = std::find(stops.begin(), stops.end(), id) != stops.end()
            || (options.isOver && options.isOver(made.ids));
        isDone =
            made.endedByItself || static_cast<std::int64_t>(made.ids.size()) >= continuation.room;
    }
};

/// Logits of each text's next token [texts, vocabulary], after it has read what is new.
at::Tensor nextLogits(const Model& model, const std::vector<NewTokens>& texts)
{
    const at::Tensor hidden = model.hiddenBehind(texts);
    std::vector<std::int64_t> lasts;
    std::int64_t end = 0;
    for (const NewTokens& text : texts)
        lasts.push_back((end += static_cast<std::int64_t>(text.ids.size())) - 1);
    return model.logits(hidden.index_select(0, at::tensor(lasts, at::kLong)));
}

/// Texts that are written together, a token of each at a time.
class Together
{
public:
    Together(const Model& model,
             const std::vector<std::vector<std::int64_t>>& prompts,
             const SamplingOptions& options)
        : m_model(model)
        , m_options(options)
    {
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            SamplingOptions own = options;
            own.seed += i;
            m_texts.emplace_back(model.continuing(prompts[i], options.maxTokens), own);
            const Continuation& begun = m_texts.back().continuation;
            m_open.push_back(i);
            m_unread.push_back({begun.first, begun.cache.get()});
        }
    }

    bool isDone() const { return m_open.empty(); }

    /// What all have not read yet: their prompts at first, then the newest token of each.
    void read()
    {
        if (!isDone())
            m_logits = nextLogits(m_model, m_unread);
    }

    /// The next token of each; texts that end with it are no longer open.
    void write(const std::function<void(std::size_t, std::int64_t)>& onToken)
    {
        std::vector<std::size_t> stillOpen;
        m_unread.clear();
        for (std::size_t row = 0; row < m_open.size(); ++row) {
            Text& text = m_texts[m_open[row]];
            const std::int64_t id =
                text.chooser.choose(m_logits[static_cast<std::int64_t>(row)], text.all);
            text.add(id, m_options);
            if (onToken)
                onToken(m_open[row], id);
            if (text.isDone)
                continue;
            stillOpen.push_back(m_open[row]);
            m_unread.push_back({{id}, text.continuation.cache.get()});
        }
        m_open = std::move(stillOpen);
    }

    /// All that was written within that time.
    std::vector<Generation> taken(double seconds)
    {
        double written = 0.0;
        for (const Text& text : m_texts)
            written += static_cast<double>(text.made.ids.size());
        std::vector<Generation> made;
        for (Text& text : m_texts) {
            text.made.tokensPerSecond = seconds > 0.0 ? written / seconds : 0.0;
            made.push_back(std::move(text.made));
        }
        return made;
    }

private:
    const Model& m_model;
    const SamplingOptions& m_options;
    std::vector<Text> m_texts;
    std::vector<std::size_t> m_open; ///< those still written
    std::vector<NewTokens> m_unread; ///< of each open one
    at::Tensor m_logits; ///< of the next token of each open one
};

} // namespace

std::vector<Generation> generateAll(const Model& model,
                                    const std::vector<std::vector<std::int64_t>>& prompts,
                                    const SamplingOptions& options,
                                    const std::function<void(std::size_t, std::int64_t)>& onToken,
                                    JobControl& control)
{
    const at::NoGradGuard noGradients;
    Together texts(model, prompts, options);
    texts.read();
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t steps = 1; !texts.isDone() && !control.stopAsked(); ++steps) {
        control.throwIfCancelled();
        texts.write(onToken);
        control.report("generating", steps, options.maxTokens);
        texts.read();
    }
    return texts.taken(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

Generation generate(const Model& model,
                    const std::vector<std::int64_t>& prompt,
                    const SamplingOptions& options,
                    const std::function<void(std::int64_t)>& onToken,
                    JobControl& control)
{
    const auto show = [&onToken](std::size_t, std::int64_t id) {
        if (onToken)
            onToken(id);
    };
    return generateAll(model, {prompt}, options, show, control).front();
}

std::function<bool(const std::vector<std::int64_t>&)> stopTexts(const Tokenizer& tokenizer,
                                                                std::vector<std::string> stops)
{
    for (const std::string& stop : stops)
        if (stop.empty())
            throw Error("A text to stop at is empty.", "Leave it out, or give at least a letter.");
    const auto bytesOf = [&tokenizer](std::int64_t id) { // embeddings may have more rows
        return id < tokenizer.vocabularySize() ? tokenizer.tokenBytes(id) : std::string();
    };
    return [bytesOf, stops = std::move(stops)](const std::vector<std::int64_t>& written) {
        // Read backwards only as far as a stop text that ends within the last token can reach.
        for (const std::string& stop : stops) {
            const std::string newest = bytesOf(written.back());
            std::string tail = newest;
            for (std::size_t i = written.size() - 1;
                 i > 0 && tail.size() + 1 < newest.size() + stop.size(); --i)
                tail.insert(0, bytesOf(written[i - 1]));
            const std::size_t before = tail.size() - newest.size();
            const std::size_t from = before + 1 > stop.size() ? before + 1 - stop.size() : 0;
            if (tail.find(stop, from) != std::string::npos)
                return true;
        }
        return false;
    };
}

std::vector<std::int64_t> stopIdsOf(const Tokenizer& tokenizer)
{
    std::vector<std::int64_t> ids;
    if (const auto eos = tokenizer.specialTokens().eos)
        ids.push_back(*eos);
    for (const char* name : {"<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>",
                             "<|endoftext|>", "<|end_of_text|>"}) {
        const auto id = tokenizer.idOf(name);
        if (id && tokenizer.isSpecial(*id) && std::find(ids.begin(), ids.end(), *id) == ids.end())
            ids.push_back(*id);
    }
    return ids;
}

std::string Utf8Stream::add(const std::string& bytes)
{
    m_waiting += bytes;
    // A character that has begun is at most 3 bytes long: its first byte says how many belong to
    // it.
    std::size_t whole = m_waiting.size();
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, m_waiting.size()); ++back) {
        const auto byte = static_cast<unsigned char>(m_waiting[m_waiting.size() - back]);
        if ((byte & 0xC0) == 0x80)
            continue;
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        if (length > back)
            whole = m_waiting.size() - back;
        break;
    }
    const std::string shown = repairedUtf8(m_waiting.substr(0, whole));
    m_waiting.erase(0, whole);
    return shown;
}

std::string Utf8Stream::rest()
{
    const std::string shown = repairedUtf8(m_waiting);
    m_waiting.clear();
    return shown;
}

} // namespace tw
