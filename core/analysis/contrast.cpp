// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/contrast.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tw {
namespace {

constexpr std::int64_t kChances = 20;

/// What was read so far, by both models.
struct Beam
{
    std::unique_ptr<KvCache> tunedCache;
    std::unique_ptr<KvCache> baseCache;
    at::Tensor logTuned; ///< of the next token, [vocabulary]
    at::Tensor logBase;
    std::vector<std::int64_t> ids;
    double score = 0.0;

    Beam copy() const
    {
        return {tunedCache->clone(), baseCache->clone(), logTuned, logBase, ids, score};
    }
};

at::Tensor logProbabilities(const at::Tensor& logits)
{
    return at::log_softmax(logits, -1, at::kFloat);
}

at::Tensor readNext(const Model& model, const std::vector<std::int64_t>& ids, KvCache& cache)
{
    const at::Tensor hidden = model.hiddenCached(ids, cache);
    return logProbabilities(model.logits(hidden.narrow(0, hidden.size(0) - 1, 1))).squeeze(0);
}

void read(const ContrastPair& pair, const std::vector<std::int64_t>& ids, Beam& beam)
{
    beam.logBase = readNext(pair.base(), ids, *beam.baseCache);
    beam.logTuned = readNext(pair.tuned(), ids, *beam.tunedCache);
}

Beam begin(const ContrastPair& pair, const std::vector<std::int64_t>& start, std::int64_t count)
{
    const std::int64_t capacity = static_cast<std::int64_t>(start.size()) + count;
    Beam beam;
    beam.baseCache = pair.base().newCache(capacity);
    beam.tunedCache = pair.tuned().newCache(capacity);
    read(pair, start, beam);
    return beam;
}

/// Place drawn from softmax(scores).
std::size_t drawOne(const std::vector<double>& scores, RandomStream& random)
{
    const double most = *std::max_element(scores.begin(), scores.end());
    double sum = 0.0;
    for (const double score : scores)
        sum += std::exp(score - most);
    double left = random.uniform() * sum;
    for (std::size_t i = 0; i + 1 < scores.size(); ++i) {
        left -= std::exp(scores[i] - most);
        if (left < 0.0)
            return i;
    }
    return scores.size() - 1;
}

/// `count` places drawn from softmax(scores) without replacement: the largest of score + Gumbel
/// noise (Kool, van Hoof, Welling 2019).
std::vector<std::size_t>
drawWithoutReplacement(const std::vector<double>& scores, std::size_t count, RandomStream& random)
{
    std::vector<double> keys;
    keys.reserve(scores.size());
    for (const double score : scores)
        keys.push_back(score - std::log(-std::log(std::max(random.uniform(), 1e-300))));
    std::vector<std::size_t> places(scores.size());
    std::iota(places.begin(), places.end(), std::size_t {0});
    count = std::min(count, places.size());
    std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count),
                      places.end(),
                      [&](std::size_t a, std::size_t b) { return keys[a] > keys[b]; });
    places.resize(count);
    return places;
}

/// A continuation of one of the beams by one token.
struct Cell
{
    std::size_t beam = 0;
    std::int64_t id = 0;
    double score = 0.0; ///< running sum
};

std::vector<Cell> cellsOf(const std::vector<Beam>& beams,
                          const ContrastOptions& options,
                          const std::vector<std::int64_t>& switchedOff)
{
    std::vector<Cell> cells;
    for (std::size_t b = 0; b < beams.size(); ++b) {
        const Plausible plausible = plausibleTokens(beams[b].logTuned, beams[b].logBase,
                                                    options.alpha, options.gamma, switchedOff);
        for (std::size_t i = 0; i < plausible.ids.size(); ++i)
            cells.push_back({b, plausible.ids[i], beams[b].score + plausible.scores[i]});
    }
    return cells;
}

