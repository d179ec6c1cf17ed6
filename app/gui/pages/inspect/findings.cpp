// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/inspect/findings.h"

#include "app/gui/words.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace tw {
namespace {

QString say(const char* words, const char* comment = nullptr, int n = -1)
{
    return QCoreApplication::translate("findings", words, comment, n);
}

QString percent(double share, int digits)
{
    return say(QT_TRANSLATE_NOOP("findings", "%1 %"))
        .arg(QLocale().toString(share * 100.0, 'f', digits));
}

/// Enough digits for a small change to be more than 0.
QString percent(double share)
{
    return percent(share, share < 0.001 ? 3 : share < 0.01 ? 2 : 1);
}

double valueOf(const XrayCell& cell, XrayMeasure measure, double epsilon)
{
    switch (measure) {
    case XrayMeasure::RelativeChange:
        return cell.relativeChange() * 100.0;
    case XrayMeasure::EffectiveRank:
        return cell.effectiveRank;
    case XrayMeasure::Intruders:
        return static_cast<double>(cell.intruders(epsilon));
    case XrayMeasure::Rotation:
        return cell.largestRotation();
    }
    return 0.0;
}

struct Mean
{
    double sum = 0.0;
    std::int64_t count = 0;
    double value() const { return count > 0 ? sum / static_cast<double>(count) : 0.0; }
};

void findPlace(XrayFindings& findings, const XrayResult& result, double allChange)
{
    for (std::int64_t third = 0; third < 3; ++third) {
        const std::int64_t first = result.layers * third / 3;
        const std::int64_t end = result.layers * (third + 1) / 3;
        double part = 0.0;
        for (const XrayCell& cell : result.cells)
            if (cell.layer >= first && cell.layer < end)
                part += cell.changeNorm * cell.changeNorm;
        if (end > first && allChange > 0.0 && part / allChange > findings.shareThere) {
            findings.shareThere = part / allChange;
            findings.firstBlock = first;
            findings.lastBlock = end - 1;
        }
    }
}

void findModules(XrayFindings& findings, const XrayResult& result)
{
    std::map<std::string, Mean> means;
    for (const XrayCell& cell : result.cells) {
        means[cell.site].sum += cell.relativeChange();
        ++means[cell.site].count;
    }
    const auto isLess = [](const auto& a, const auto& b) {
        return a.second.value() < b.second.value();
    };
    const auto [least, most] = std::minmax_element(means.begin(), means.end(), isLess);
    if (means.empty())
        return;
    findings.mostMoved = most->first;
    findings.mostMean = most->second.value();
    findings.leastMoved = least->first;
    findings.leastMean = least->second.value();
}

} // namespace

XrayFindings findingsOf(const XrayResult& result, double epsilon)
{
    XrayFindings findings;
    findings.matrices = static_cast<std::int64_t>(result.cells.size());
    double change = 0.0;
    double base = 0.0;
    for (const XrayCell& cell : result.cells) {
        change += cell.changeNorm * cell.changeNorm;
        base += cell.baseNorm * cell.baseNorm;
        const std::int64_t here = cell.intruders(epsilon, result.options.k);
        findings.intruders += here;
        findings.matricesWithIntruders += here > 0 ? 1 : 0;
        findings.directions +=
            std::min(result.options.k, static_cast<std::int64_t>(cell.bestMatch.size()));
    }
    findings.relativeChange = base > 0.0 ? std::sqrt(change / base) : 0.0;
    findPlace(findings, result, change);
    findModules(findings, result);
    return findings;
}

