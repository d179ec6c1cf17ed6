// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/grid/block_drawing.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace tw {
namespace {

constexpr double kTint = 0.16; // of a method's colour over the panel, as soft is of the accent

QColor mixed(const QColor& color, const QColor& ground)
{
    const auto mix = [](int a, int b) {
        return static_cast<int>(std::lround(kTint * a + (1.0 - kTint) * b));
    };
    return {mix(color.red(), ground.red()), mix(color.green(), ground.green()),
            mix(color.blue(), ground.blue())};
}

} // namespace

BlockDrawing::BlockDrawing(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Drawing of one block"));
    m_layout = layOutBlock(m_block);
}

void BlockDrawing::setBlock(const BlockValue& block)
{
    if (block == m_block)
        return;
    m_block = block;
    QStringList trained;
    for (const auto& [site, owners] : m_block.owners)
        trained << tr("%1: %2").arg(site, ownersInWords(owners, m_block.methods));
    setAccessibleDescription(trained.isEmpty()
                                 ? tr("Nothing is trained in this block.")
                                 : tr("Trained: %1").arg(trained.join(QStringLiteral(", "))));
    m_layout = layOutBlock(m_block);
    updateGeometry();
    update();
}

QSize BlockDrawing::sizeHint() const
{
    return {static_cast<int>(m_layout.width), static_cast<int>(m_layout.height)};
}

OwnerSet BlockDrawing::ownersOf(const QString& site) const
{
    const auto found = m_block.owners.find(site);
    return found == m_block.owners.end() ? 0 : found->second;
}

const BlockLayout::Box* BlockDrawing::boxAt(QPointF at) const
{
    const auto found = std::find_if(
        m_layout.boxes.begin(), m_layout.boxes.end(),
        [&](const BlockLayout::Box& box) { return !box.site.isEmpty() && box.rect.contains(at); });
    return found == m_layout.boxes.end() ? nullptr : &*found;
}

bool BlockDrawing::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const BlockLayout::Box* box = boxAt(help->pos());
    const QString methods =
        box == nullptr ? QString() : ownersInWords(ownersOf(box->site), m_block.methods);
    QToolTip::showText(help->globalPos(),
                       box == nullptr          ? QString()
                           : methods.isEmpty() ? tr("%1: not trained").arg(box->site)
                                               : tr("%1: %2").arg(box->site, methods),
                       this);
    return true;
}

void BlockDrawing::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.edge, 1.5));
    for (const std::vector<QPointF>& line : m_layout.lines)
        painter.drawPolyline(line.data(), static_cast<int>(line.size()));
    for (const BlockLayout::Box& box : m_layout.boxes)
        paintBox(painter, box);
    const double radius = px(6);
    for (const QPointF& sum : m_layout.sums) {
        painter.setBrush(theme.panel);
        painter.setPen(QPen(theme.field, 1));
        painter.drawEllipse(sum, radius, radius);
        painter.setPen(QPen(theme.ink2, 1.2));
        painter.drawLine(sum - QPointF(radius / 2, 0), sum + QPointF(radius / 2, 0));
        painter.drawLine(sum - QPointF(0, radius / 2), sum + QPointF(0, radius / 2));
    }
}

void BlockDrawing::paintBox(QPainter& painter, const BlockLayout::Box& box) const
{
    const Theme& theme = Theme::current();
    const std::vector<int> here = ownersIn(ownersOf(box.site));
    const bool isTrained = !here.empty() && here.front() < static_cast<int>(m_block.methods.size());
    QFont font = textFont(TextType::Caption);
    QColor ink = box.site.isEmpty() || !m_block.allowed.contains(box.site) ? theme.ink2 : theme.ink;
    QString label = box.label;
    painter.setBrush(theme.panel);
    painter.setPen(QPen(theme.edge, 1));
    if (isTrained) {
        const SiteOwner& first = m_block.methods[static_cast<std::size_t>(here.front())];
        painter.setBrush(mixed(first.color(), theme.panel));
        painter.setPen(QPen(first.color(), 1.5));
        font.setWeight(QFont::DemiBold);
        ink = first.line == 1 ? theme.accent : theme.ink;
        if (m_block.methods.size() > 1) {
            for (const int owner : here)
                label +=
                    QLatin1Char(' ') + m_block.methods.at(static_cast<std::size_t>(owner)).letter;
        }
    }
    painter.drawRoundedRect(box.rect, 3, 3);
    painter.setFont(font);
    painter.setPen(ink);
    painter.drawText(box.rect, Qt::AlignCenter,
                     QFontMetrics(font).elidedText(label, Qt::ElideRight,
                                                   static_cast<int>(box.rect.width()) - 2));
}

void BlockDrawing::mousePressEvent(QMouseEvent* event)
{
    const BlockLayout::Box* box = boxAt(event->position());
    if (box == nullptr || (!m_block.allowed.contains(box->site) && ownersOf(box->site) == 0))
        return;
    const QString site = box->site; // who hears of it may lay the boxes out anew
    Q_EMIT siteClicked(site);
}

void BlockDrawing::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::FontChange && event->type() != QEvent::LanguageChange)
        return;
    m_layout = layOutBlock(m_block);
    updateGeometry();
}

} // namespace tw
