// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/report/report_preview.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace tw {
namespace {

constexpr int kGap = 16; // between pages, px at 100 %

} // namespace

ReportPreview::ReportPreview(QWidget* parent)
    : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    setAccessibleName(tr("Preview of the report"));
}

void ReportPreview::setPages(std::shared_ptr<const ReportPages> pages)
{
    m_pages = std::move(pages);
    setAccessibleDescription(m_pages ? m_pages->plainText() : QString());
    place();
    viewport()->update();
}

double ReportPreview::scale() const
{
    return std::min(1.25, (viewport()->width() - 2.0) / ReportPages::pageSize().width());
}

void ReportPreview::place()
{
    const int count = m_pages ? m_pages->count() : 0;
    const double height =
        count * (ReportPages::pageSize().height() * scale() + px(kGap)) - px(kGap);
    verticalScrollBar()->setSingleStep(px(40));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setRange(0,
                                  std::max(0, static_cast<int>(height) + 2 - viewport()->height()));
}

void ReportPreview::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    place();
}

void ReportPreview::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), Theme::current().canvas);
    if (!m_pages)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    const QSizeF size = ReportPages::pageSize() * scale();
    const double left = (viewport()->width() - size.width()) / 2;
    for (int page = 0; page < m_pages->count(); ++page) {
        const double top = page * (size.height() + px(kGap)) - verticalScrollBar()->value();
        if (top > viewport()->height() || top + size.height() < 0)
            continue;
        painter.save();
        painter.translate(left, top);
        painter.scale(scale(), scale());
        m_pages->paint(painter, page);
        painter.restore();
        painter.setPen(Theme::current().line);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(QPointF(left, top), size));
    }
}

void ReportPreview::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Home)
        verticalScrollBar()->setValue(0);
    else if (event->key() == Qt::Key_End)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    else
        QAbstractScrollArea::keyPressEvent(event);
}

} // namespace tw
