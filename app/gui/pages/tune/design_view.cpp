// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/design_view.h"

#include "app/gui/session.h"
#include "app/gui/words.h"

#include <QCoreApplication>

#include <algorithm>

namespace tw {
namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("design", words);
}

QString textOf(const std::string& words)
{
    return QString::fromStdString(words);
}

QString letterOf(int adaptation)
{
    constexpr int kLetters = 26;
    return QString(QChar(u'A' + adaptation % kLetters));
}

QString tokenCount(int tokens)
{
    return QCoreApplication::translate("design", "%n token(s)", nullptr, tokens);
}

/// "20 tokens" where a setting counts tokens, else the method's name.
QString tokensInWords(const Design& design, const AdaptationChoice& choice)
{
    const PluginInfo* info = design.method(choice.method);
    for (const ParamSpec& spec : info == nullptr ? std::vector<ParamSpec> {} : info->params) {
        if (spec.type != ParamType::Integer || spec.id != "virtualTokens")
            continue;
        const auto tokens = std::get<std::int64_t>(valueOf(spec, choice.settings));
        return tokenCount(static_cast<int>(tokens));
    }
    return methodTitle(design, choice.method);
}

/// What stands in the wide cell of a row.
QString
wideWords(const Design& design, const Experiment& experiment, const DesignRow& row, OwnerSet owners)
{
    const bool isPrompt = row.site == "prompt";
    const std::vector<int> here = ownersIn(owners);
    if (here.empty())
        return isPrompt && !design.firstFor(row).empty()
            ? say(QT_TRANSLATE_NOOP("design", "click to add virtual tokens"))
            : QString();
    const AdaptationChoice& first =
        experiment.adaptations.at(static_cast<std::size_t>(here.front()));
    return isPrompt ? tokensInWords(design, first) : methodTitle(design, first.method);
}

/// Where an adaptation sits, for a summary in words.
QString onInWords(const Design& design, const AdaptationChoice& choice)
{
    const DesignFlags flags = design.placesOf(choice);
    const QString name = methodTitle(design, choice.method);
    if (flags == design.linear(choice.method, 0) && isAnywhere(flags))
        return say(QT_TRANSLATE_NOOP("design", "%1 on all linear layers")).arg(name);
    constexpr int kMostNamed = 4;
    QStringList sites;
    for (std::size_t row = 0; row < flags.size(); ++row) {
        if (std::find(flags[row].begin(), flags[row].end(), true) != flags[row].end())
            sites << textOf(design.rows()[row].site);
    }
    if (sites.isEmpty() || sites.size() > kMostNamed)
        return name;
    return say(QT_TRANSLATE_NOOP("design", "%1 on %2")).arg(name, sites.join(QStringLiteral(", ")));
}

} // namespace

QString methodTitle(const Design& design, const std::string& method)
{
    const PluginInfo* info = design.method(method);
    return info == nullptr ? textOf(method)
                           : QCoreApplication::translate(method.c_str(), info->title.c_str());
}

int lineOf(int adaptation)
{
    return kRunLines[static_cast<std::size_t>(adaptation) % std::size(kRunLines)];
}

std::vector<SiteOwner> ownersOf(const Design& design, const Experiment& experiment)
{
    std::vector<SiteOwner> owners;
    for (int i = 0; i < static_cast<int>(experiment.adaptations.size()); ++i) {
        const AdaptationChoice& choice = experiment.adaptations[static_cast<std::size_t>(i)];
        owners.push_back(
            {choice.from.empty() ? methodTitle(design, choice.method) : baseName(choice.from),
             letterOf(i), lineOf(i)});
    }
    return owners;
}

