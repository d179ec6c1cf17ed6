// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/models/lineage_view.h"

#include "app/gui/pages/models/lineage_card.h"
#include "app/gui/session.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QGridLayout>
#include <QPainter>
#include <QPainterPath>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace tw {
namespace {

constexpr int kGap = 32; // between columns; the lines turn in it

struct Place
{
    int row = 0;
    int column = 0;
};

/// Each right of all that it was made of, and level with the first of them where there is room.
std::vector<Place> placesOf(const std::vector<LineageNode>& nodes)
{
    std::vector<Place> places;
    std::map<int, int> nextRow; // by column
    for (const LineageNode& node : nodes) {
        Place place;
        for (const std::size_t parent : node.parents)
            place.column = std::max(place.column, places[parent].column + 1);
        place.row = nextRow[place.column];
        if (!node.parents.empty())
            place.row = std::max(place.row, places[node.parents.front()].row);
        nextRow[place.column] = place.row + 1;
        places.push_back(place);
    }
    return places;
}

} // namespace

/// The cards, and behind them the lines.
class LineageView::Canvas final : public QWidget
{
public:
    explicit Canvas(QWidget* parent)
        : QWidget(parent)
        , m_grid(new QGridLayout(this))
    {
        m_grid->setContentsMargins(px(16), px(4), px(16), px(16));
        m_grid->setHorizontalSpacing(px(kGap));
        m_grid->setVerticalSpacing(px(12));
        m_grid->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    }

    /// Takes the cards of the nodes, in their order.
    void setCards(const std::vector<LineageNode>& nodes, std::vector<LineageCard*> cards)
    {
        for (LineageCard* card : m_cards)
            card->deleteLater(); // it may be the one that was just clicked
        m_cards = std::move(cards);
        m_lines.clear();
        const std::vector<Place> places = placesOf(nodes);
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            m_grid->addWidget(m_cards[i], places[i].row, places[i].column);
            for (const std::size_t parent : nodes[i].parents)
                m_lines.emplace_back(parent, i);
        }
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(Theme::current().ink3, 1.25));
        for (const auto& [parent, child] : m_lines) {
            const QRectF from = m_cards[parent]->geometry();
            const QRectF to = m_cards[child]->geometry();
            const QPointF start(from.right() + 1.0, from.center().y());
            const QPointF end(to.left(), to.center().y());
            const double turn = end.x() - px(kGap);
            const double middle = end.x() - px(kGap) / 2.0;
            QPainterPath path(start);
            path.lineTo(turn, start.y());
            path.cubicTo(middle, start.y(), middle, end.y(), end.x(), end.y());
            painter.drawPath(path);
        }
    }

private:
    QGridLayout* m_grid = nullptr;
    std::vector<LineageCard*> m_cards;
    std::vector<std::pair<std::size_t, std::size_t>> m_lines; ///< parent, child
};

LineageView::LineageView(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, px(12), 0, 0);
    column->setSpacing(px(8));
    m_fact = (new TextLabel(TextType::Caption, TextInk::Ink3))->wrapped();
    m_fact->setContentsMargins(px(16), 0, px(16), 0);
    column->addWidget(m_fact);
    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setAccessibleName(tr("Lineage"));
    m_canvas = new Canvas(scroll);
    scroll->setWidget(m_canvas);
    scroll->viewport()->setAutoFillBackground(false); // the panel shows through
    m_canvas->setAutoFillBackground(false);
    column->addWidget(scroll, 1);
}

void LineageView::setModel(const std::string& path)
{
    m_path = path;
    refresh();
}

void LineageView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

void LineageView::refresh()
{
    if (!isVisible())
        return;
    if (m_path.empty() || !m_session.project()) {
        show({});
        return;
    }
    const auto nodes = lineageOf(*m_session.project(), m_path);
    if (nodes
        != m_nodes) // a project that trains grows all the time; the keyboard stays where it is
        show(nodes);
    for (LineageCard* card : m_canvas->findChildren<LineageCard*>())
        card->setChosen(card->path() == text(m_path));
}

void LineageView::show(const std::vector<LineageNode>& nodes)
{
    m_nodes = nodes;
    std::vector<LineageCard*> cards;
    for (const LineageNode& node : nodes) {
        cards.push_back(new LineageCard(node, m_canvas));
        connect(cards.back(), &QAbstractButton::clicked, this, [this, node] { open(node); });
    }
    m_canvas->setCards(nodes, std::move(cards));
    m_fact->setText(nodes.size() > 1
                        ? tr("What was made of what, base at the left. A card leads to its "
                             "model or run.")
                        : tr("Nothing in this project was made of it yet. A run, its adapter "
                             "and what is merged from them will stand here."));
}

void LineageView::open(const LineageNode& node)
{
    if (node.kind == LineageNode::Kind::Run)
        m_session.go(PageId::Runs, node.run);
    else
        m_session.openPath(text(node.path));
}

} // namespace tw
