// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/words.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <map>

namespace tw {
namespace {

QString ofRuns(const char* words)
{
    return QCoreApplication::translate("runs", words);
}

/// Every field of the document but those of plug-ins, which have titles of their own.
const std::map<QString, const char*>& fieldNames()
{
    static const std::map<QString, const char*> names {
        {QStringLiteral("name"), QT_TRANSLATE_NOOP("settings", "Name")},
        {QStringLiteral("model"), QT_TRANSLATE_NOOP("settings", "Model")},
        {QStringLiteral("train.path"), QT_TRANSLATE_NOOP("settings", "Training data")},
        {QStringLiteral("train.where"), QT_TRANSLATE_NOOP("settings", "Training rows with")},
        {QStringLiteral("train.limit"), QT_TRANSLATE_NOOP("settings", "Training rows, at most")},
        {QStringLiteral("heldOut.path"), QT_TRANSLATE_NOOP("settings", "Held-out data")},
        {QStringLiteral("heldOut.where"), QT_TRANSLATE_NOOP("settings", "Held-out rows with")},
        {QStringLiteral("heldOut.limit"), QT_TRANSLATE_NOOP("settings", "Held-out rows, at most")},
        {QStringLiteral("heldOutShare"), QT_TRANSLATE_NOOP("settings", "Held-out share")},
        {QStringLiteral("general.path"), QT_TRANSLATE_NOOP("settings", "General text")},
        {QStringLiteral("general.limit"),
         QT_TRANSLATE_NOOP("settings", "Rows of general text, at most")},
        {QStringLiteral("layout"), QT_TRANSLATE_NOOP("settings", "Template")},
        {QStringLiteral("system"), QT_TRANSLATE_NOOP("settings", "System prompt")},
        {QStringLiteral("maxLength"), QT_TRANSLATE_NOOP("settings", "Length")},
        {QStringLiteral("groupByLength"), QT_TRANSLATE_NOOP("settings", "Group by length")},
        {QStringLiteral("shuffle"), QT_TRANSLATE_NOOP("settings", "Shuffle rows")},
        {QStringLiteral("objective.method"), QT_TRANSLATE_NOOP("settings", "Goal")},
        {QStringLiteral("optimizer.method"), QT_TRANSLATE_NOOP("settings", "Optimiser")},
        {QStringLiteral("optimizer.settings.learningRate"),
         QT_TRANSLATE_NOOP("settings", "Learning rate")},
        {QStringLiteral("schedule.method"), QT_TRANSLATE_NOOP("settings", "Schedule")},
        {QStringLiteral("steps"), QT_TRANSLATE_NOOP("settings", "Steps")},
        {QStringLiteral("batchRows"), QT_TRANSLATE_NOOP("settings", "Rows a step")},
        {QStringLiteral("accumulation"), QT_TRANSLATE_NOOP("settings", "Passes a step")},
        {QStringLiteral("evaluateEvery"), QT_TRANSLATE_NOOP("settings", "Evaluate every")},
        {QStringLiteral("checkpointEvery"), QT_TRANSLATE_NOOP("settings", "Save every")},
        {QStringLiteral("keepCheckpoints"), QT_TRANSLATE_NOOP("settings", "Keep")},
        {QStringLiteral("seed"), QT_TRANSLATE_NOOP("settings", "Seed")},
        {QStringLiteral("device"), QT_TRANSLATE_NOOP("settings", "Device")},
        {QStringLiteral("threads"), QT_TRANSLATE_NOOP("settings", "Threads")},
    };
    return names;
}

/// "warmupSteps" -> "Warmup steps": of a setting whose plug-in is not at hand.
QString spaced(const QString& camel)
{
    QString words;
    for (const QChar c : camel) {
        if (c.isUpper() && !words.isEmpty())
            words += QLatin1Char(' ');
        words += words.isEmpty() ? c.toUpper() : c.toLower();
    }
    return words;
}

} // namespace

QString number(double value, int digits)
{
    if (std::isnan(value))
        return {};
    return QLocale().toString(value, 'f', digits).replace(QLatin1Char('-'), QChar(0x2212));
}

QString number(std::int64_t value)
{
    return QLocale().toString(static_cast<qlonglong>(value));
}

QString signedNumber(double value, int digits)
{
    const QString text = number(value, digits);
    return value > 0.0 ? QLatin1Char('+') + text : text;
}

QString stateInWords(RunState state)
{
    switch (state) {
    case RunState::Queued:
        return ofRuns(QT_TRANSLATE_NOOP("runs", "queued"));
    case RunState::Running:
        return ofRuns(QT_TRANSLATE_NOOP("runs", "running"));
    case RunState::Paused:
        return ofRuns(QT_TRANSLATE_NOOP("runs", "paused"));
    case RunState::Finished:
        return ofRuns(QT_TRANSLATE_NOOP("runs", "finished"));
    case RunState::Stopped:
        return ofRuns(QT_TRANSLATE_NOOP("runs", "stopped"));
    case RunState::Failed:
        return ofRuns(QT_TRANSLATE_NOOP("runs", "failed"));
    case RunState::Interrupted:
        return ofRuns(QT_TRANSLATE_NOOP("runs", "interrupted"));
    }
    return {};
}

QString stateIcon(RunState state)
{
    switch (state) {
    case RunState::Queued:
        return QStringLiteral("clock");
    case RunState::Running:
        return QStringLiteral("play");
    case RunState::Paused:
        return QStringLiteral("pause");
    case RunState::Finished:
        return QStringLiteral("check");
    case RunState::Stopped:
        return QStringLiteral("stop");
    case RunState::Failed:
        return QStringLiteral("error");
    case RunState::Interrupted:
        return QStringLiteral("warn");
    }
    return {};
}

QString durationInWords(double seconds)
{
    const auto total = static_cast<qint64>(std::llround(std::max(0.0, seconds)));
    const auto two = [](qint64 value) {
        return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0'));
    };
    if (total < 3600)
        return QStringLiteral("%1:%2").arg(total / 60).arg(two(total % 60));
    return QStringLiteral("%1:%2:%3").arg(total / 3600).arg(two(total / 60 % 60), two(total % 60));
}

QString timeInWords(const std::string& iso8601)
{
    const QDateTime time =
        QDateTime::fromString(QString::fromStdString(iso8601), Qt::ISODate).toLocalTime();
    if (!time.isValid())
        return QString::fromStdString(iso8601);
    const QString clock = QLocale().toString(time.time(), QStringLiteral("HH:mm"));
    const qint64 days = time.date().daysTo(QDate::currentDate());
    if (days == 0)
        return QCoreApplication::translate("runs", "today %1").arg(clock);
    if (days == 1)
        return QCoreApplication::translate("runs", "yesterday %1").arg(clock);
    return QLocale().toString(time.date(), QLocale::ShortFormat);
}

double forgettingOf(const RunSummary& run)
{
    const auto before = run.firstMetrics.find("general.loss");
    const auto after = run.metrics.find("general.loss");
    if (before == run.firstMetrics.end() || after == run.metrics.end())
        return std::nan("");
    return after->second - before->second;
}

QString roughDurationInWords(double seconds)
{
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole < 60)
        return ofRuns(QT_TRANSLATE_NOOP("runs", "%1 s")).arg(whole);
    if (whole < 3600)
        return ofRuns(QT_TRANSLATE_NOOP("runs", "%1 min %2 s")).arg(whole / 60).arg(whole % 60);
    return ofRuns(QT_TRANSLATE_NOOP("runs", "%1 h %2 min"))
        .arg(whole / 3600)
        .arg(whole % 3600 / 60);
}

QString fieldInWords(const std::string& field, const PluginInfo* method)
{
    const QString path = QString::fromStdString(field);
    if (const auto found = fieldNames().find(path); found != fieldNames().end())
        return QCoreApplication::translate("settings", found->second);
    if (const auto sites = path.indexOf(QStringLiteral("sites.")); sites >= 0)
        return path.mid(sites + 6);
    const QString last = path.section(QLatin1Char('.'), -1);
    if (path.contains(QStringLiteral(".roles.")))
        return QCoreApplication::translate("settings", "Role of the column %1").arg(last);
    const bool isOfMethod = path.startsWith(QStringLiteral("adaptations"));
    if (isOfMethod && last == QStringLiteral("method"))
        return QCoreApplication::translate("settings", "Method");
    if (isOfMethod && method != nullptr) {
        for (const ParamSpec& spec : method->params) {
            if (spec.id == last.toStdString())
                return QCoreApplication::translate(method->id.c_str(), spec.title.c_str());
        }
    }
    return spaced(last);
}

} // namespace tw
