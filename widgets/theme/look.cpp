// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/look.h"

#include "widgets/theme/focus_ring.h"
#include "widgets/theme/look_style.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QApplication>
#include <QFile>
#include <QPalette>
#include <QRegularExpression>

// Resources of a static library are linked only where somebody asks for them (outside of any
// namespace).
static void loadResources()
{
    Q_INIT_RESOURCE(tunewright);
}

namespace tw {
namespace {

QPalette paletteOf(const Theme& t)
{
    QPalette p;
    p.setColor(QPalette::Window, t.canvas);
    p.setColor(QPalette::WindowText, t.ink);
    p.setColor(QPalette::Base, t.panel);
    p.setColor(QPalette::AlternateBase, t.raised);
    p.setColor(QPalette::Text, t.ink);
    p.setColor(QPalette::Button, t.panel);
    p.setColor(QPalette::ButtonText, t.ink);
    p.setColor(QPalette::BrightText, t.error);
    p.setColor(QPalette::Highlight, t.soft);
    p.setColor(QPalette::HighlightedText, t.ink);
    p.setColor(QPalette::ToolTipBase, t.ink);
    p.setColor(QPalette::ToolTipText, t.panel);
    p.setColor(QPalette::PlaceholderText, t.ink3);
    p.setColor(QPalette::Link, t.accent);
    p.setColor(QPalette::LinkVisited, t.accent);
    p.setColor(QPalette::Light, t.line);
    p.setColor(QPalette::Midlight, t.line);
    p.setColor(QPalette::Mid, t.edge);
    p.setColor(QPalette::Dark, t.field);
    p.setColor(QPalette::Shadow, t.line);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.ink3);
    return p;
}

/// Fills resources/look.qss: "@ink2" is a colour, "@px(12)" a length, "@font(caption)" a size with
/// its weight.
QString sheetOf(const Theme& theme)
{
    QFile file(QStringLiteral(":/look.qss"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString sheet = QString::fromUtf8(file.readAll());
    static const QRegularExpression length(QStringLiteral(R"(@px\(([0-9.]+)\))"));
    for (auto match = length.match(sheet); match.hasMatch(); match = length.match(sheet))
        sheet.replace(match.captured(0),
                      QStringLiteral("%1px").arg(px(match.captured(1).toDouble())));
    const std::pair<QString, TextType> fonts[] = {
        {QStringLiteral("title"), TextType::Title},
        {QStringLiteral("figure"), TextType::Figure},
        {QStringLiteral("section"), TextType::Section},
        {QStringLiteral("body"), TextType::Body},
        {QStringLiteral("strong"), TextType::BodyStrong},
        {QStringLiteral("table"), TextType::Table},
        {QStringLiteral("tableStrong"), TextType::TableStrong},
        {QStringLiteral("caption"), TextType::Caption}};
    for (const auto& [name, type] : fonts) {
        const QFont font = textFont(type);
        sheet.replace(QStringLiteral("@font(%1)").arg(name),
                      QStringLiteral("font-size: %1px; font-weight: %2")
                          .arg(font.pixelSize())
                          .arg(int(font.weight())));
    }
    static const QRegularExpression token(QStringLiteral("@([A-Za-z0-9]+)"));
    std::map<QString, QString> colors;
    for (const auto& [name, color] : theme.tokens())
        colors[name] = color.name();
    for (auto match = token.match(sheet); match.hasMatch();
         match = token.match(sheet, match.capturedStart() + 1)) {
        const auto found = colors.find(match.captured(1));
        Q_ASSERT(found != colors.end());
        sheet.replace(match.capturedStart(), match.capturedLength(), found->second);
    }
    return sheet;
}

} // namespace

void applyLook(QApplication& application, LookMode mode)
{
    loadResources();
    static const bool isSystemDark =
        QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
    const bool isDark = mode == LookMode::Dark || (mode == LookMode::System && isSystemDark);
    if (application.findChild<FocusRing*>() == nullptr) {
        QApplication::setStyle(new LookStyle);
        application.installEventFilter(new FocusRing(&application));
    }
    const Theme& theme = isDark ? Theme::dark() : Theme::light();
    QApplication::setPalette(paletteOf(theme));
    application.setStyleSheet(sheetOf(theme));
}

} // namespace tw
