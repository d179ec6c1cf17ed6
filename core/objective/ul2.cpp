// SPDX-License-Identifier: Apache-2.0
// Mixture of denoisers (UL2; Tay et al. 2022, arXiv 2205.05131). Each text is denoised in one of
// seven ways, and a mode before it says of which kind the way is:
//     R  short spans, little hidden       mean 3 or 8, 15 % hidden
//     S  the end of the text is hidden    a quarter on average, one span without a sentinel
//     X  long spans, or much hidden       mean 3 or 8, 50 %; mean 64, 15 % or 50 %
// The loss is the cross-entropy of the target's tokens, and source and target are put as in
// denoising.cpp. The loss of each kind is told by itself: their targets differ in length by five.

#include "core/base/translate.h"
#include "core/objective/denoised_rows.h"
#include "core/objective/special_ids.h"
#include "core/objective/token_loss.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace tw {
namespace {

struct Ul2Options
{
    double regular = 0.4;
    double sequential = 0.2;
    double extreme = 0.4;
    std::int64_t inputLength = 512;
    bool hasModes = true;
    std::string regularMode = "[NLU]";
    std::string sequentialMode = "[S2S]";
    std::string extremeMode = "[NLG]";
    std::string split = "quarter";
    bool seesWholeInput = true;
};

/// Batch::ways, and what their losses are called.
enum Way : std::int64_t
{
    kRegularWay,
    kSequentialWay,
    kExtremeWay
};
constexpr std::array kLossNames {"loss.regular", "loss.sequential", "loss.extreme"};

constexpr std::array kRegular {SpanPlan {3, 0.15}, SpanPlan {8, 0.15}};
constexpr std::array kExtreme {SpanPlan {3, 0.5}, SpanPlan {8, 0.5}, SpanPlan {64, 0.15},
                               SpanPlan {64, 0.5}};

void addShares(ParamTable<Ul2Options>& table)
{
    const auto add = [&](double Ul2Options::*field, const char* id, const char* title,
                         const char* help) {
        table.add(field, id, title)
            .help(help)
            .range(0, 1)
            .source("our choice; the paper does not state the mixture in one place");
    };
    add(&Ul2Options::regular, "regular", QT_TRANSLATE_NOOP("ul2", "Share of short spans (R)"),
        QT_TRANSLATE_NOOP("ul2", "How often a text loses a few short spans."));
    add(&Ul2Options::sequential, "sequential",
        QT_TRANSLATE_NOOP("ul2", "Share of continuations (S)"),
        QT_TRANSLATE_NOOP("ul2", "How often a text loses its end, which is then written."));
    add(&Ul2Options::extreme, "extreme", QT_TRANSLATE_NOOP("ul2", "Share of long spans (X)"),
        QT_TRANSLATE_NOOP("ul2", "How often a text loses long spans, or half of its tokens."));
}

void addModes(ParamTable<Ul2Options>& table)
{
    table.add(&Ul2Options::hasModes, "modes", QT_TRANSLATE_NOOP("ul2", "Say the mode"))
        .help(QT_TRANSLATE_NOOP("ul2",
                                "Puts a word before each text that tells the model the kind of "
                                "task; later prompts can begin with the same word."))
        .source("Tay et al. 2022, section 3.1.2");
    const auto add = [&](std::string Ul2Options::*field, const char* id, const char* title) {
        table.add(field, id, title)
            .help(QT_TRANSLATE_NOOP("ul2",
                                    "Best a token of the vocabulary; other texts take "
                                    "several tokens."))
            .source("the released checkpoint of UL2 20B")
            .shownWhen("modes=true")
            .advanced();
    };
    add(&Ul2Options::regularMode, "regularMode", QT_TRANSLATE_NOOP("ul2", "Mode of short spans"));
    add(&Ul2Options::sequentialMode, "sequentialMode",
        QT_TRANSLATE_NOOP("ul2", "Mode of continuations"));
    add(&Ul2Options::extremeMode, "extremeMode", QT_TRANSLATE_NOOP("ul2", "Mode of long spans"));
}

ParamTable<Ul2Options> params()
{
    ParamTable<Ul2Options> table;
    addShares(table);
    addModes(table);
    table.add(&Ul2Options::inputLength, "inputLength", QT_TRANSLATE_NOOP("ul2", "Longest input"))
        .help(QT_TRANSLATE_NOOP("ul2",
                                "What the model reads and what it writes is at most this long; of "
                                "a longer text a stretch is drawn."))
        .range(8, 65536)
        .unit("tokens")
        .source("Tay et al. 2022")
        .advanced();
    table.add(&Ul2Options::split, "split", QT_TRANSLATE_NOOP("ul2", "Where continuations begin"))
        .help(QT_TRANSLATE_NOOP("ul2",
                                "In the second half of the text, so that a quarter is hidden on "
                                "average, or anywhere in it."))
        .choices({{"quarter", QT_TRANSLATE_NOOP("ul2", "In the second half")},
                  {"uniform", QT_TRANSLATE_NOOP("ul2", "Anywhere")}})
        .source("Tay et al. 2022, table 1; their code draws from everywhere")
        .advanced();
    addSeesWholeInput(table, &Ul2Options::seesWholeInput);
    return table;
}

/// A text after one of the ways to denoise it.
struct Denoised
{
    SourceAndTarget parts;
    Way way = kRegularWay;
};

/// The ways to denoise a text, for one batch.
class Denoisers
{
public:
    Denoisers(const Ul2Options& options, const DenoisedRows& rows, const Tokenizer& tokenizer)
        : m_options(options)
        , m_rows(rows)
        , m_sentinels(tokenizer)
    {
        const auto mode = [&](const std::string& text) {
            return options.hasModes ? idsOf(tokenizer, text) : std::vector<std::int64_t>();
        };
        m_regular = mode(options.regularMode);
        m_sequential = mode(options.sequentialMode);
        m_extreme = mode(options.extremeMode);
    }

