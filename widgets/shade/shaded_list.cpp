// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shade/shaded_list.h"

#include "widgets/theme/type.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr int kLeft = 44; // px at 100 %: number and its margin
constexpr int kRight = 76; // the score
constexpr int kAbove = 8;

} // namespace

ShadedList::ShadedList(QWidget* parent)
    : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    setAccessibleName(tr("Texts, each token shaded by its contrast"));
}

void ShadedList::setRows(std::vector<ShadedRow> rows)
{
    m_rows = std::move(rows);
    m_row = -1;
    m_token = -1;
    place();
    viewport()->update();
}

void ShadedList::addRows(std::vector<ShadedRow> rows)
{
    if (rows.empty())
        return;
    const std::size_t known = m_rows.size();
    m_rows.insert(m_rows.end(), std::make_move_iterator(rows.begin()),
                  std::make_move_iterator(rows.end()));
    placeFrom(known);
    viewport()->update();
}

QString ShadedList::plainText() const
{
    QString text;
    for (const ShadedRow& row : m_rows) {
        for (const ShadedToken& token : row.tokens)
            text += token.text;
        text += QLatin1Char('\n');
    }
    return text;
}

void ShadedList::place()
{
    m_places.clear();
    placeFrom(0);
}

void ShadedList::placeFrom(std::size_t first)
{
    const QFont font = textFont(TextType::Body);
    const double width = std::max(px(80), viewport()->width() - px(kLeft + kRight));
    double top = m_places.empty() ? 0.0 : m_places.back().top + m_places.back().height;
    for (std::size_t i = first; i < m_rows.size(); ++i) {
        Place place {layOutShaded(m_rows[i].tokens, width, font), top, 0.0};
        place.height = place.layout.height + 2 * px(kAbove) + 1;
        top += place.height;
        m_places.push_back(std::move(place));
    }
    m_height = top;
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(px(24));
    verticalScrollBar()->setRange(
        0, std::max(0, static_cast<int>(std::ceil(m_height)) - viewport()->height()));
}

void ShadedList::paintEvent(QPaintEvent* /*event*/)
{
    const Theme& theme = Theme::current();
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(viewport()->rect(), theme.panel);
    const double offset = verticalScrollBar()->value();
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const Place& place = m_places[i];
        const double top = place.top - offset;
        if (top + place.height < 0 || top > viewport()->height())
            continue;
        painter.setFont(textFont(TextType::Caption));
        painter.setPen(theme.ink3);
        const double line = px(24);
        painter.drawText(QRectF(px(16), top + px(kAbove), px(kLeft - 16), line),
                         Qt::AlignLeft | Qt::AlignVCenter, QString::number(i + 1));
        painter.setFont(textFont(TextType::TableStrong));
        painter.setPen(theme.ink);
        drawTabular(
            painter,
            QRectF(viewport()->width() - px(kRight), top + px(kAbove), px(kRight - 16), line),
            Qt::AlignRight | Qt::AlignVCenter, m_rows[i].score);
        painter.setFont(textFont(TextType::Body));
        drawShaded(painter, QPointF(px(kLeft), top + px(kAbove)), m_rows[i].tokens, place.layout,
                   theme, static_cast<int>(i) == m_row ? m_token : -1);
        painter.fillRect(QRectF(0, top + place.height - 1, viewport()->width(), 1), theme.grid);
    }
}

void ShadedList::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    place();
}

void ShadedList::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange)
        place();
    QAbstractScrollArea::changeEvent(event);
}

void ShadedList::setCurrent(int row, int token)
{
    if (row == m_row && token == m_token)
        return;
    m_row = row;
    m_token = token;
    if (row >= 0 && token >= 0)
        setAccessibleDescription(
            m_rows[static_cast<std::size_t>(row)].tokens[static_cast<std::size_t>(token)].note);
    viewport()->update();
}

void ShadedList::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF point =
        event->position() + QPointF(-px(kLeft), verticalScrollBar()->value() - px(kAbove));
    for (std::size_t i = 0; i < m_places.size(); ++i) {
        const std::vector<QRectF>& boxes = m_places[i].layout.boxes;
        for (std::size_t j = 0; j < boxes.size(); ++j)
            if (boxes[j].translated(0, m_places[i].top).contains(point))
                return setCurrent(static_cast<int>(i), static_cast<int>(j));
    }
    setCurrent(-1, -1);
}

void ShadedList::stepToken(int steps)
{
    if (m_rows.empty())
        return;
    int row = std::max(0, m_row);
    int token = m_row < 0 ? (steps > 0 ? -1 : 0) : m_token;
    token += steps;
    if (token < 0 && row > 0)
        token = static_cast<int>(m_rows[static_cast<std::size_t>(--row)].tokens.size()) - 1;
    const int count = static_cast<int>(m_rows[static_cast<std::size_t>(row)].tokens.size());
    if (token >= count && row + 1 < static_cast<int>(m_rows.size())) {
        ++row;
        token = 0;
    }
    token = std::clamp(
        token, 0,
        std::max(0, static_cast<int>(m_rows[static_cast<std::size_t>(row)].tokens.size()) - 1));
    if (m_rows[static_cast<std::size_t>(row)].tokens.empty())
        return;
    setCurrent(row, token);
    const Place& place = m_places[static_cast<std::size_t>(row)];
    const int top = static_cast<int>(place.top);
    if (top < verticalScrollBar()->value())
        verticalScrollBar()->setValue(top);
    else if (top + place.height > verticalScrollBar()->value() + viewport()->height())
        verticalScrollBar()->setValue(static_cast<int>(top + place.height) - viewport()->height());
}

void ShadedList::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Right)
        return stepToken(1);
    if (event->key() == Qt::Key_Left)
        return stepToken(-1);
    if (event->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(plainText());
        return;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

bool ShadedList::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        if (m_row >= 0 && m_token >= 0)
            QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                               m_rows[static_cast<std::size_t>(m_row)]
                                   .tokens[static_cast<std::size_t>(m_token)]
                                   .note,
                               viewport());
        else
            QToolTip::hideText();
        return true;
    }
    if (event->type() == QEvent::Leave)
        setCurrent(-1, -1);
    return QAbstractScrollArea::viewportEvent(event);
}

void ShadedList::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Copy all texts"), this,
                    [this] { QApplication::clipboard()->setText(plainText()); });
    menu->popup(event->globalPos());
}

} // namespace tw
