// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/form/number_field.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyle>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr double kTiny = 1e-3; // below, powers of ten read better than zeros

} // namespace

NumberField::NumberField(const QString& what, const QString& unit, QWidget* parent)
    : QLineEdit(parent)
{
    setAccessibleName(what);
    setUnit(unit);
    connect(this, &QLineEdit::textEdited, this, &NumberField::typed);
    connect(this, &QLineEdit::editingFinished, this, [this] {
        setValue(m_value); // what was no number goes back to the last good one
    });
}

void NumberField::setUnit(const QString& unit)
{
    m_unit = unit;
    const int room = unit.isEmpty() ? 0 : fontMetrics().horizontalAdvance(unit) + px(8);
    setTextMargins(0, 0, room, 0);
    update();
}

void NumberField::setRange(double lowest, double highest, bool isInteger)
{
    m_lowest = lowest;
    m_highest = highest;
    m_isInteger = isInteger;
}

void NumberField::setValue(double value)
{
    m_value = value;
    m_isValid = true;
    const QString shown = shortest(value);
    if (text() != shown)
        setText(shown);
}

void NumberField::setMarked(const QString& problem)
{
    if (property("problem").toString() == problem)
        return;
    setProperty("problem", problem);
    style()->unpolish(this);
    style()->polish(this);
}

QString NumberField::shortest(double value)
{
    const double size = std::abs(value);
    if (value == 0.0 || size >= kTiny) {
        const bool isWhole = value == std::floor(value) && size < 1e15;
        return isWhole ? QString::number(value, 'f', 0) : QString::number(value, 'g', 6);
    }
    QString text = QString::number(value, 'e', 5);
    const auto e = text.indexOf(QLatin1Char('e'));
    QString mantissa = text.left(e);
    while (mantissa.contains(QLatin1Char('.'))
           && (mantissa.endsWith(QLatin1Char('0')) || mantissa.endsWith(QLatin1Char('.')))) {
        const bool isPoint = mantissa.endsWith(QLatin1Char('.'));
        mantissa.chop(1);
        if (isPoint)
            break;
    }
    return QStringLiteral("%1e%2").arg(mantissa).arg(text.mid(e + 1).toInt());
}

QSize NumberField::sizeHint() const
{
    QSize hint = QLineEdit::sizeHint();
    hint.setWidth(px(100));
    return hint;
}

void NumberField::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    if (m_unit.isEmpty())
        return;
    QPainter painter(this);
    painter.setFont(font());
    painter.setPen(Theme::current().ink3);
    painter.drawText(rect().adjusted(0, 0, -px(9), 0), Qt::AlignRight | Qt::AlignVCenter, m_unit);
}

void NumberField::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)
        return step(event->key() == Qt::Key_Up);
    QLineEdit::keyPressEvent(event);
}

void NumberField::typed()
{
    QString words = text().trimmed();
    words.replace(QLatin1Char(','), QLatin1Char('.'));
    bool isNumber = false;
    const double value = words.toDouble(&isNumber);
    const bool isWhole = !m_isInteger || value == std::floor(value);
    const bool isInRange = m_highest <= m_lowest || (value >= m_lowest && value <= m_highest);
    m_isValid = isNumber && std::isfinite(value) && isWhole && isInRange;
    if (m_isValid) {
        m_value = value;
        Q_EMIT edited(value);
    } else if (!isNumber) {
        Q_EMIT refused(tr("This is not a number."));
    } else if (!isWhole) {
        Q_EMIT refused(tr("A whole number is needed."));
    } else {
        Q_EMIT refused(tr("From %1 to %2.").arg(shortest(m_lowest), shortest(m_highest)));
    }
}

void NumberField::step(bool isUp)
{
    double next = m_value;
    if (m_isInteger) {
        next += isUp ? 1.0 : -1.0;
    } else {
        // One unit of the leading digit: 2e-4 goes to 3e-4, 0.05 to 0.06.
        const double place = m_value == 0.0
            ? 0.01
            : std::pow(10.0, std::floor(std::log10(std::abs(m_value)) + 1e-9));
        next = std::round(m_value / place + (isUp ? 1.0 : -1.0)) * place;
        if (next == 0.0 && m_lowest > 0.0)
            next = 0.9 * place;
    }
    if (m_highest > m_lowest)
        next = std::clamp(next, m_lowest, m_highest);
    if (next == m_value)
        return;
    setValue(next);
    Q_EMIT edited(next);
}

} // namespace tw