    Denoised denoised(const std::vector<std::int64_t>& text, RandomStream& random) const
    {
        const double all = m_options.regular + m_options.sequential + m_options.extreme;
        const double drawn = random.uniform() * all;
        const bool isRegular = drawn < m_options.regular;
        const bool isSequential = !isRegular && drawn < m_options.regular + m_options.sequential;
        const Way way = isRegular ? kRegularWay : isSequential ? kSequentialWay : kExtremeWay;
        if (text.size() < 2)
            return {{text, {}}, way};
        if (isSequential)
            return {continued(text, random), way};
        return {isRegular
                    ? withSpans(text, kRegular[random.below(kRegular.size())], m_regular, random)
                    : withSpans(text, kExtreme[random.below(kExtreme.size())], m_extreme, random),
                way};
    }

private:
    using Ids = std::vector<std::int64_t>;

    SourceAndTarget
    withSpans(const Ids& text, const SpanPlan& plan, const Ids& mode, RandomStream& random) const
    {
        DenoisedLimits limits = limitsOf(mode);
        limits.sentinels = m_sentinels.count();
        limits.sentinelLength = m_sentinels.longest();
        const Ids part = stretchOf(text, longestText(plan, limits), random);
        const auto isHidden = hiddenTokens(static_cast<std::int64_t>(part.size()), plan, random);
        return behind(mode, withSentinels(part, isHidden, m_sentinels));
    }

