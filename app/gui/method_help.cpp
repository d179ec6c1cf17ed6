// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/method_help.h"

#include "widgets/form/number_field.h"

#include <QCoreApplication>

#include <algorithm>

namespace tw {
namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("help", words);
}

QString defaultOf(const ParamSpec& spec, const QByteArray& context)
{
    if (const auto* isOn = std::get_if<bool>(&spec.defaultValue))
        return *isOn ? say(QT_TRANSLATE_NOOP("help", "on")) : say(QT_TRANSLATE_NOOP("help", "off"));
    if (const auto* real = std::get_if<double>(&spec.defaultValue))
        return NumberField::shortest(*real);
    const std::string text = toText(spec.defaultValue);
    for (const ParamSpec::Choice& choice : spec.choices) {
        if (choice.id == text)
            return QCoreApplication::translate(context.constData(), choice.title.c_str());
    }
    return text.empty() ? say(QT_TRANSLATE_NOOP("help", "none")) : QString::fromStdString(text);
}

/// "- **Rank**: 8. From 1 to 1024. Width of the update ... (PEFT's default)"
QString lineOf(const ParamSpec& spec, const QByteArray& context)
{
    const auto translated = [&](const std::string& words) {
        return QCoreApplication::translate(context.constData(), words.c_str());
    };
    QString line = say(QT_TRANSLATE_NOOP("help", "- **%1**: %2 unless you change it."))
                       .arg(translated(spec.title), defaultOf(spec, context));
    if (spec.maximum > spec.minimum)
        line += QLatin1Char(' ')
            + say(QT_TRANSLATE_NOOP("help", "From %1 to %2."))
                  .arg(NumberField::shortest(spec.minimum), NumberField::shortest(spec.maximum));
    line += QLatin1Char(' ') + translated(spec.help);
    if (!spec.source.empty())
        line += QStringLiteral(" *(%1)*").arg(translated(spec.source));
    return line + QLatin1Char('\n');
}

} // namespace

QString methodHelp(const PluginInfo& method)
{
    const QByteArray context = QByteArray::fromStdString(method.id);
    QString words(QLatin1Char('\n'));
    if (!method.params.empty())
        words += QStringLiteral("\n## %1\n\n").arg(say(QT_TRANSLATE_NOOP("help", "Settings")));
    for (const ParamSpec& spec : method.params)
        words += lineOf(spec, context);
    QStringList sites;
    for (const std::string& site : method.sites)
        sites << QString::fromStdString(site);
    if (!sites.isEmpty())
        words += QStringLiteral("\n## %1\n\n%2\n")
                     .arg(say(QT_TRANSLATE_NOOP("help", "Where it can sit")),
                          sites.join(QStringLiteral(", ")));
    if (!method.paper.empty())
        words += QStringLiteral("\n*%1*\n")
                     .arg(say(QT_TRANSLATE_NOOP("help", "Source: %1"))
                              .arg(QString::fromStdString(method.paper)));
    if (method.isReimplemented)
        words += QStringLiteral("\n%1\n").arg(
            say(QT_TRANSLATE_NOOP("help",
                                  "Reimplemented from the paper: its authors published no code to "
                                  "compare with.")));
    return words;
}

QString methodHelp(const std::vector<PluginInfo>& plugins, const QString& name)
{
    const auto found = std::find_if(plugins.begin(), plugins.end(), [&](const PluginInfo& info) {
        return info.kind == "adaptation" && info.id == name.toStdString();
    });
    return found == plugins.end() ? QString() : methodHelp(*found);
}

} // namespace tw
