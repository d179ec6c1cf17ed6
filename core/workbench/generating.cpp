// SPDX-License-Identifier: Apache-2.0
// Letting models write.

#include "core/base/json.h"
#include "core/data/answer_spans.h"
#include "core/evaluation/beam_search.h"
#include "core/evaluation/generation.h"
#include "core/model/most_tokens.h"
#include "core/workbench/answers.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

std::vector<std::int64_t>
chatIds(const LoadedModel& loaded, const std::string& prompt, const std::string& system)
{
    if (loaded.chatTemplate.empty())
        throw Error(loaded.source.path.string() + " brings no chat template.",
                    "Go on from a plain text instead.");
    Json messages = Json::array();
    if (!system.empty())
        messages.push_back({{"role", "system"}, {"content", system}});
    messages.push_back({{"role", "user"}, {"content", prompt}});
    const Json request {{"messages", std::move(messages)}, {"add_generation_prompt", true}};
    const Tokenizer& tokenizer = loaded.textTokenizer();
    const ChatRenderer chat(loaded.chatTemplate, specialTokensOf(tokenizer).dump());
    const auto rendered =
        chat.render(request.dump(-1, ' ', false, Json::error_handler_t::replace)).text;
    return tokenizer.encode(rendered, false).ids;
}

/// What generation goes on from: a message under the chat template, or a text.
std::vector<std::int64_t>
promptIds(const LoadedModel& loaded, const std::string& prompt, const GenerateOptions& options)
{
    const Tokenizer& tokenizer = loaded.textTokenizer();
    std::vector<std::int64_t> ids =
        options.chat ? chatIds(loaded, prompt, options.system) : tokenizer.encode(prompt, true).ids;
    const SpecialTokens special = tokenizer.specialTokens();
    if (ids.empty() && (special.bos || special.eos))
        ids = {special.bos ? *special.bos : *special.eos};
    if (ids.empty())
        throw Error("There is nothing to go on from: the prompt has no token.", "Give a prompt.");
    return ids;
}

void checkIds(const std::vector<std::int64_t>& ids, std::int64_t vocabulary)
{
    for (const std::int64_t id : ids)
        if (id < 0 || id >= vocabulary)
            throw Error("The id " + std::to_string(id) + " is not in the model's vocabulary.",
                        "Use ids from 0 to " + std::to_string(vocabulary - 1) + ".");
}

/// A leased model's own weights in fewer bytes, for as long as this lives.
class PackedMeanwhile
{
public:
    PackedMeanwhile(Model& model, std::optional<PackedKind> kind)
        : m_model(kind ? &model : nullptr)
    {
        if (m_model != nullptr)
            m_model->packWeights(kind);
    }
    ~PackedMeanwhile()
    {
        if (m_model != nullptr)
            m_model->packWeights(std::nullopt);
    }
    PackedMeanwhile(const PackedMeanwhile&) = delete;
    PackedMeanwhile& operator=(const PackedMeanwhile&) = delete;

private:
    Model* m_model;
};

/// One question to a leased model.
class Writer
{
public:
    Writer(const ModelLease& lease, const GenerateOptions& options)
        : m_lease(lease)
        , m_tokenizer(lease.loaded().tokenizer.get())
        , m_options(options)
        , m_packed(lease.model(), options.weights)
    {
        m_sampling.maxTokens = options.maxTokens;
        m_sampling.isGreedy = options.greedy;
        m_sampling.temperature = options.temperature;
        m_sampling.topK = options.topK;
        m_sampling.topP = options.topP;
        m_sampling.minP = options.minP;
        m_sampling.repetitionPenalty = options.repetitionPenalty;
        m_sampling.seed = static_cast<std::uint64_t>(options.seed);
        m_sampling.stopIds = endIdsOf(lease.loaded().source);
        if (m_tokenizer != nullptr)
            for (const std::int64_t id : stopIdsOf(*m_tokenizer))
                if (std::find(m_sampling.stopIds.begin(), m_sampling.stopIds.end(), id)
                    == m_sampling.stopIds.end())
                    m_sampling.stopIds.push_back(id);
        if (!options.stops.empty())
            m_sampling.isOver = stopTexts(lease.loaded().textTokenizer(), options.stops);
    }

    Generated one(const std::string& prompt, Feed<std::string>& feed, JobControl& control) const
    {
        const auto ids = m_options.promptIds.empty()
            ? promptIds(m_lease.loaded(), prompt, m_options)
            : m_options.promptIds;
        check(ids);
        if (m_options.beams)
            return shown(beamSearch(m_lease.model(), ids, m_sampling, *m_options.beams, control),
                         feed);
        Utf8Stream stream;
        const auto show = [&](std::int64_t id) {
            if (m_tokenizer != nullptr && id < m_tokenizer->vocabularySize()
                && !m_tokenizer->isSpecial(id))
                put(stream.add(m_tokenizer->tokenBytes(id)), feed);
        };
        const Generation made = tw::generate(m_lease.model(), ids, m_sampling, show, control);
        put(stream.rest(), feed);
        return generated(made);
    }

