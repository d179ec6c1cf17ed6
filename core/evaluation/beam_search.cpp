// SPDX-License-Identifier: Apache-2.0
#include "core/evaluation/beam_search.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

namespace tw {
namespace {

constexpr double kMostPenalty = 100.0; // its powers stay finite
constexpr std::int64_t kMostBeams = 256; // beyond it memory, not quality, grows

struct Beam
{
    std::vector<std::int64_t> written;
    float score = 0.0f; ///< sum of log probabilities
    std::unique_ptr<KvCache> cache;
};

struct Finished
{
    std::vector<std::int64_t> written;
    double score = 0.0; ///< with the length's penalty
    bool endedByItself = false;
};

/// A beam with one more token.
struct Candidate
{
    float score = 0.0f;
    std::size_t beam = 0;
    std::int64_t id = 0;
};

/// Better first; equal ones in the order of beams and ids.
bool isBetter(const Candidate& a, const Candidate& b)
{
    if (a.score != b.score)
        return a.score > b.score;
    return a.beam != b.beam ? a.beam < b.beam : a.id < b.id;
}

class BeamSearch
{
public:
    BeamSearch(const Model& model,
               const std::vector<std::int64_t>& prompt,
               const SamplingOptions& options,
               const BeamOptions& settings)
        : m_model(model)
        , m_options(options)
        , m_settings(settings)
    {
        Continuation begun = model.continuing(prompt, options.maxTokens);
        m_first = std::move(begun.first);
        m_room = begun.room;
        m_running.emplace_back();
        m_running.back().cache = std::move(begun.cache);
    }

    /// Writes one more token; false when the search is over.
    bool step()
    {
        const std::vector<Candidate> best = candidates();
        ++m_length;
        std::vector<Candidate> kept;
        bool goesOn = false;
        for (std::size_t rank = 0; rank < best.size(); ++rank) {
            std::vector<std::int64_t> written = m_running[best[rank].beam].written;
            written.push_back(best[rank].id);
            const bool ends = endsWith(written);
            if (!ends && m_length < m_room) {
                goesOn = true;
                if (kept.size() < beams())
                    kept.push_back(best[rank]);
            } else if (rank < beams()) {
                finish({std::move(written), penalised(best[rank].score, m_length), ends});
            }
        }
        keepBest();
        follow(kept);
        return goesOn && canImprove() && !(isFull() && m_settings.stop == BeamStop::WhenFull);
    }

    Generation result() const
    {
        Generation made;
        if (!m_finished.empty()) {
            made.ids = m_finished.front().written;
            made.endedByItself = m_finished.front().endedByItself;
        } else {
            made.ids = m_running.front().written;
        }
        return made;
    }
    std::int64_t length() const { return m_length; }

private:
    std::size_t beams() const { return static_cast<std::size_t>(m_settings.beams); }
    bool isFull() const { return m_finished.size() == beams(); }

    double penalised(float score, std::int64_t length) const
    {
        return score / std::pow(static_cast<double>(length), m_settings.lengthPenalty);
    }

    bool endsWith(const std::vector<std::int64_t>& written) const
    {
        const auto& stops = m_options.stopIds;
        return std::find(stops.begin(), stops.end(), written.back()) != stops.end()
            || (m_options.isOver && m_options.isOver(written));
    }

    /// Log probabilities of all next tokens, after the repetition penalty: [beams, vocabulary].
    at::Tensor scores()
    {
        std::vector<NewTokens> unread;
        for (const Beam& beam : m_running)
            unread.push_back(
                {m_length == 0 ? m_first : std::vector {beam.written.back()}, beam.cache.get()});
        at::Tensor hidden = m_model.hiddenBehind(unread);
        if (m_length == 0)
            hidden = hidden.narrow(0, hidden.size(0) - 1, 1);
        const at::Tensor logits = m_model.logits(hidden);
        checkScores(logits);
        return at::log_softmax(logits, -1).contiguous();
    }

