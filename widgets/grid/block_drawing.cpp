// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/grid/block_drawing.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QMouseEvent>
#include <QPainter>

namespace tw {
namespace {

constexpr int kBoxHeight = 20; // pixels at 100 %
constexpr int kRowGap = 6;

} // namespace

BlockDrawing::BlockDrawing(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Drawing of one block"));
}

void BlockDrawing::setBlock(const QStringList& sites,
                            const QStringList& trained,
                            const QStringList& allowed)
{
    m_sites = sites;
    m_trained = trained;
    m_allowed = allowed;
    setAccessibleDescription(trained.isEmpty()
                                 ? tr("Nothing is trained in this block.")
                                 : tr("Trained: %1").arg(trained.join(QStringLiteral(", "))));
    layOut();
    updateGeometry();
    update();
}

QSize BlockDrawing::sizeHint() const
{
    return {px(166), px(264)};
}

void BlockDrawing::addRow(double& y,
                          const std::vector<std::pair<QString, QString>>& labelAndSite,
                          double width)
{
    const double gap = px(4);
    const double all = width * static_cast<double>(labelAndSite.size())
        + gap * static_cast<double>(labelAndSite.size() - 1);
    double x = px(80) - all / 2;
    for (const auto& [label, site] : labelAndSite) {
        m_boxes.push_back({QRectF(x, y, width, px(kBoxHeight)), label, site});
        x += width + gap;
    }
    y += px(kBoxHeight) + px(kRowGap);
}

void BlockDrawing::layOut()
{
    m_boxes.clear();
    m_additions.clear();
    m_skips.clear();
    const auto named = [this](std::initializer_list<const char*> names) {
        std::vector<std::pair<QString, QString>> found;
        for (const char* name : names) {
            const QString site = QString::fromLatin1(name);
            if (m_sites.contains(site))
                found.emplace_back(site.section(QLatin1Char('.'), 1), site);
        }
        return found;
    };
    double y = px(12);
    double start = px(6);
    addRow(y, {{tr("norm1"), QString()}}, px(74));
    y += px(10);
    if (const auto qkv = named({"attn.qkv", "attn.q", "attn.k", "attn.v"}); !qkv.empty())
        addRow(y, qkv, px(49));
    addRow(y, {{tr("attention"), QString()}}, px(98));
    if (const auto out = named({"attn.o"}); !out.empty())
        addRow(y, out, px(50));
    m_additions.push_back(y);
    m_skips.emplace_back(start, y);
    y += px(12);
    start = y;
    y += px(8);
    addRow(y, {{tr("norm2"), QString()}}, px(74));
    y += px(4);
    const bool isGated = m_sites.contains(QStringLiteral("mlp.gate"))
        || m_sites.contains(QStringLiteral("mlp.gate_up"));
    if (const auto in = named({"mlp.gate_up", "mlp.gate", "mlp.up"}); !in.empty())
        addRow(y, in, px(57));
    addRow(y, {{isGated ? tr("activation, multiply") : tr("activation"), QString()}}, px(114));
    if (const auto down = named({"mlp.down"}); !down.empty())
        addRow(y, down, px(58));
    m_additions.push_back(y);
    m_skips.emplace_back(start, y);
    m_bottom = y + px(8);
}

void BlockDrawing::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double middle = px(80);
    const double side = px(163);
    painter.setPen(QPen(theme.edge, 1.5));
    painter.drawLine(QPointF(middle, 0), QPointF(middle, m_bottom));
    for (const auto& [from, to] : m_skips)
        painter.drawPolyline(QPolygonF(
            {QPointF(middle, from), QPointF(side, from), QPointF(side, to), QPointF(middle, to)}));
    painter.setFont(textFont(TextType::Caption));
    for (const Box& box : m_boxes) {
        const bool isTrained = m_trained.contains(box.site);
        painter.setBrush(isTrained ? theme.soft : theme.panel);
        painter.setPen(QPen(isTrained ? theme.accent : theme.edge, isTrained ? 1.5 : 1));
        painter.drawRoundedRect(box.rect, 3, 3);
        QFont font = textFont(TextType::Caption);
        font.setWeight(isTrained ? QFont::DemiBold : QFont::Normal);
        painter.setFont(font);
        painter.setPen(isTrained ? theme.accent : box.site.isEmpty() ? theme.ink2 : theme.ink);
        painter.drawText(box.rect, Qt::AlignCenter, box.label);
    }
    for (const double y : m_additions) {
        const double radius = px(6);
        painter.setBrush(theme.panel);
        painter.setPen(QPen(theme.field, 1));
        painter.drawEllipse(QPointF(middle, y), radius, radius);
        painter.setPen(QPen(theme.ink2, 1.2));
        painter.drawLine(QPointF(middle - radius / 2, y), QPointF(middle + radius / 2, y));
        painter.drawLine(QPointF(middle, y - radius / 2), QPointF(middle, y + radius / 2));
    }
}

void BlockDrawing::mousePressEvent(QMouseEvent* event)
{
    for (const Box& box : m_boxes) {
        if (!box.site.isEmpty() && box.rect.contains(event->position())
            && m_allowed.contains(box.site))
            Q_EMIT siteClicked(box.site);
    }
}

void BlockDrawing::resizeEvent(QResizeEvent*)
{
    layOut();
}

} // namespace tw
