// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/token_flow.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr int kTokenHeight = 22; // pixels at 100 %
constexpr int kLineHeight = 29;
constexpr double kShadeRange = 3.0; // nats at the ends of the palette
constexpr double kSmallestShade = 0.35; // nats; below nothing is drawn

QFont fontOf(const FlowToken& token)
{
    return textFont(token.isTemplate ? TextType::Caption : TextType::Body);
}

QString numbered(qlonglong number)
{
    return QLocale().toString(number);
}

} // namespace

QString shownToken(const QString& text)
{
    QString shown = text;
    shown.replace(QLatin1Char('\n'), QChar(0x21B5));
    shown.replace(QLatin1Char('\t'), QChar(0x2192));
    if (shown.startsWith(QLatin1Char(' ')))
        shown[0] = QChar(0x00B7);
    return shown;
}

TokenFlow::TokenFlow(QWidget* parent)
    : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    setAccessibleName(tr("Tokens"));
}

void TokenFlow::setTokens(const std::vector<FlowToken>& tokens)
{
    m_tokens = tokens;
    m_current = -1;
    place();
    verticalScrollBar()->setValue(0);
    viewport()->update();
}

TokenFlow::Layout TokenFlow::layOut(int width) const
{
    Layout layout;
    layout.rects.reserve(m_tokens.size());
    double x = 1.0;
    double y = px(3);
    const double padding = px(4);
    const QFontMetricsF body(textFont(TextType::Body));
    const QFontMetricsF caption(textFont(TextType::Caption));
    for (const FlowToken& token : m_tokens) {
        const QFontMetricsF& metrics = token.isTemplate ? caption : body;
        const double advance =
            std::max(metrics.horizontalAdvance(shownToken(token.text)), double(px(3)))
            + 2 * padding;
        const double shown = std::min(advance, width - 2.0);
        if (x + shown > width - 1.0 && x > 1.0) {
            x = 1.0;
            y += px(kLineHeight);
        }
        layout.rects.emplace_back(x, y, shown, px(kTokenHeight));
        x += shown + px(2);
        if (token.text.contains(QLatin1Char('\n'))) {
            x = 1.0;
            y += px(kLineHeight);
        }
    }
    const bool endsOnFreshLine = x == 1.0 && !m_tokens.empty();
    layout.height = static_cast<int>(y) + (endsOnFreshLine ? 0 : px(kLineHeight));
    return layout;
}

int TokenFlow::heightFor(int width) const
{
    return layOut(width).height + px(4);
}

void TokenFlow::place()
{
    m_layout = layOut(viewport()->width());
    verticalScrollBar()->setRange(0, std::max(0, m_layout.height - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(px(kLineHeight));
}

int TokenFlow::tokenAt(QPoint at) const
{
    const QPointF place = QPointF(at) + QPointF(0, verticalScrollBar()->value());
    for (std::size_t i = 0; i < m_layout.rects.size(); ++i) {
        if (m_layout.rects[i].contains(place))
            return static_cast<int>(i);
    }
    return -1;
}

QRect TokenFlow::tokenRect(int index) const
{
    return m_layout.rects.at(static_cast<std::size_t>(index))
        .translated(0, -verticalScrollBar()->value())
        .toAlignedRect();
}

QString TokenFlow::words(int index) const
{
    const FlowToken& token = m_tokens.at(static_cast<std::size_t>(index));
    const QString what = token.isCut ? tr("cut away")
        : token.isTrained            ? tr("trained, weight 1.0")
        : token.isTemplate           ? tr("template, read only")
                                     : tr("read only");
    QString shown = token.text;
    shown.replace(QLatin1Char(' '), QChar(0x2423)).replace(QLatin1Char('\n'), QChar(0x21B5));
    const QString place =
        tr("%1  id %2  position %3").arg(shown, numbered(token.id), numbered(index));
    if (!token.note.isEmpty())
        return place + QStringLiteral("  ") + token.note;
    return token.shade ? place : place + QStringLiteral("  ") + what;
}

void TokenFlow::setCurrent(int index)
{
    if (index == m_current)
        return;
    m_current = index;
    setAccessibleDescription(index < 0 ? QString() : words(index));
    viewport()->update();
    Q_EMIT currentChanged(index);
}

void TokenFlow::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    painter.fillRect(event->rect(), Theme::current().panel);
    painter.setRenderHint(QPainter::Antialiasing);
    const double top = verticalScrollBar()->value();
    const auto first =
        std::lower_bound(m_layout.rects.begin(), m_layout.rects.end(), top,
                         [](const QRectF& rect, double y) { return rect.bottom() < y; });
    for (auto it = first; it != m_layout.rects.end() && it->top() <= top + viewport()->height();
         ++it)
        paintToken(painter, static_cast<int>(it - m_layout.rects.begin()), it->translated(0, -top));
    if (m_current >= 0 && m_current < static_cast<int>(m_tokens.size())) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(Theme::current().ink, 2));
        painter.drawRoundedRect(QRectF(tokenRect(m_current)).adjusted(-1, -1, 1, 1), 4, 4);
    }
}

