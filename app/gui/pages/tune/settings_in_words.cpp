// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/settings_in_words.h"

#include "app/gui/words.h"
#include <QCoreApplication>

namespace tw {
namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("settings", words);
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

} // namespace tw
