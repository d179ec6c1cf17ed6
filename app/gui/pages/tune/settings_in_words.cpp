// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/settings_in_words.h"

#include "core/base/error.h"

#include <QCoreApplication>
#include <QSaveFile>

#include <map>

namespace tw {
namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("settings", words);
}

/// Name of a field of the document, as the page calls it.
QString fieldInWords(const std::string& field, const PluginInfo* method)
{
    static const std::map<std::string, const char*> names {
        {"steps", QT_TRANSLATE_NOOP("settings", "Steps")},
        {"batchRows", QT_TRANSLATE_NOOP("settings", "Rows a step")},
        {"maxLength", QT_TRANSLATE_NOOP("settings", "Length")},
        {"seed", QT_TRANSLATE_NOOP("settings", "Seed")},
        {"accumulation", QT_TRANSLATE_NOOP("settings", "Passes a step")},
        {"evaluateEvery", QT_TRANSLATE_NOOP("settings", "Evaluate every")},
        {"checkpointEvery", QT_TRANSLATE_NOOP("settings", "Save every")},
        {"keepCheckpoints", QT_TRANSLATE_NOOP("settings", "Keep")},
        {"threads", QT_TRANSLATE_NOOP("settings", "Threads")},
        {"layout", QT_TRANSLATE_NOOP("settings", "Template")},
        {"heldOutShare", QT_TRANSLATE_NOOP("settings", "Held-out share")},
        {"groupByLength", QT_TRANSLATE_NOOP("settings", "Group by length")},
        {"optimizer.settings.learningRate", QT_TRANSLATE_NOOP("settings", "Learning rate")},
    };
    if (const auto found = names.find(field); found != names.end())
        return say(found->second);
    const std::string last = field.substr(field.rfind('.') + 1);
    if (method != nullptr && field.find("settings.") != std::string::npos) {
        for (const ParamSpec& spec : method->params) {
            if (spec.id == last)
                return QCoreApplication::translate(method->id.c_str(), spec.title.c_str());
        }
    }
    const auto sites = field.find("sites.");
    return QString::fromStdString(sites == std::string::npos ? last : field.substr(sites + 6));
}

} // namespace

std::vector<std::pair<QString, QString>> layouts()
{
    return {{QStringLiteral("chat"), say(QT_TRANSLATE_NOOP("settings", "model's own template"))},
            {QStringLiteral("chatml"), say(QT_TRANSLATE_NOOP("settings", "ChatML"))},
            {QStringLiteral("alpaca"), say(QT_TRANSLATE_NOOP("settings", "Alpaca"))},
            {QStringLiteral("plain"), say(QT_TRANSLATE_NOOP("settings", "plain text"))}};
}

QString layoutInWords(const std::string& layout)
{
    for (const auto& [id, words] : layouts()) {
        if (id.toStdString() == layout)
            return words;
    }
    return QString::fromStdString(layout);
}

std::vector<FieldDifference> differencesInWords(const Experiment& experiment,
                                                const PluginInfo* method)
{
    Experiment plain;
    plain.name = experiment.name;
    plain.model = experiment.model;
    plain.train = experiment.train;
    plain.heldOut = experiment.heldOut;
    plain.general = experiment.general;
    plain.system = experiment.system;
    plain.adaptations = experiment.adaptations;
    for (AdaptationChoice& choice : plain.adaptations) {
        choice.settings.clear(); // absent settings have their defaults
        if (method == nullptr)
            continue;
        for (const ParamSpec& spec : method->params)
            choice.settings[spec.id] = spec.defaultValue;
    }
    Experiment full = experiment;
    for (AdaptationChoice& choice : full.adaptations) {
        for (const ParamSpec& spec : method == nullptr ? std::vector<ParamSpec> {} : method->params)
            choice.settings.try_emplace(spec.id, spec.defaultValue);
    }
    std::vector<FieldDifference> found = differences(plain, full);
    for (FieldDifference& difference : found)
        difference.field = fieldInWords(difference.field, method).toStdString();
    return found;
}

void writeFile(const QString& file, const QByteArray& bytes)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        throw Error("Cannot write " + file.toStdString() + ": " + out.errorString().toStdString()
                        + ".",
                    "Choose another folder.");
}

} // namespace tw