void TokenFlow::paintToken(QPainter& painter, int index, const QRectF& rect) const
{
    const Theme& theme = Theme::current();
    const FlowToken& token = m_tokens[static_cast<std::size_t>(index)];
    painter.save();
    if (token.isCut)
        painter.setOpacity(0.5);
    QColor fill = Qt::transparent;
    QPen frame(theme.edge, 1);
    QColor ink = token.isTemplate ? theme.ink3 : theme.ink;
    if (token.shade) {
        frame = Qt::NoPen;
        if (std::abs(*token.shade) >= kSmallestShade) {
            fill = theme.change(*token.shade / kShadeRange);
            ink = Theme::textOn(fill);
        }
    } else if (token.isCut) {
        frame.setStyle(Qt::DashLine);
    } else if (token.isTrained) {
        fill = theme.soft;
        frame.setColor(theme.accent);
        ink = token.isTemplate ? theme.accent : theme.ink;
    } else if (token.isTemplate) {
        fill = theme.quiet;
        frame = Qt::NoPen;
    }
    painter.setPen(frame);
    painter.setBrush(fill);
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    painter.setFont(fontOf(token));
    const QString shown = shownToken(token.text);
    QRectF room = rect.adjusted(px(4), 0, -px(2), 0);
    if (shown.startsWith(QChar(0x00B7)) && token.text.startsWith(QLatin1Char(' '))) {
        const QString dot(QChar(0x00B7));
        painter.setPen(token.shade ? ink : theme.ink3);
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter, dot);
        room.setLeft(room.left() + painter.fontMetrics().horizontalAdvance(dot));
        painter.setPen(ink);
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown.mid(1));
    } else {
        painter.setPen(ink);
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
    }
    painter.restore();
}

void TokenFlow::resizeEvent(QResizeEvent*)
{
    place();
}

void TokenFlow::mouseMoveEvent(QMouseEvent* event)
{
    setCurrent(tokenAt(event->pos()));
}

void TokenFlow::mousePressEvent(QMouseEvent* event)
{
    if (const int index = tokenAt(event->pos()); index >= 0)
        Q_EMIT tokenClicked(index);
}

void TokenFlow::keyPressEvent(QKeyEvent* event)
{
    const int last = static_cast<int>(m_tokens.size()) - 1;
    if (last < 0)
        return QAbstractScrollArea::keyPressEvent(event);
    int next = m_current;
    switch (event->key()) {
    case Qt::Key_Right:
        next = std::min(last, m_current + 1);
        break;
    case Qt::Key_Left:
        next = std::max(0, m_current - 1);
        break;
    case Qt::Key_Home:
        next = 0;
        break;
    case Qt::Key_End:
        next = last;
        break;
    case Qt::Key_Return:
    case Qt::Key_Space:
        if (m_current >= 0)
            Q_EMIT tokenClicked(m_current);
        return;
    default:
        return QAbstractScrollArea::keyPressEvent(event);
    }
    setCurrent(next);
    const QRect rect = tokenRect(next);
    if (rect.top() < 0 || rect.bottom() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.center().y()
                                      - viewport()->height() / 2);
    QToolTip::showText(viewport()->mapToGlobal(tokenRect(next).bottomLeft()), words(next), this);
}

bool TokenFlow::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int index = tokenAt(help->pos());
        if (index >= 0)
            QToolTip::showText(help->globalPos(), words(index), this);
        else
            QToolTip::hideText();
        return true;
    }
    if (event->type() == QEvent::Leave)
        setCurrent(-1);
    return QAbstractScrollArea::viewportEvent(event);
}

void TokenFlow::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        place();
        viewport()->update();
    }
    QAbstractScrollArea::changeEvent(event);
}

} // namespace tw
