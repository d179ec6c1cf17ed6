// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/data/counter_row.h"

#include "widgets/basic/panel.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QPainter>

namespace tw {

/// One counter: a large number over its caption.
class CounterCell final : public QAbstractButton
{
public:
    CounterCell(Counter counter, QWidget* parent)
        : QAbstractButton(parent)
        , m_counter(std::move(counter))
    {
        setEnabled(m_counter.isClickable);
        setCheckable(true);
        setFocusPolicy(m_counter.isClickable ? Qt::StrongFocus : Qt::NoFocus);
        setAccessibleName(m_counter.value + QLatin1Char(' ') + m_counter.caption);
        setAttribute(Qt::WA_Hover);
        if (m_counter.isClickable)
            setCursor(Qt::PointingHandCursor);
    }
    QSize sizeHint() const override
    {
        const QFontMetrics figure(textFont(TextType::Figure));
        const QFontMetrics table(textFont(TextType::Table));
        const int width = qMax(figure.horizontalAdvance(m_counter.value) + px(8)
                                   + table.horizontalAdvance(m_counter.beside),
                               table.horizontalAdvance(m_counter.caption));
        return {width + px(26), px(58)};
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::current();
        QPainter painter(this);
        if (isChecked() || (underMouse() && isEnabled()))
            painter.fillRect(rect(), isChecked() ? theme.soft : theme.hover);
        const QColor ink = m_counter.tone == Counter::Tone::Error ? theme.error
            : m_counter.tone == Counter::Tone::Warn               ? theme.warn
                                                                  : theme.ink;
        painter.setFont(textFont(TextType::Figure));
        painter.setPen(ink);
        const QRect upper(px(12), px(8), width() - px(16), px(24));
        painter.drawText(upper, Qt::AlignLeft | Qt::AlignVCenter, m_counter.value);
        const int x = painter.fontMetrics().horizontalAdvance(m_counter.value) + px(7);
        painter.setFont(textFont(TextType::Caption));
        painter.setPen(theme.ink3);
        painter.drawText(upper.adjusted(x, px(2), 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         m_counter.beside);
        painter.setFont(textFont(TextType::Table));
        painter.setPen(theme.ink2);
        painter.drawText(QRect(px(12), px(32), width() - px(14), px(18)),
                         Qt::AlignLeft | Qt::AlignVCenter, m_counter.caption);
        if (hasFocus()) {
            painter.setPen(QPen(theme.accent, 2));
            painter.drawRect(rect().adjusted(1, 1, -1, -1));
        }
    }

private:
    Counter m_counter;
};

CounterRow::CounterRow(QWidget* parent)
    : QWidget(parent)
    , m_row(new QHBoxLayout(this))
{
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(0);
    setAccessibleName(tr("Counters over all rows"));
}

void CounterRow::setCounters(const std::vector<Counter>& counters)
{
    if (counters == m_counters)
        return;
    m_counters = counters;
    m_cells.clear();
    while (QLayoutItem* item = m_row->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (std::size_t i = 0; i < counters.size(); ++i) {
        if (i > 0)
            m_row->addWidget(makeLine(Qt::Vertical, this));
        auto* cell = new CounterCell(counters[i], this);
        cell->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        connect(cell, &QAbstractButton::clicked, this,
                [this, i] { Q_EMIT clicked(static_cast<int>(i)); });
        m_row->addWidget(cell, 1);
        m_cells.push_back(cell);
    }
}

void CounterRow::setCurrent(int index)
{
    for (std::size_t i = 0; i < m_cells.size(); ++i)
        m_cells[i]->setChecked(static_cast<int>(i) == index);
}

} // namespace tw
