// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/value_table.h"

#include "widgets/theme/type.h"

#include <QPainter>

namespace tw {
namespace {

constexpr int kPadding = 8;
constexpr int kMark = 12; // length of the line's sample
constexpr int kColumnGap = 16;

QFont strong(QFont font)
{
    font.setWeight(QFont::DemiBold);
    return font;
}

} // namespace

ValueTable::ValueTable(QWidget* parent)
    : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
}

void ValueTable::setColors(const Theme& colors)
{
    m_colors = colors;
    update();
}

void ValueTable::setContent(const QString& title,
                            const QStringList& columns,
                            const std::vector<Row>& rows)
{
    m_title = title;
    m_columns = columns;
    m_rows = rows;
    resize(sizeHint());
    update();
}

QString ValueTable::sentence() const
{
    QStringList parts {m_title};
    for (const Row& row : m_rows)
        for (qsizetype i = 0; i < row.values.size(); ++i)
            if (!row.values[i].isEmpty())
                parts << tr("%1 %2 %3").arg(row.name, m_columns.value(i), row.values[i]);
    return parts.join(QStringLiteral("; "));
}

int ValueTable::nameWidth() const
{
    const QFontMetrics metrics(textFont(TextType::Caption));
    int width = QFontMetrics(strong(textFont(TextType::Caption))).horizontalAdvance(m_title);
    for (const Row& row : m_rows)
        width = std::max(width, kMark + kPadding + metrics.horizontalAdvance(row.name));
    return width;
}

int ValueTable::columnWidth(int column) const
{
    const QFontMetrics metrics(textFont(TextType::Caption));
    int width = metrics.horizontalAdvance(m_columns.value(column));
    for (const Row& row : m_rows)
        width = std::max(width, metrics.horizontalAdvance(row.values.value(column)));
    return width;
}

QSize ValueTable::sizeHint() const
{
    int width = 2 * kPadding + nameWidth();
    for (int i = 0; i < m_columns.size(); ++i)
        width += kColumnGap + columnWidth(i);
    const int line = QFontMetrics(textFont(TextType::Caption)).height() + 2;
    return {width + 2, 2 * kPadding + line * (1 + static_cast<int>(m_rows.size()))};
}

void ValueTable::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_colors.edge);
    painter.setBrush(m_colors.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);

    const QFont caption = textFont(TextType::Caption);
    const int line = QFontMetrics(caption).height() + 2;
    const int names = nameWidth();
    const auto cells = [&](const QStringList& texts, int y) {
        int x = kPadding + names;
        for (int i = 0; i < m_columns.size(); ++i) {
            x += kColumnGap + columnWidth(i);
            painter.drawText(QRect(x - columnWidth(i), y, columnWidth(i), line),
                             Qt::AlignRight | Qt::AlignVCenter, texts.value(i));
        }
    };
    painter.setFont(strong(caption));
    painter.setPen(m_colors.ink);
    painter.drawText(QRect(kPadding, kPadding, names, line), Qt::AlignVCenter, m_title);
    painter.setFont(caption);
    painter.setPen(m_colors.ink3);
    cells(m_columns, kPadding);
    int y = kPadding;
    for (const Row& row : m_rows) {
        y += line;
        painter.setPen(QPen(row.color, 2));
        painter.drawLine(kPadding, y + line / 2, kPadding + kMark, y + line / 2);
        painter.setPen(m_colors.ink);
        painter.drawText(QRect(2 * kPadding + kMark, y, names, line), Qt::AlignVCenter, row.name);
        cells(row.values, y);
    }
}

} // namespace tw