    std::vector<Generated> all(const std::vector<std::string>& prompts,
                               Feed<GeneratedRow>& feed,
                               JobControl& control) const
    {
        std::vector<std::vector<std::int64_t>> ids;
        for (std::size_t i = 0; i < prompts.size(); ++i)
            ids.push_back(checkedIds(prompts[i], i));
        std::vector<Generated> written;
        for (std::size_t first = 0; first < prompts.size(); first += kTogether) {
            const std::size_t end = std::min(prompts.size(), first + kTogether);
            const std::vector<std::vector<std::int64_t>> some(
                ids.begin() + static_cast<std::ptrdiff_t>(first),
                ids.begin() + static_cast<std::ptrdiff_t>(end));
            for (const Generation& made : together(some, first, control)) {
                written.push_back(generated(made));
                feed.put({static_cast<std::int64_t>(written.size()) - 1, written.back()});
            }
            if (control.stopAsked())
                break;
            control.report("answering", static_cast<std::int64_t>(end),
                           static_cast<std::int64_t>(prompts.size()));
        }
        return written;
    }

private:
    // Texts that are written at once: up to so many, reading the weights costs more than computing
    // with them.
    static constexpr std::size_t kTogether = 8;

    void check(const std::vector<std::int64_t>& ids) const
    {
        checkIds(ids, m_lease.model().config().vocabularySize);
    }

    /// All prompts are checked before the first is answered.
    std::vector<std::int64_t> checkedIds(const std::string& prompt, std::size_t row) const
    {
        auto ids = promptIds(m_lease.loaded(), prompt, m_options);
        check(ids);
        const ModelConfig& config = m_lease.model().config();
        if (config.decoderLayers == 0 && std::ssize(ids) >= mostTokens(config))
            throw Error("The prompt in line " + std::to_string(row + 1) + " has "
                            + std::to_string(ids.size()) + " tokens, the model reads at most "
                            + std::to_string(config.contextLength) + ".",
                        "Shorten it. Nothing was written yet.");
        return ids;
    }

    /// first: the number of the first of these prompts.
    std::vector<Generation> together(const std::vector<std::vector<std::int64_t>>& ids,
                                     std::size_t first,
                                     JobControl& control) const
    {
        if (!m_options.beams) {
            SamplingOptions own = m_sampling;
            own.seed += first;
            return tw::generateAll(m_lease.model(), ids, own, {}, control);
        }
        std::vector<Generation> found;
        for (const auto& prompt : ids) {
            if (control.stopAsked())
                break;
            found.push_back(
                beamSearch(m_lease.model(), prompt, m_sampling, *m_options.beams, control));
        }
        return found;
    }

    Generated generated(const Generation& made) const
    {
        return {made.ids,
                m_tokenizer == nullptr ? std::string() : m_tokenizer->decode(made.ids, true),
                made.tokensPerSecond, made.endedByItself};
    }

    Generated shown(const Generation& made, Feed<std::string>& feed) const
    {
        Generated text = generated(made);
        put(text.text, feed);
        return text;
    }

    static void put(std::string text, Feed<std::string>& feed)
    {
        if (!text.empty())
            feed.put(std::move(text));
    }

    const ModelLease& m_lease;
    const Tokenizer* m_tokenizer; ///< nullptr: ids go on without one
    const GenerateOptions& m_options;
    PackedMeanwhile m_packed;
    SamplingOptions m_sampling;
};

} // namespace

StreamingJob<Generated, std::string> Workspace::generate(const ModelRef& model,
                                                         const std::string& prompt,
                                                         const GenerateOptions& options)
{
    auto feed = std::make_shared<Feed<std::string>>();
    auto job = m_state->start(
        Lane::Kind::Light,
        [models = m_state->models, model, prompt, options, feed](JobControl& control) {
            const at::NoGradGuard noGrad;
            const ModelLease lease(models->get(model, control), model, control);
            return Writer(lease, options).one(prompt, *feed, control);
        });
    return {std::move(job), std::move(feed)};
}

StreamingJob<std::vector<Generated>, GeneratedRow> Workspace::generateAll(
    const ModelRef& model, const std::vector<std::string>& prompts, const GenerateOptions& options)
{
    auto feed = std::make_shared<Feed<GeneratedRow>>();
    auto job = m_state->start(
        Lane::Kind::Light,
        [models = m_state->models, model, prompts, options, feed](JobControl& control) {
            const at::NoGradGuard noGrad;
            const ModelLease lease(models->get(model, control), model, control);
            return Writer(lease, options).all(prompts, *feed, control);
        });
    return {std::move(job), std::move(feed)};
}

} // namespace tw
