// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/data/proof_in_words.h"

#include "app/gui/words.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace tw {
namespace {

constexpr int kBins = 24;

QString say(const char* words)
{
    return QCoreApplication::translate("proof", words);
}

QString percent(double share)
{
    return say(QT_TRANSLATE_NOOP("proof", "%1 %"))
        .arg(QLocale().toString(100.0 * share, 'f', share > 0.0 && share < 0.1 ? 1 : 0));
}

Counter countOf(const std::vector<std::int64_t>& rows,
                std::int64_t all,
                const char* caption,
                Counter::Tone tone)
{
    Counter counter;
    counter.value = number(static_cast<std::int64_t>(rows.size()));
    counter.caption = say(caption);
    if (rows.empty())
        return counter;
    counter.beside = percent(static_cast<double>(rows.size())
                             / static_cast<double>(std::max<std::int64_t>(1, all)));
    counter.tone = tone;
    counter.isClickable = true;
    return counter;
}

QString partInWords(const std::string& part)
{
    static const std::map<std::string, const char*> kWords {
        {"source", QT_TRANSLATE_NOOP("proof", "read by the encoder")},
        {"answer", QT_TRANSLATE_NOOP("proof", "written by the decoder")},
        {"chosen", QT_TRANSLATE_NOOP("proof", "chosen")},
        {"rejected", QT_TRANSLATE_NOOP("proof", "rejected")}};
    const auto known = kWords.find(part);
    return known == kWords.end() ? QString::fromStdString(part) : say(known->second);
}

/// Where a part of a row begins: a quiet word, and a new line.
FlowToken partMark(const std::string& part)
{
    FlowToken mark;
    mark.text = partInWords(part) + QStringLiteral(":\n");
    mark.isTemplate = true;
    return mark;
}

double roundWidth(double wanted)
{
    const double place = std::pow(10.0, std::floor(std::log10(std::max(1.0, wanted))));
    for (const double step : {1.0, 2.0, 5.0, 10.0}) {
        if (step * place >= wanted)
            return std::max(1.0, step * place);
    }
    return 10.0 * place;
}

} // namespace

std::vector<Counter> countersOf(const CheckReport& report, bool isHeldOut, bool isProven)
{
    const ProofSummary& proof = isHeldOut ? report.heldOut : report.train;
    if (!isProven) {
        Counter waiting;
        waiting.value = QStringLiteral("…");
        waiting.caption =
            say(QT_TRANSLATE_NOOP("proof", "reading every row as the model will see it"));
        return {waiting};
    }
    Counter checked;
    checked.value = number(proof.rows);
    checked.caption = say(QT_TRANSLATE_NOOP("proof", "rows checked"));
    checked.isClickable = proof.rows > 0;
    Counter trained;
    trained.value = number(proof.trainedTokens);
    trained.caption = say(isHeldOut ? QT_TRANSLATE_NOOP("proof", "tokens measured")
                                    : QT_TRANSLATE_NOOP("proof", "tokens trained"));
    if (proof.tokens > 0)
        trained.beside =
            percent(static_cast<double>(proof.trainedTokens) / static_cast<double>(proof.tokens));
    if (proof.rows > 0 && proof.trainedTokens == 0)
        trained.tone = Counter::Tone::Error;
    using Tone = Counter::Tone;
    std::vector<Counter> counters {
        checked,
        countOf(proof.failed, proof.rows, QT_TRANSLATE_NOOP("proof", "failed"), Tone::Error),
        countOf(proof.truncated, proof.rows, QT_TRANSLATE_NOOP("proof", "truncated"), Tone::Warn),
        countOf(proof.nothingTrained, proof.rows, QT_TRANSLATE_NOOP("proof", "nothing trained"),
                Tone::Error),
        countOf(proof.duplicates, proof.rows, QT_TRANSLATE_NOOP("proof", "duplicates"),
                Tone::Warn)};
    // Rows on both sides make the held-out loss look better than it is.
    if (isHeldOut) {
        counters.push_back(countOf(proof.leaked, proof.rows,
                                   QT_TRANSLATE_NOOP("proof", "also trained on"), Tone::Warn));
    } else if (report.heldOut.rows > 0) {
        counters.push_back(countOf(report.heldOut.leaked, report.heldOut.rows,
                                   QT_TRANSLATE_NOOP("proof", "held out, too"), Tone::Warn));
        counters.back().isClickable = false; // their numbers are those of the other file
    }
    counters.push_back(trained);
    return counters;
}

std::vector<std::int64_t> rowsOfCounter(const ProofSummary& proof, int counter)
{
    switch (counter) {
    case 1:
        return proof.failed;
    case 2:
        return proof.truncated;
    case 3:
        return proof.nothingTrained;
    case 4:
        return proof.duplicates;
    case 5:
        return proof.leaked;
    default:
        return {};
    }
}