std::vector<Figure>
figuresOf(const XrayFindings& findings, std::int64_t layers, const RunSummary* run)
{
    std::vector<Figure> figures;
    const double change = findings.relativeChange;
    figures.push_back(
        {change < 0.02      ? say(QT_TRANSLATE_NOOP("findings", "The change is small"))
             : change < 0.1 ? say(QT_TRANSLATE_NOOP("findings", "The change is moderate"))
                            : say(QT_TRANSLATE_NOOP("findings", "The change is large")),
         percent(change),
         say(QT_TRANSLATE_N_NOOP("findings", "of the weights’ size, over %n matrices"), nullptr,
             static_cast<int>(findings.matrices))});
    const bool isEven = findings.shareThere < 0.4; // a third would be 0.33
    const bool isEarly = findings.firstBlock == 0;
    const bool isLate = findings.lastBlock == layers - 1;
    figures.push_back({isEven        ? say(QT_TRANSLATE_NOOP("findings", "It is spread evenly"))
                           : isEarly ? say(QT_TRANSLATE_NOOP("findings", "It sits early"))
                           : isLate  ? say(QT_TRANSLATE_NOOP("findings", "It sits late"))
                                     : say(QT_TRANSLATE_NOOP("findings", "It sits in the middle")),
                       percent(findings.shareThere, 0),
                       say(QT_TRANSLATE_NOOP("findings", "of the change is in blocks %1 to %2"))
                           .arg(findings.firstBlock)
                           .arg(findings.lastBlock)});
    const QString most = QString::fromStdString(findings.mostMoved);
    if (findings.mostMoved == findings.leastMoved)
        figures.push_back({say(QT_TRANSLATE_NOOP("findings", "One kind of module moved")), most,
                           say(QT_TRANSLATE_NOOP("findings", "moved %1 on average"))
                               .arg(percent(findings.mostMean))});
    else
        figures.push_back(
            {say(QT_TRANSLATE_NOOP("findings", "This module moved most")), most,
             say(QT_TRANSLATE_NOOP("findings", "moved %1, %2 only %3"))
                 .arg(percent(findings.mostMean), QString::fromStdString(findings.leastMoved),
                      percent(findings.leastMean))});
    const double newShare = findings.directions > 0
        ? static_cast<double>(findings.intruders) / static_cast<double>(findings.directions)
        : 0.0;
    figures.push_back(
        {findings.intruders == 0 ? say(QT_TRANSLATE_NOOP("findings", "No direction is new"))
             : newShare < 0.05   ? say(QT_TRANSLATE_NOOP("findings", "A few directions are new"))
                                 : say(QT_TRANSLATE_NOOP("findings", "Many directions are new")),
         say(QT_TRANSLATE_NOOP("findings", "%1 of %2"))
             .arg(QLocale().toString(static_cast<qlonglong>(findings.intruders)),
                  QLocale().toString(static_cast<qlonglong>(findings.directions))),
         say(QT_TRANSLATE_NOOP("findings", "intruders, in %1 of %2 matrices"))
             .arg(findings.matricesWithIntruders)
             .arg(findings.matrices)});
    const double forgetting = run == nullptr ? std::nan("") : forgettingOf(*run);
    if (!std::isnan(forgetting)) {
        const QString rise =
            QLocale().toString(forgetting, 'f', 2).replace(QLatin1Char('-'), QChar(0x2212));
        figures.push_back(
            {forgetting < 0.1 ? say(QT_TRANSLATE_NOOP("findings", "Little was forgotten"))
                              : say(QT_TRANSLATE_NOOP("findings", "Something was forgotten")),
             say(QT_TRANSLATE_NOOP("findings", "%1 nats"))
                 .arg(forgetting >= 0.0 ? QLatin1Char('+') + rise : rise),
             say(QT_TRANSLATE_NOOP("findings", "on general text: %1 to %2"))
                 .arg(QLocale().toString(run->firstMetrics.at("general.loss"), 'f', 2),
                      QLocale().toString(run->metrics.at("general.loss"), 'f', 2))});
    }
    return figures;
}

XrayGridData gridOf(const XrayResult& result, XrayMeasure measure, double epsilon)
{
    XrayGridData data;
    data.layers = static_cast<int>(result.layers);
    for (const std::string& site : result.sites)
        data.rows << QString::fromStdString(site);
    const std::size_t cells =
        result.sites.size() * static_cast<std::size_t>(std::max<std::int64_t>(0, result.layers));
    data.values.assign(cells, std::nan(""));
    data.marks.assign(cells, 0);
    for (const XrayCell& cell : result.cells) {
        const auto row =
            std::find(result.sites.begin(), result.sites.end(), cell.site) - result.sites.begin();
        const std::size_t place =
            static_cast<std::size_t>(row) * static_cast<std::size_t>(result.layers)
            + static_cast<std::size_t>(cell.layer);
        if (cell.layer < 0 || place >= cells)
            continue;
        data.values[place] = valueOf(cell, measure, epsilon);
        data.marks[place] = static_cast<int>(cell.intruders(epsilon));
    }
    const double highest = std::accumulate(data.values.begin(), data.values.end(), 0.0,
                                           [](double a, double b) { return std::fmax(a, b); });
    const bool isPercent = measure == XrayMeasure::RelativeChange;
    data.unit = isPercent                  ? say(QT_TRANSLATE_NOOP("findings", " %"))
        : measure == XrayMeasure::Rotation ? QStringLiteral("°")
                                           : QString();
    data.digits = measure == XrayMeasure::Rotation ? 0 : isPercent && highest < 1.0 ? 3 : 1;
    data.markName = say(QT_TRANSLATE_NOOP("findings", "intruders"));
    return data;
}

} // namespace tw