/// The cells that become the next beams, best first.
std::vector<Cell>
chooseCells(const std::vector<Cell>& cells, std::int64_t beams, RandomStream& random)
{
    std::vector<double> scores;
    scores.reserve(cells.size());
    for (const Cell& cell : cells)
        scores.push_back(cell.score);
    if (beams == 1) // plain sampling; keeping the better of two draws would be something else
        return {cells[drawOne(scores, random)]};
    std::vector<Cell> chosen;
    for (const std::size_t place :
         drawWithoutReplacement(scores, 2 * static_cast<std::size_t>(beams), random))
        chosen.push_back(cells[place]);
    std::stable_sort(chosen.begin(), chosen.end(),
                     [](const Cell& a, const Cell& b) { return a.score > b.score; });
    chosen.resize(std::min(chosen.size(), static_cast<std::size_t>(beams)));
    return chosen;
}

/// Beams that end with the chosen cells. A beam that goes on once hands its caches over; only more
/// often they are copied.
std::vector<Beam> advance(std::vector<Beam> beams, const std::vector<Cell>& chosen)
{
    std::vector<std::size_t> uses(beams.size(), 0);
    for (const Cell& cell : chosen)
        ++uses[cell.beam];
    std::vector<Beam> next;
    for (const Cell& cell : chosen) {
        Beam& parent = beams[cell.beam];
        next.push_back(--uses[cell.beam] > 0 ? parent.copy() : std::move(parent));
        next.back().ids.push_back(cell.id);
        next.back().score = cell.score;
    }
    return next;
}

std::vector<TokenChance>
chancesAt(const at::Tensor& logTuned, const at::Tensor& logBase, const Tokenizer& tokenizer)
{
    const auto [values, places] = logTuned.topk(std::min(kChances, logTuned.size(0)));
    std::vector<TokenChance> chances;
    for (std::int64_t i = 0; i < places.size(0); ++i) {
        const auto id = places[i].item<std::int64_t>();
        chances.push_back({id, repairedUtf8(tokenizer.tokenBytes(id)),
                           std::exp(values[i].item<double>()),
                           std::exp(logBase[id].item<double>())});
    }
    return chances;
}

/// Log-probabilities of every token after each of the places from `first` on: [n, vocabulary].
at::Tensor readWhole(const Model& model, const std::vector<std::int64_t>& ids, std::int64_t first)
{
    const auto count = static_cast<std::int64_t>(ids.size());
    const PackedInput input {at::tensor(ids), at::arange(count), {0, count}};
    return logProbabilities(model.logits(model.hidden(input).narrow(0, first, count - first)));
}

std::vector<std::int64_t> startOf(const Tokenizer& tokenizer, const std::string& prefix)
{
    const SpecialTokens special = tokenizer.specialTokens();
    const std::optional<std::int64_t> first = special.bos ? special.bos : special.eos;
    std::vector<std::int64_t> ids = tokenizer.encode(prefix, false).ids;
    if (!first && ids.empty())
        throw Error(
            "The tokenizer has neither a token for the beginning nor one for the end of a text.",
            "Give a few words to begin with as prefix.");
    if (first && (ids.empty() || ids.front() != *first))
        ids.insert(ids.begin(), *first);
    return ids;
}

} // namespace

ContrastPair contrastPair(const Model& base, const Model& tuned)
{
    return {[&base]() -> const Model& { return base; },
            [&tuned]() -> const Model& { return tuned; }};
}

ContrastPair contrastPair(const Model& model, Adapter& adapter)
{
    return {[&model, &adapter]() -> const Model& {
                adapter.setEnabled(false);
                return model;
            },
            [&model, &adapter]() -> const Model& {
                adapter.setEnabled(true);
                return model;
            }};
}

Plausible plausibleTokens(const at::Tensor& logTuned,
                          const at::Tensor& logBase,
                          double alpha,
                          double gamma,
                          const std::vector<std::int64_t>& switchedOff)
{
    const at::Tensor tuned = logTuned.contiguous();
    const at::Tensor base = logBase.contiguous();
    const std::int64_t size = tuned.size(0);
    const float* p = tuned.const_data_ptr<float>();
    const float* q = base.const_data_ptr<float>();
    const auto isOff = [&](std::int64_t id) {
        return std::find(switchedOff.begin(), switchedOff.end(), id) != switchedOff.end();
    };
    double most = -std::numeric_limits<double>::infinity();
    for (std::int64_t v = 0; v < size; ++v)
        if (static_cast<double>(p[v]) > most && !isOff(v))
            most = static_cast<double>(p[v]);
    Plausible plausible;
    const double least = most + std::log(alpha); // -infinity for alpha = 0: everything is plausible
    for (std::int64_t v = 0; v < size; ++v) {
        const auto logP = static_cast<double>(p[v]);
        if (logP < least || isOff(v))
            continue;
        plausible.ids.push_back(v);
        plausible.scores.push_back(logP - gamma * static_cast<double>(q[v]));
    }
    return plausible;
}