std::vector<FlowToken> flowTokens(const RowTokens& tokens)
{
    std::vector<FlowToken> flow;
    flow.reserve(tokens.tokens.size() + tokens.parts.size());
    auto part = tokens.parts.begin();
    for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
        for (; part != tokens.parts.end() && part->second == static_cast<std::int64_t>(i); ++part)
            flow.push_back(partMark(part->first));
        const TokenView& token = tokens.tokens[i];
        const bool isMarker = token.kind == TokenView::Kind::Template
            && (token.text.starts_with("<")
                || token.text.find_first_not_of(" \n\r\t") == std::string::npos);
        flow.push_back({token.id,
                        QString::fromStdString(token.text),
                        isMarker,
                        token.isTrained,
                        token.isCut,
                        {},
                        QString::fromStdString(token.label)});
    }
    return flow;
}

Bars lengthBars(const std::vector<std::int32_t>& lengths)
{
    Bars bars;
    if (lengths.empty())
        return bars;
    const double longest = *std::max_element(lengths.begin(), lengths.end());
    const double width = roundWidth((longest + 1.0) / kBins);
    const auto count = static_cast<std::size_t>(std::floor(longest / width)) + 1;
    bars.values.assign(count, 0.0);
    for (std::size_t i = 0; i <= count; ++i)
        bars.edges.push_back(static_cast<double>(i) * width);
    for (const std::int32_t length : lengths)
        bars.values[static_cast<std::size_t>(length / width)] += 1.0;
    return bars;
}

std::vector<Figure> shapeFigures(const ProofSummary& proof, std::int64_t limit)
{
    std::vector<std::int32_t> sorted = proof.lengths;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.empty())
        return {};
    const double sum = std::accumulate(sorted.begin(), sorted.end(), 0.0);
    const std::size_t fitting = static_cast<std::size_t>(
        std::upper_bound(sorted.begin(), sorted.end(),
                         static_cast<std::int32_t>(std::min<std::int64_t>(limit, INT32_MAX)))
        - sorted.begin());
    return {{say(QT_TRANSLATE_NOOP("proof", "Median")), number(sorted[sorted.size() / 2]),
             say(QT_TRANSLATE_NOOP("proof", "tokens a row"))},
            {say(QT_TRANSLATE_NOOP("proof", "Mean")),
             QLocale().toString(sum / static_cast<double>(sorted.size()), 'f', 1),
             say(QT_TRANSLATE_NOOP("proof", "tokens a row"))},
            {say(QT_TRANSLATE_NOOP("proof", "Longest")), number(sorted.back()),
             say(QT_TRANSLATE_NOOP("proof", "tokens"))},
            {say(QT_TRANSLATE_NOOP("proof", "Whole at this length")),
             number(static_cast<std::int64_t>(fitting)),
             say(QT_TRANSLATE_NOOP("proof", "of %1 rows")).arg(number(proof.rows))},
            {say(QT_TRANSLATE_NOOP("proof", "Duplicates")),
             number(static_cast<std::int64_t>(proof.duplicates.size())),
             say(QT_TRANSLATE_NOOP("proof", "rows that stand there twice"))}};
}

std::int64_t longestRow(const ProofSummary& proof)
{
    const std::int64_t ofLengths =
        proof.lengths.empty() ? 0 : *std::max_element(proof.lengths.begin(), proof.lengths.end());
    return std::max(ofLengths, proof.maxLength);
}

std::int64_t comfortableLength(std::int64_t longest)
{
    std::int64_t length = 64;
    while (length < longest)
        length *= 2;
    return length;
}

int wordsColumn(const DatasetSummary& dataset, const std::map<std::string, std::string>& roles)
{
    int best = 0;
    for (std::size_t i = 0; i < dataset.columns.size(); ++i) {
        const auto chosen = roles.find(dataset.columns[i].name);
        const std::string& role = chosen == roles.end() ? dataset.columns[i].role : chosen->second;
        if (role == "prompt" || role == "messages")
            return static_cast<int>(i);
        if (role == "text" || role == "words" || role == "chosen"
            || (role == "ids" && dataset.columns[i].name.ends_with("input_ids")))
            best = static_cast<int>(i);
    }
    return best;
}

QWidget* makeExample(const QString& title,
                     const QString& purpose,
                     const QStringList& columns,
                     const std::vector<QStringList>& rows)
{
    auto* room = new QWidget;
    auto* column = new QVBoxLayout(room);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(2));
    column->addWidget(new TextLabel(title, TextType::Body));
    column->addWidget(new TextLabel(purpose, TextType::Caption, TextInk::Ink2));
    column->addSpacing(px(6));
    auto* frame = new QFrame(room);
    frame->setProperty("surface", QStringLiteral("panel"));
    auto* grid = new QGridLayout(frame);
    grid->setContentsMargins(px(8), px(6), px(8), px(6));
    grid->setVerticalSpacing(px(6));
    for (int c = 0; c < columns.size(); ++c)
        grid->addWidget(new TextLabel(columns[c], TextType::Table, TextInk::Ink2), 0, c);
    grid->addWidget(makeLine(Qt::Horizontal, frame), 1, 0, 1, static_cast<int>(columns.size()));
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (int c = 0; c < rows[r].size(); ++c)
            grid->addWidget(new TextLabel(rows[r][c], TextType::Table), static_cast<int>(r) + 2, c);
    }
    column->addWidget(frame);
    column->addStretch(1);
    return room;
}

} // namespace tw
