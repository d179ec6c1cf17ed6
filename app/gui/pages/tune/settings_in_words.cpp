// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/settings_in_words.h"

#include "app/gui/words.h"

#include <QCoreApplication>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace tw {
namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("settings", words);
}

const PluginInfo* find(const std::vector<PluginInfo>& methods, const std::string& id)
{
    const auto found = std::find_if(methods.begin(), methods.end(),
                                    [&](const PluginInfo& info) { return info.id == id; });
    return found == methods.end() ? nullptr : &*found;
}

/// 1 of "adaptations[1].settings.rank"; of another field: more than there can be.
std::size_t adaptationOf(const std::string& field)
{
    constexpr std::string_view kList = "adaptations[";
    auto index = std::string::npos;
    if (field.starts_with(kList))
        std::from_chars(field.data() + kList.size(), field.data() + field.size(), index);
    return index;
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
                                                const std::vector<PluginInfo>& methods)
{
    Experiment plain;
    plain.name = experiment.name;
    plain.model = experiment.model;
    plain.train = experiment.train;
    plain.heldOut = experiment.heldOut;
    plain.general = experiment.general;
    plain.system = experiment.system;
    plain.adaptations = experiment.adaptations;
    Experiment full = experiment; // absent settings have their defaults
    for (std::size_t i = 0; i < full.adaptations.size(); ++i) {
        plain.adaptations[i].settings.clear();
        const PluginInfo* method = find(methods, full.adaptations[i].method);
        for (const ParamSpec& spec :
             method == nullptr ? std::vector<ParamSpec> {} : method->params) {
            plain.adaptations[i].settings[spec.id] = spec.defaultValue;
            full.adaptations[i].settings.try_emplace(spec.id, spec.defaultValue);
        }
    }
    std::vector<FieldDifference> found = differences(plain, full);
    for (FieldDifference& difference : found) {
        const std::size_t owner = adaptationOf(difference.field);
        const PluginInfo* method = owner < full.adaptations.size()
            ? find(methods, full.adaptations[owner].method)
            : nullptr;
        difference.field = fieldInWords(difference.field, method).toStdString();
    }
    return found;
}

} // namespace tw