DrawnText drawContrastive(const ContrastPair& pair,
                          const std::vector<std::int64_t>& start,
                          std::int64_t count,
                          const ContrastOptions& options,
                          const std::vector<std::int64_t>& switchedOff,
                          RandomStream& random,
                          JobControl& control)
{
    const at::NoGradGuard noGrad;
    std::vector<Beam> beams;
    beams.push_back(begin(pair, start, count));
    while (static_cast<std::int64_t>(beams.size()) < options.beams)
        beams.push_back(beams.front().copy());
    for (std::int64_t step = 0; step < count; ++step) {
        control.throwIfCancelled();
        const std::vector<Cell> cells = cellsOf(beams, options, switchedOff);
        beams = advance(std::move(beams), chooseCells(cells, options.beams, random));
        if (step + 1 < count)
            for (Beam& beam : beams)
                read(pair, {beam.ids.back()}, beam);
    }
    pair.tuned();
    const auto best = std::max_element(
        beams.begin(), beams.end(), [](const Beam& a, const Beam& b) { return a.score < b.score; });
    return {std::move(best->ids), best->score};
}

ContrastSample contrastOf(const ContrastPair& pair,
                          const std::vector<std::int64_t>& start,
                          const std::vector<std::int64_t>& ids,
                          const Tokenizer& tokenizer,
                          double alpha)
{
    const at::NoGradGuard noGrad;
    std::vector<std::int64_t> all = start;
    all.insert(all.end(), ids.begin(), ids.end());
    all.pop_back(); // nothing is asked of the last place
    const auto first = static_cast<std::int64_t>(start.size()) - 1;
    const at::Tensor base = readWhole(pair.base(), all, first);
    const at::Tensor tuned = readWhole(pair.tuned(), all, first);
    ContrastSample sample;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const at::Tensor logTuned = tuned[static_cast<std::int64_t>(i)];
        const at::Tensor logBase = base[static_cast<std::int64_t>(i)];
        ContrastToken token;
        token.id = ids[i];
        token.text = repairedUtf8(tokenizer.tokenBytes(ids[i]));
        token.logTuned = logTuned[ids[i]].item<double>();
        token.logBase = logBase[ids[i]].item<double>();
        token.contrast = token.logTuned - token.logBase;
        token.plausible = (logTuned >= logTuned.max() + std::log(alpha)).sum().item<std::int64_t>();
        token.chances = chancesAt(logTuned, logBase, tokenizer);
        sample.score += token.contrast;
        sample.tokens.push_back(std::move(token));
    }
    return sample;
}

std::vector<ContrastSample>
generateContrastive(const ContrastPair& pair,
                    const Tokenizer& tokenizer,
                    const ContrastOptions& options,
                    JobControl& control,
                    const std::function<void(const ContrastSample&)>& onText)
{
    const std::vector<std::int64_t> start = startOf(tokenizer, options.prefix);
    std::vector<std::int64_t> switchedOff;
    if (const auto end = tokenizer.specialTokens().eos)
        switchedOff.push_back(*end);
    const std::int64_t count = std::max<std::int64_t>(options.length - 1, 1);
    std::vector<ContrastSample> samples;
    for (std::int64_t i = 0; i < options.texts && !control.stopAsked(); ++i) {
        control.report("writing", i, options.texts);
        RandomStream random(static_cast<std::uint64_t>(options.seed),
                            "contrast " + std::to_string(i));
        const DrawnText text =
            drawContrastive(pair, start, count, options, switchedOff, random, control);
        samples.push_back(contrastOf(pair, start, text.ids, tokenizer, options.alpha));
        if (onText)
            onText(samples.back());
    }
    control.report("writing", static_cast<std::int64_t>(samples.size()), options.texts);
    return samples;
}

} // namespace tw