SiteGridValue gridValue(const Design& design,
                        const Experiment& experiment,
                        const Hand& hand,
                        const std::vector<DesignProblem>& problems)
{
    SiteGridValue grid;
    grid.layers = design.layers();
    grid.owners = ownersOf(design, experiment);
    grid.inHand = hand.adaptation;
    const int line = hand.adaptation < 0 ? static_cast<int>(grid.owners.size()) : hand.adaptation;
    grid.hand = {methodTitle(design, hand.method), letterOf(line), lineOf(line)};
    std::vector<DesignFlags> places;
    for (const AdaptationChoice& choice : experiment.adaptations)
        places.push_back(design.placesOf(choice));
    const bool isStored = hand.adaptation >= 0
        && !experiment.adaptations.at(static_cast<std::size_t>(hand.adaptation)).from.empty();
    const std::set<std::string> marked = sitesWith(problems);
    for (std::size_t i = 0; i < design.rows().size(); ++i) {
        const DesignRow& row = design.rows()[i];
        SiteGridRow shown;
        shown.site = shown.label = textOf(row.site);
        shown.group = row.group;
        shown.isWhole = row.isWhole;
        shown.exists = row.exists;
        shown.owners.assign(row.exists.size(), 0);
        for (std::size_t owner = 0; owner < places.size(); ++owner) {
            for (std::size_t layer = 0; layer < row.exists.size(); ++layer) {
                if (places[owner][i][layer])
                    shown.owners[layer] |= ownerBit(static_cast<int>(owner));
            }
        }
        shown.words =
            row.isWhole ? wideWords(design, experiment, row, shown.owners.front()) : QString();
        // Empty room for virtual tokens takes the first method that makes some.
        const bool isRoomForTokens = row.site == "prompt" && shown.owners.front() == 0;
        shown.isAllowed = (design.canSit(hand.method, row) && !isStored)
            || (isRoomForTokens && !design.firstFor(row).empty());
        shown.hasProblem = marked.contains(row.site);
        grid.rows.push_back(std::move(shown));
    }
    return grid;
}

BlockValue blockValue(const SiteGridValue& grid, int layer, const BlockShape& shape)
{
    BlockValue block;
    block.methods = grid.owners;
    block.normsFollowSums = shape.normsFollowSums;
    block.isParallel = shape.isParallel;
    const auto at = static_cast<std::size_t>(layer);
    for (const SiteGridRow& row : grid.rows) {
        const bool isPrompt = row.isWhole && row.site == QLatin1String("prompt");
        if (isPrompt && row.owners.front() != 0) {
            block.prompt = row.words;
            block.owners[row.site] = row.owners.front();
        }
        if (row.isWhole || at >= row.exists.size() || !row.exists[at])
            continue;
        block.sites << row.site;
        if (row.isAllowed)
            block.allowed << row.site;
        if (row.owners[at] != 0)
            block.owners[row.site] = row.owners[at];
    }
    return block;
}

QString placesInWords(const Design& design, const SiteGridValue& grid)
{
    int trained = 0;
    int possible = 0;
    int first = design.layers();
    int last = -1;
    for (const SiteGridRow& row : grid.rows) {
        for (int layer = 0; layer < static_cast<int>(row.exists.size()); ++layer) {
            const auto at = static_cast<std::size_t>(layer);
            possible += row.exists[at] && row.isAllowed ? 1 : 0;
            if (row.owners[at] == 0)
                continue;
            ++trained;
            if (row.isWhole)
                continue;
            first = std::min(first, layer);
            last = std::max(last, layer);
        }
    }
    if (trained == 0)
        return say(QT_TRANSLATE_NOOP("design", "none chosen; %1 fits %2"))
            .arg(grid.hand.title)
            .arg(possible);
    const QString count = QCoreApplication::translate("design", "%n chosen", nullptr, trained);
    return last < 0
        ? count
        : say(QT_TRANSLATE_NOOP("design", "%1, blocks %2 to %3")).arg(count).arg(first).arg(last);
}

QString designInWords(const Design& design, const Experiment& experiment)
{
    QString words;
    for (const AdaptationChoice& choice : experiment.adaptations) {
        const QString next = onInWords(design, choice);
        words =
            words.isEmpty() ? next : say(QT_TRANSLATE_NOOP("design", "%1 and %2")).arg(words, next);
    }
    return words.isEmpty() ? say(QT_TRANSLATE_NOOP("design", "No method chosen")) : words;
}

} // namespace tw