    /// Best continuations of all beams: as many as leave enough to go on with if all the others
    /// end.
    std::vector<Candidate> candidates()
    {
        const at::Tensor all = scores();
        const std::int64_t vocabulary = all.size(1);
        const std::size_t wanted = std::max<std::size_t>(2, 1 + m_options.stopIds.size()) * beams();
        std::vector<Candidate> best;
        for (std::size_t beam = 0; beam < m_running.size(); ++beam) {
            const float* from =
                all.const_data_ptr<float>() + static_cast<std::int64_t>(beam) * vocabulary;
            std::vector<float> row(from, from + vocabulary);
            std::vector<std::int64_t> text = m_first;
            text.insert(text.end(), m_running[beam].written.begin(), m_running[beam].written.end());
            penaliseRepetition(row, text, m_options.repetitionPenalty);
            for (std::int64_t id = 0; id < vocabulary; ++id)
                best.push_back(
                    {row[static_cast<std::size_t>(id)] + m_running[beam].score, beam, id});
            const std::size_t count = std::min(wanted, best.size());
            std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(count),
                              best.end(), isBetter);
            best.resize(count);
        }
        return best;
    }

    void finish(Finished text)
    {
        const bool isClosed = isFull() && m_settings.stop == BeamStop::WhenFull;
        if (!isClosed)
            m_ended.push_back(std::move(text));
    }

    /// The best texts that have ended, earlier ones first where they are equal.
    void keepBest()
    {
        std::move(m_ended.begin(), m_ended.end(), std::back_inserter(m_finished));
        m_ended.clear();
        std::stable_sort(m_finished.begin(), m_finished.end(),
                         [](const Finished& a, const Finished& b) { return a.score > b.score; });
        if (m_finished.size() > beams())
            m_finished.resize(beams());
    }

    /// Makes these the running beams. The last child of a beam takes its cache, others a copy.
    void follow(const std::vector<Candidate>& kept)
    {
        if (kept.empty())
            return;
        std::vector<std::size_t> children(m_running.size());
        for (const Candidate& one : kept)
            ++children[one.beam];
        std::vector<Beam> next;
        for (const Candidate& one : kept) {
            Beam& parent = m_running[one.beam];
            Beam child {parent.written, one.score, nullptr};
            child.written.push_back(one.id);
            child.cache =
                --children[one.beam] == 0 ? std::move(parent.cache) : parent.cache->clone();
            next.push_back(std::move(child));
        }
        m_running = std::move(next);
    }

    /// Whether the best running text may still push the worst finished one out.
    bool canImprove() const
    {
        if (!isFull())
            return true;
        const bool looksAhead = m_settings.stop == BeamStop::Never && m_settings.lengthPenalty > 0;
        const double best =
            penalised(m_running.front().score, looksAhead ? m_options.maxTokens : m_length);
        return best > m_finished.back().score;
    }

    const Model& m_model;
    const SamplingOptions& m_options;
    const BeamOptions& m_settings;
    std::vector<std::int64_t> m_first;
    std::int64_t m_room = 0;
    std::int64_t m_length = 0; ///< tokens written
    std::vector<Beam> m_running; ///< best first
    std::vector<Finished> m_finished; ///< likewise
    std::vector<Finished> m_ended; ///< in this step
};

void checkBeams(const SamplingOptions& options, const BeamOptions& beams)
{
    checkSampling(options);
    if (!options.isGreedy)
        throw Error("Beam search does not sample.",
                    "Leave out temperature, top-k, top-p and min-p, or the beams.");
    if (beams.beams < 1 || beams.beams > kMostBeams)
        throw Error("The number of beams has to be from 1 to " + std::to_string(kMostBeams) + ".",
                    "4 is usual.");
    if (!(std::abs(beams.lengthPenalty) <= kMostPenalty))
        throw Error("The length penalty has to be from -100 to 100.", "1 is usual.");
}

} // namespace

Generation beamSearch(const Model& model,
                      const std::vector<std::int64_t>& prompt,
                      const SamplingOptions& options,
                      const BeamOptions& beams,
                      JobControl& control)
{
    const at::NoGradGuard noGradients;
    checkBeams(options, beams);
    BeamSearch search(model, prompt, options, beams);
    const auto start = std::chrono::steady_clock::now();
    while (search.step() && !control.stopAsked()) {
        control.throwIfCancelled();
        control.report("generating", search.length(), options.maxTokens);
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    Generation made = search.result();
    made.tokensPerSecond = seconds > 0.0 ? static_cast<double>(search.length()) / seconds : 0.0;
    return made;
}

} // namespace tw
