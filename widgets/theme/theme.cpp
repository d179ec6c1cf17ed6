// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/theme.h"

#include <QGuiApplication>
#include <QPalette>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

template <std::size_t N>
std::array<QColor, N> colors(const std::array<QRgb, N>& values)
{
    std::array<QColor, N> out;
    std::transform(values.begin(), values.end(), out.begin(), [](QRgb v) { return QColor(v); });
    return out;
}

Theme makeLight()
{
    Theme t;
    t.isDark = false;
    t.canvas = QColor(0xF2F3F4);
    t.panel = QColor(0xFFFFFF);
    t.raised = QColor(0xF8F9F9);
    t.rail = QColor(0xE9EBEC);
    t.hover = QColor(0xEDF0F1);
    t.quiet = QColor(0xEDEFF1);
    t.line = QColor(0xE0E3E6);
    t.grid = QColor(0xEBEDEF);
    t.edge = QColor(0xC9CED3);
    t.field = QColor(0x8C959E);
    t.ink = QColor(0x1A1E22);
    t.ink2 = QColor(0x4A525A);
    t.ink3 = QColor(0x616A73);
    t.accent = QColor(0x0B7570);
    t.accentHover = QColor(0x096560);
    t.accentPressed = QColor(0x075550);
    t.onAccent = QColor(0xFFFFFF);
    t.soft = QColor(0xDCEFED);
    t.warn = QColor(0x855300);
    t.warnSoft = QColor(0xFFF2D4);
    t.warnLine = QColor(0xE3B557);
    t.error = QColor(0xB3261E);
    t.errorSoft = QColor(0xFCEAE8);
    t.errorLine = QColor(0xE2938D);
    t.magnitudeStops =
        colors<7>({0xF2F5E8, 0xB6D9BC, 0x6ABDAD, 0x2E99A4, 0x237097, 0x2C477C, 0x272455});
    t.changeStops =
        colors<7>({0x184C8A, 0x4F86C3, 0xA9C8E6, 0xF6F6F5, 0xF5C595, 0xDB8435, 0x964006});
    t.lines = colors<6>({0x0B7570, 0xD27C0C, 0x005BA7, 0xB279BF, 0x393E46, 0x7E5D00});
    return t;
}

Theme makeDark()
{
    Theme t;
    t.isDark = true;
    t.canvas = QColor(0x131517);
    t.panel = QColor(0x1B1E21);
    t.raised = QColor(0x22262A);
    t.rail = QColor(0x0F1112);
    t.hover = QColor(0x262B2F);
    t.quiet = QColor(0x2A2F34);
    t.line = QColor(0x2D3237);
    t.grid = QColor(0x272B2F);
    t.edge = QColor(0x434A51);
    t.field = QColor(0x666E76);
    t.ink = QColor(0xE8EAEC);
    t.ink2 = QColor(0xB4BBC2);
    t.ink3 = QColor(0x959DA5);
    t.accent = QColor(0x4FC7BB);
    t.accentHover = QColor(0x6AD3C8);
    t.accentPressed = QColor(0x3BAEA3);
    t.onAccent = QColor(0x06201E);
    t.soft = QColor(0x163532);
    t.warn = QColor(0xF0B849);
    t.warnSoft = QColor(0x352A12);
    t.warnLine = QColor(0x7A5E20);
    t.error = QColor(0xFF8F85);
    t.errorSoft = QColor(0x3A1E1C);
    t.errorLine = QColor(0x7F3A35);
    t.magnitudeStops =
        colors<7>({0x20222D, 0x2E3D66, 0x2B628D, 0x2D8B9F, 0x4FB3A7, 0x93D5A0, 0xE5EDB8});
    t.changeStops =
        colors<7>({0x8FC0FA, 0x4D86C8, 0x2C4C74, 0x26292D, 0x75471F, 0xC4752E, 0xFFB976});
    t.lines = colors<6>({0x4FC7BB, 0xEA843F, 0x71B5FF, 0xB577C1, 0xE0E6E9, 0xFFE887});
    return t;
}

QColor between(const std::array<QColor, 7>& stops, double share)
{
    const double at = std::clamp(share, 0.0, 1.0) * 6.0;
    const auto lower = std::min<std::size_t>(5, static_cast<std::size_t>(at));
    const double f = at - static_cast<double>(lower);
    const QColor& a = stops[lower];
    const QColor& b = stops[lower + 1];
    const auto mix = [f](int x, int y) { return static_cast<int>(std::lround(x + f * (y - x))); };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

/// Relative luminance (WCAG 2.1).
double luminance(const QColor& color)
{
    const auto linear = [](double c) {
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

} // namespace

QColor Theme::magnitude(double share) const
{
    return between(magnitudeStops, std::isnan(share) ? 0.0 : share);
}

QColor Theme::change(double share) const
{
    return between(changeStops, std::isnan(share) ? 0.5 : (share + 1.0) / 2.0);
}

QColor Theme::series(int number) const
{
    const int index = ((number - 1) % 6 + 6) % 6;
    return lines[static_cast<std::size_t>(index)];
}

QColor Theme::textOn(const QColor& background)
{
    const QColor black(Qt::black);
    const QColor white(Qt::white);
    return contrast(black, background) > contrast(white, background) ? black : white;
}

double Theme::contrast(const QColor& a, const QColor& b)
{
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

std::vector<std::pair<QString, QColor>> Theme::tokens() const
{
    return {{QStringLiteral("canvas"), canvas},
            {QStringLiteral("panel"), panel},
            {QStringLiteral("raised"), raised},
            {QStringLiteral("rail"), rail},
            {QStringLiteral("hover"), hover},
            {QStringLiteral("quiet"), quiet},
            {QStringLiteral("line"), line},
            {QStringLiteral("grid"), grid},
            {QStringLiteral("edge"), edge},
            {QStringLiteral("field"), field},
            {QStringLiteral("ink"), ink},
            {QStringLiteral("ink2"), ink2},
            {QStringLiteral("ink3"), ink3},
            {QStringLiteral("accent"), accent},
            {QStringLiteral("accentHover"), accentHover},
            {QStringLiteral("accentPressed"), accentPressed},
            {QStringLiteral("onAccent"), onAccent},
            {QStringLiteral("soft"), soft},
            {QStringLiteral("warn"), warn},
            {QStringLiteral("warnSoft"), warnSoft},
            {QStringLiteral("warnLine"), warnLine},
            {QStringLiteral("error"), error},
            {QStringLiteral("errorSoft"), errorSoft},
            {QStringLiteral("errorLine"), errorLine}};
}

const Theme& Theme::light()
{
    static const Theme theme = makeLight();
    return theme;
}

const Theme& Theme::dark()
{
    static const Theme theme = makeDark();
    return theme;
}

const Theme& Theme::current()
{
    return QGuiApplication::palette().color(QPalette::Window).lightness() < 128 ? dark() : light();
}

} // namespace tw