    SourceAndTarget continued(const Ids& text, RandomStream& random) const
    {
        const DenoisedLimits limits = limitsOf(m_sequential);
        std::int64_t longest = limits.source - limits.sourceExtra;
        if (limits.both > 0)
            longest = std::min(longest, limits.both - limits.sourceExtra - limits.targetExtra);
        const Ids part = stretchOf(text, std::max<std::int64_t>(2, longest), random);
        const auto length = static_cast<std::int64_t>(part.size());
        const std::int64_t first = m_options.split == "uniform"
            ? 1
            : std::max<std::int64_t>(1, std::llrint(static_cast<double>(length) / 2.0));
        const auto kept = first
            + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(length - first)));
        return behind(
            m_sequential,
            {Ids(part.begin(), part.begin() + kept), Ids(part.begin() + kept, part.end())});
    }

    DenoisedLimits limitsOf(const Ids& mode) const
    {
        return m_rows.limitsOf(m_options.inputLength, static_cast<std::int64_t>(mode.size()));
    }

    static SourceAndTarget behind(const Ids& mode, SourceAndTarget parts)
    {
        parts.source.insert(parts.source.begin(), mode.begin(), mode.end());
        return parts;
    }

    const Ul2Options& m_options;
    const DenoisedRows& m_rows;
    Sentinels m_sentinels;
    Ids m_regular; ///< the modes' ids
    Ids m_sequential;
    Ids m_extreme;
};

void denoise(Batch& batch,
             const Model& model,
             const ParamValues& settings,
             const BatchMoment& moment,
             RandomStream& random)
{
    const Ul2Options options = params().read(settings);
    const Tokenizer& tokenizer = tokenizerOf(moment);
    const DenoisedRows rows(model, tokenizer);
    const Denoisers denoisers(options, rows, tokenizer);
    std::vector<SourceAndTarget> parts;
    batch.ways.clear();
    for (std::int64_t row = 0; row < batch.rowCount(); ++row) {
        Denoised text = denoisers.denoised(rows.textOf(batch, row), random);
        parts.push_back(std::move(text.parts));
        batch.ways.push_back(text.way);
    }
    rows.put(parts, batch);
    if (options.seesWholeInput)
        rows.openSources(batch);
}

LossSum ul2Loss(const Model& model, const Batch& batch, const ParamValues& /*settings*/)
{
    const at::Tensor losses = tokenLosses(model, batch, packedInput(batch));
    LossSum loss {losses.sum(), batch.trainedCount()};
    if (batch.ways.empty())
        return loss;
    const at::Tensor targets = at::tensor(batch.targets, at::kLong);
    const at::Tensor sums = rowSums(losses.detach(), batch);
    const at::Tensor counts = rowSums(targets.ne(-100).to(at::kDouble), batch);
    const at::Tensor ways = at::tensor(batch.ways, at::kLong);
    for (std::size_t way = 0; way < kLossNames.size(); ++way) {
        const at::Tensor isOf = ways.eq(static_cast<std::int64_t>(way)).to(at::kDouble);
        const Ratio ratio {(sums * isOf).sum().item<double>(),
                           (counts * isOf).sum().item<double>()};
        if (ratio.count > 0.0)
            loss.ratios[kLossNames.at(way)] = ratio;
    }
    return loss;
}

Problems checkUl2(const ParamValues& settings)
{
    const Ul2Options options = params().read(settings);
    if (options.regular + options.sequential + options.extreme > 0.0)
        return {};
    return {{"regular", "None of the three kinds of denoising has a share.",
             "Give at least one of them more than 0."}};
}

} // namespace

void registerUl2(Registry<Objective>& registry)
{
    Objective ul2;
    ul2.id = "ul2";
    ul2.title = QT_TRANSLATE_NOOP("ul2", "Mixture of denoisers (UL2)");
    ul2.summary = QT_TRANSLATE_NOOP(
        "ul2",
        "Goes on with training on plain text: fills in short and long gaps and continues texts, so "
        "that one model understands and writes.");
    ul2.params = params().specs();
    ul2.loss = ul2Loss;
    ul2.tasks = {ModelTask::ConditionalGeneration, ModelTask::CausalLm};
    ul2.corrupt = denoise;
    ul2.check = checkUl2;
    ul2.paper = "Tay et al. 2022, arXiv 2205.05131";
    registry.add(std::move(ul2));
}

} // namespace tw
