// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/site_designer.h"

#include "app/gui/pages/tune/method_settings.h"
#include "widgets/basic/button.h"
#include "widgets/basic/text_label.h"
#include "widgets/grid/block_drawing.h"
#include "widgets/theme/icon.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace tw {
namespace {

constexpr int kSettingsWidth = 172; // pixels at 100 %
constexpr int kGap = 16;

void clear(QLayout& layout)
{
    while (QLayoutItem* item = layout.takeAt(0)) {
        if (item->widget() != nullptr)
            item->widget()->deleteLater();
        delete item;
    }
}

} // namespace

SiteDesigner::SiteDesigner(QWidget* parent)
    : QWidget(parent)
    , m_layout(new QGridLayout(this))
    , m_grid(new SiteGrid(this))
    , m_drawing(new BlockDrawing(this))
    , m_settings(new MethodSettings(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setHorizontalSpacing(px(kGap));
    m_layout->setVerticalSpacing(px(kGap));
    m_layout->setColumnStretch(0, 1);
    TextLabel* title = nullptr;
    m_gridPart = makePart(tr("Sites"), title, m_gridFact, m_grid);
    m_problemRoom = new QWidget(m_gridPart);
    m_problems = new QVBoxLayout(m_problemRoom);
    m_problems->setContentsMargins(0, px(4), 0, 0);
    m_problems->setSpacing(px(6));
    qobject_cast<QVBoxLayout*>(m_gridPart->layout())->insertWidget(2, m_problemRoom);
    m_drawingPart = makePart({}, m_blockTitle, m_blockFact, m_drawing);
    TextLabel* fact = nullptr;
    m_settingsPart = makePart(tr("Settings"), title, fact, m_settings);
    m_settingsPart->setFixedWidth(px(kSettingsWidth));
    connect(m_grid, &SiteGrid::currentChanged, this, &SiteDesigner::showBlock);
    connect(m_drawing, &BlockDrawing::siteClicked, this, [this](const QString& site) {
        const std::vector<SiteGridRow>& rows = m_grid->value().rows;
        for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
            if (rows[static_cast<std::size_t>(row)].site == site)
                Q_EMIT siteClicked(row);
        }
    });
    arrange();
}

QWidget*
SiteDesigner::makePart(const QString& name, TextLabel*& title, TextLabel*& fact, QWidget* part)
{
    auto* room = new QWidget(this);
    auto* column = new QVBoxLayout(room);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(4));
    auto* head = new QHBoxLayout;
    head->setSpacing(px(6));
    title = new TextLabel(name, TextType::TableStrong);
    fact = (new TextLabel(TextType::Table, TextInk::Ink2))->elided();
    head->addWidget(title);
    head->addWidget(fact, 1);
    column->addLayout(head);
    column->addWidget(part);
    column->addStretch(1);
    return room;
}

void SiteDesigner::show(const SiteGridValue& grid, const Design& design, const BlockShape& shape)
{
    m_shape = shape;
    m_grid->setValue(grid);
    m_gridFact->setFullText(placesInWords(design, grid));
    showBlock();
    arrange();
}

void SiteDesigner::showBlock()
{
    const int layer = m_grid->currentLayer();
    const BlockValue block = blockValue(m_grid->value(), layer, m_shape);
    m_drawing->setBlock(block);
    m_blockTitle->setText(tr("Block %1").arg(layer));
    const auto trained = static_cast<int>(block.owners.size())
        - static_cast<int>(block.owners.count(QStringLiteral("prompt")));
    m_blockFact->setFullText(trained == 0 ? tr("nothing trained")
                                          : tr("%n site(s) trained", nullptr, trained));
}

void SiteDesigner::setProblems(const std::vector<DesignProblem>& problems,
                               const SiteGridValue& grid)
{
    clear(*m_problems);
    bool isAny = false;
    for (const DesignProblem& problem : problems) {
        if (!problem.setting.empty())
            continue; // its field says it
        auto* line = new QWidget(m_problemRoom);
        auto* row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(px(6));
        auto* icon = new QLabel(line);
        icon->setPixmap(
            lineIcon(problem.isWarning ? QStringLiteral("warn") : QStringLiteral("error"),
                     problem.isWarning ? IconTone::Warn : IconTone::Error)
                .pixmap(px(14), px(14)));
        row->addWidget(icon, 0, Qt::AlignTop);
        const auto owner = static_cast<std::size_t>(problem.adaptation);
        const bool isOfOne = problem.adaptation >= 0 && owner < grid.owners.size();
        const QString words = isOfOne && grid.owners.size() > 1
            ? tr("%1, %2: %3")
                  .arg(grid.owners[owner].letter, grid.owners[owner].title, problem.words)
            : problem.words;
        auto* label = new TextLabel(words, TextType::Caption,
                                    problem.isWarning ? TextInk::Warn : TextInk::Error);
        row->addWidget(label->wrapped(), 1);
        if (isOfOne && !problem.isWarning) {
            QPushButton* usual = makeButton(tr("Use its usual sites"), ButtonKind::Small);
            connect(usual, &QPushButton::clicked, this,
                    [this, index = problem.adaptation] { Q_EMIT usualAsked(index); });
            row->addWidget(usual, 0, Qt::AlignTop);
        }
        m_problems->addWidget(line);
        isAny = true;
    }
    m_problemRoom->setVisible(isAny);
}

QSize SiteDesigner::minimumSizeHint() const
{
    // As the narrow arrangement: this one can always be taken.
    const int below = m_drawing->sizeHint().width() + px(kGap + kSettingsWidth);
    return {std::max(m_grid->minimumSizeHint().width(), below), m_layout->minimumSize().height()};
}

void SiteDesigner::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void SiteDesigner::arrange()
{
    constexpr int kCell = 6; // pixels that a cell should have before the grid gets a line to itself
    const int beside = m_drawing->sizeHint().width() + px(2 * kGap + kSettingsWidth);
    const int labels = m_grid->minimumSizeHint().width() - 4 * m_grid->value().layers;
    const bool isNarrow = width() < beside + labels + kCell * m_grid->value().layers;
    if (m_isArranged && isNarrow == m_isNarrow)
        return;
    m_isArranged = true;
    m_isNarrow = isNarrow;
    for (QWidget* part : {m_gridPart, m_drawingPart, m_settingsPart})
        m_layout->removeWidget(part);
    if (isNarrow) {
        m_layout->addWidget(m_gridPart, 0, 0, 1, 3);
        m_layout->addWidget(m_drawingPart, 1, 0, Qt::AlignLeft | Qt::AlignTop);
        m_layout->addWidget(m_settingsPart, 1, 1, Qt::AlignTop);
    } else {
        m_layout->addWidget(m_gridPart, 0, 0, Qt::AlignTop);
        m_layout->addWidget(m_drawingPart, 0, 1, Qt::AlignTop);
        m_layout->addWidget(m_settingsPart, 0, 2, Qt::AlignTop);
    }
}

} // namespace tw
