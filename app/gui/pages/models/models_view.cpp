// SPDX-License-Identifier: GPL-3.0-or-later
// How the page Models is laid out; what it does stands in models_page.cpp.
#include "app/gui/pages/list_rows.h"
#include "app/gui/pages/models/lineage_view.h"
#include "app/gui/pages/models/tensor_tree.h"
#include "app/gui/pages/models/tokenizer_view.h"
#include "app/gui/pages/models_page.h"
#include "widgets/basic/chip.h"
#include "widgets/basic/figure_row.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/plot/bar_plot.h"
#include "widgets/table/table_delegate.h"
#include "widgets/table/table_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QListView>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QTabBar>
#include <QTreeView>
#include <QVBoxLayout>

namespace tw {

void ModelsPage::makeContent()
{
    auto* content = new QWidget;
    auto* row = new QHBoxLayout(content);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(16));
    row->addWidget(makeList());
    row->addWidget(makeRight(), 1);
    setContent(content);
}

QWidget* ModelsPage::makeList()
{
    auto* panel = new Panel;
    panel->setFixedWidth(px(264));
    panel->setBodyMargins(0, 1, 0, 0);
    m_items = new QStandardItemModel(this);
    m_list = addPathList(
        *panel, *m_items,
        {tr("Models and adapters"),
         tr("Models stay where they are; only their place and fingerprint are stored"), 69},
        [this](const QString& path) {
            if (path.toStdString() != m_path)
                openModel(path.toStdString());
        });
    return panel;
}

QWidget* ModelsPage::makeRight()
{
    auto* panel = new Panel;
    panel->setBodyMargins(0, 0, 0, 0);
    panel->body()->setSpacing(0);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(px(16), px(12), px(16), px(10));
    head->setSpacing(px(2));
    auto* first = new QHBoxLayout;
    first->setSpacing(px(8));
    m_name = new TextLabel(TextType::Section);
    m_chip = new Chip;
    m_place = (new TextLabel(TextType::Caption, TextInk::Ink3))->elided();
    first->addWidget(m_name);
    first->addWidget(m_chip);
    first->addWidget(m_place, 1);
    head->addLayout(first);
    m_words = (new TextLabel(TextType::Body, TextInk::Ink2))->wrapped();
    head->addWidget(m_words);
    panel->body()->addLayout(head);
    auto* facts = new QFrame(panel);
    facts->setProperty("surface", QStringLiteral("raised"));
    auto* factsRow = new QVBoxLayout(facts);
    factsRow->setContentsMargins(0, 0, 0, 0);
    m_facts = new FigureRow(facts);
    m_facts->setCompact(true);
    factsRow->addWidget(m_facts);
    panel->body()->addWidget(makeLine(Qt::Horizontal, panel));
    panel->body()->addWidget(facts);
    panel->body()->addWidget(makeLine(Qt::Horizontal, panel));
    m_tabs = new QTabBar;
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->addTab(tr("Tensors"));
    m_tabs->addTab(tr("Configuration"));
    m_tabs->addTab(tr("Tokenizer"));
    m_tabs->addTab(tr("Lineage"));
    m_tabs->setAccessibleName(tr("Views of the model"));
    auto* tabRow = new QHBoxLayout;
    tabRow->setContentsMargins(px(16), 0, px(16), 0);
    tabRow->addWidget(m_tabs);
    tabRow->addStretch(1);
    panel->body()->addLayout(tabRow);
    panel->body()->addWidget(makeLine(Qt::Horizontal, panel));
    m_views = new QStackedWidget(panel);
    m_views->addWidget(makeTensors());
    m_configuration = new QStandardItemModel(this);
    m_configuration->setHorizontalHeaderLabels({tr("What"), tr("As its files say")});
    auto* table = new TableView(tr("Configuration in words"), m_views);
    table->setSource(m_configuration);
    table->horizontalHeader()->setStretchLastSection(true);
    table->setColumnWidth(0, px(220));
    m_views->addWidget(table);
    m_tokenizer = new TokenizerView(session(), m_views);
    m_views->addWidget(m_tokenizer);
    m_lineage = new LineageView(session(), m_views);
    m_views->addWidget(m_lineage);
    connect(m_tabs, &QTabBar::currentChanged, m_views, &QStackedWidget::setCurrentIndex);
    panel->body()->addWidget(m_views, 1);
    return panel;
}

QWidget* ModelsPage::makeTensors()
{
    auto* room = new QWidget;
    auto* row = new QHBoxLayout(room);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_tensors = new TensorTree(this);
    m_tree = new QTreeView(room);
    m_tree->setAccessibleName(tr("Tensors"));
    m_tree->setModel(m_tensors);
    m_tree->setItemDelegate(new TableDelegate(26, m_tree));
    m_tree->setMouseTracking(true);
    m_tree->setUniformRowHeights(true);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_tree->setColumnWidth(1, px(116));
    m_tree->setColumnWidth(2, px(60));
    m_tree->setColumnWidth(3, px(84));
    m_tree->setMinimumWidth(px(392)); // the name keeps a third of it
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& now) {
                if (const TensorSummary* tensor = m_tensors->tensor(now.siblingAtColumn(0)))
                    showTensor(tensor->name);
            });
    row->addWidget(m_tree, 1);
    row->addWidget(makeLine(Qt::Vertical, room));
    row->addWidget(makeDetail(), 1);
    return room;
}

QWidget* ModelsPage::makeDetail()
{
    auto* room = new QWidget;
    room->setMinimumWidth(px(216));
    room->setMaximumWidth(px(288));
    auto* column = new QVBoxLayout(room);
    column->setContentsMargins(px(16), px(12), px(16), px(12));
    column->setSpacing(px(4));
    m_tensorName = (new TextLabel(TextType::BodyStrong))->elided();
    m_tensorFact = (new TextLabel(TextType::Caption, TextInk::Ink3))->wrapped();
    m_histogram = new BarPlot(room);
    m_histogram->setTitle(tr("Values of the tensor"));
    m_histogram->setAxisTitles(tr("weight"), tr("values"));
    m_histogram->setMinimumHeight(px(190));
    m_values = new FigureRow(room);
    m_values->setCompact(true);
    column->addWidget(m_tensorName);
    column->addWidget(m_tensorFact);
    column->addWidget(m_histogram);
    column->addWidget(m_values);
    column->addStretch(1);
    return room;
}

} // namespace tw
