// SPDX-License-Identifier: GPL-3.0-or-later
// How the page Data is laid out and filled; what it does stands in data_page.cpp.
#include "app/gui/pages/data/counter_row.h"
#include "app/gui/pages/data/data_rows_model.h"
#include "app/gui/pages/data/proof_in_words.h"
#include "app/gui/pages/data/role_row.h"
#include "app/gui/pages/data_page.h"
#include "app/gui/pages/list_rows.h"
#include "app/gui/pages/tune/settings_in_words.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/choice_box.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/figure_row.h"
#include "widgets/basic/inline_message.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/form/number_field.h"
#include "widgets/plot/bar_plot.h"
#include "widgets/table/table_view.h"
#include "widgets/text/token_flow.h"
#include "widgets/theme/icon.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QListView>
#include <QLocale>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

QVBoxLayout* bareColumn(QWidget* room)
{
    auto* column = new QVBoxLayout(room);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    return column;
}

/// A swatch with its word, for the legend of the tokens.
void addLegend(QHBoxLayout& row, const FlowToken& token, const QString& words)
{
    auto* sample = new TokenFlow;
    sample->setTokens({token});
    sample->setFixedSize(px(22), px(28));
    sample->setFocusPolicy(Qt::NoFocus);
    sample->setAttribute(Qt::WA_TransparentForMouseEvents);
    sample->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* pair = new QHBoxLayout; // nearer to each other than to their neighbours
    pair->setSpacing(0);
    pair->addWidget(sample);
    pair->addWidget(new TextLabel(words, TextType::Table, TextInk::Ink2));
    row.addLayout(pair);
}

/// What a row is labelled with; nothing where it has no label.
QString labelOf(const RowTokens& tokens)
{
    return tokens.label.empty()
        ? QString()
        : DataPage::tr("; label: %1").arg(QString::fromStdString(tokens.label));
}

} // namespace

void DataPage::makeContent()
{
    auto* content = new QWidget;
    auto* row = new QHBoxLayout(content);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(16));
    row->addWidget(makeList());
    row->addWidget(makeRight(), 1);
    setContent(content);
}

void DataPage::makeEmpty()
{
    auto* empty = new EmptyState(QStringLiteral("file"), tr("No data yet"),
                                 tr("Drop a file or a folder here, or open one.\nCSV, JSON, JSONL, "
                                    "Parquet, Arrow, plain text, zipped or not, and folders of "
                                    "images or sounds work as they are."));
    connect(empty->addButton(tr("Open a file…"), QStringLiteral("file")), &QPushButton::clicked,
            this, &DataPage::openFiles);
    connect(empty->addButton(tr("Open a folder…"), QStringLiteral("folder")), &QPushButton::clicked,
            this, &DataPage::openFolder);
    connect(empty->addButton(tr("Use the sample, a shop's answers")), &QPushButton::clicked, this,
            [this] { session().openSample(); });
    QVBoxLayout* more = empty->more();
    more->addWidget(new TextLabel(
        tr("What a file can look like. Column names are free: you say what each one is for."),
        TextType::Table, TextInk::Ink2));
    more->addSpacing(px(8));
    auto* row = new QHBoxLayout;
    row->setSpacing(px(24));
    row->addWidget(makeExample(tr("Questions and answers"), tr("teaches the model to answer"),
                               {tr("question"), tr("answer")},
                               {{tr("Do you ship to Norway?"), tr("Yes, in 3 to 5 days.")},
                                {tr("Can I pay in parts?"), tr("Yes, in two parts.")}}));
    row->addWidget(makeExample(tr("Plain text"), tr("teaches the model a style or a field"),
                               {tr("text")},
                               {{tr("Alder boots are waxed leather with a welt.")},
                                {tr("Care: brush, let dry, then wax both.")}}));
    more->addLayout(row);
    setEmptyState(empty);
}

QWidget* DataPage::makeList()
{
    auto* panel = new Panel;
    panel->setFixedWidth(px(248));
    panel->setBodyMargins(0, 0, 0, 0);
    auto* search = new QLineEdit;
    search->setPlaceholderText(tr("Find a data set"));
    search->setAccessibleName(tr("Find a data set"));
    search->addAction(lineIcon(QStringLiteral("search"), IconTone::Quiet),
                      QLineEdit::LeadingPosition);
    auto* room = new QHBoxLayout;
    room->setContentsMargins(px(8), px(8), px(8), 0);
    room->addWidget(search);
    panel->body()->addLayout(room);
    panel->body()->addWidget(makeLine(Qt::Horizontal, panel));
    m_items = new QStandardItemModel(this);
    m_found = new QSortFilterProxyModel(this);
    m_found->setSourceModel(m_items);
    m_found->setFilterCaseSensitivity(Qt::CaseInsensitive);
    connect(search, &QLineEdit::textChanged, m_found, &QSortFilterProxyModel::setFilterFixedString);
    m_list = addPathList(*panel, *m_found,
                         {tr("Data sets"), tr("Drop a file or folder anywhere to add it"), 44},
                         [this](const QString& path) {
                             if (path.toStdString() != m_path)
                                 openDataset(path.toStdString());
                         });
    return panel;
}

QWidget* DataPage::makeRight()
{
    auto* panel = new Panel;
    panel->setBodyMargins(0, 0, 0, 0);
    panel->body()->setSpacing(0);
    m_roles = new RoleRow(panel);
    m_layout = new ChoiceBox(tr("Template"));
    m_layout->setSmall();
    for (const auto& [id, words] : layouts())
        m_layout->addChoice(words, id);
    m_roles->addAtEnd(tr("Template"), m_layout);
    connect(m_layout, &ChoiceBox::chosen, this, &DataPage::edited);
    connect(m_roles, &RoleRow::edited, this, &DataPage::rolesEdited);
    panel->body()->addWidget(m_roles);
    panel->body()->addWidget(makeLine(Qt::Horizontal, panel));
    panel->body()->addWidget(makeTabs());
    panel->body()->addWidget(makeLine(Qt::Horizontal, panel));
    m_counters = new CounterRow(panel);
    connect(m_counters, &CounterRow::clicked, this, &DataPage::counterClicked);
    panel->body()->addWidget(m_counters);
    panel->body()->addWidget(makeLine(Qt::Horizontal, panel));
    m_problemRoom = new QWidget(panel);
    auto* problemRow = new QVBoxLayout(m_problemRoom);
    problemRow->setContentsMargins(px(16), px(12), px(16), px(12));
    m_problem = new InlineMessage(m_problemRoom);
    problemRow->addWidget(m_problem);
    m_problemRoom->hide();
    panel->body()->addWidget(m_problemRoom);
    m_views = new QStackedWidget(panel);
    m_rawTable = new TableView(tr("Rows of the data set"), m_views);
    m_rawTable->setSource(m_rawRows);
    m_rawTable->setSortingEnabled(false);
    m_views->addWidget(m_rawTable);
    m_views->addWidget(makeTokens());
    m_views->addWidget(makeShape());
    m_views->setCurrentIndex(1);
    panel->body()->addWidget(m_views, 1);
    connect(m_tabs, &QTabBar::currentChanged, m_views, &QStackedWidget::setCurrentIndex);
    return panel;
}

QWidget* DataPage::makeTabs()
{
    auto* room = new QWidget;
    room->setFixedHeight(px(36));
    auto* row = new QHBoxLayout(room);
    row->setContentsMargins(px(16), 0, px(16), 0);
    row->setSpacing(px(8));
    m_tabs = new QTabBar;
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    for (const QString& name : {tr("Rows"), tr("Tokens"), tr("Shape")})
        m_tabs->addTab(name);
    m_tabs->setCurrentIndex(1);
    m_tabs->setAccessibleName(tr("Views of the data set"));
    row->addWidget(m_tabs, 0, Qt::AlignBottom);
    m_recognised = (new TextLabel(TextType::Caption, TextInk::Ink3))->elided();
    row->addWidget(m_recognised, 1);
    const auto labelled = [row](const QString& words, QWidget* field) {
        auto* label = new TextLabel(words, TextType::Table, TextInk::Ink2);
        label->setBuddy(field);
        row->addWidget(label);
        row->addWidget(field);
    };
    m_tokenizer = new ChoiceBox(tr("Tokenizer of"));
    m_tokenizer->setSmall();
    m_tokenizer->setToolTip(
        tr("Only this page reads with it; the experiment's model is chosen on the page Tune."));
    connect(m_tokenizer, &ChoiceBox::chosen, this, [this](const QString& model) {
        m_reader = model.toStdString();
        m_proofTimer.start();
    });
    labelled(tr("Tokenizer of"), m_tokenizer);
    m_length = new NumberField(tr("Length limit in tokens"), tr("tokens"));
    m_length->setProperty("small", true);
    m_length->setRange(8, 1048576, true);
    m_length->setFixedWidth(px(104));
    m_length->setToolTip(tr("Longer rows are cut here. 512 suits most questions and answers."));
    connect(m_length, &NumberField::edited, this, &DataPage::edited);
    labelled(tr("Length"), m_length);
    return room;
}

QWidget* DataPage::makeTokens()
{
    auto* room = new QWidget;
    auto* row = new QHBoxLayout(room);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* left = new QWidget(room);
    left->setFixedWidth(px(344));
    QVBoxLayout* leftColumn = bareColumn(left);
    m_tokenTable = new TableView(tr("Rows with their length"), left);
    m_tokenTable->setSource(m_tokenRows);
    m_tokenTable->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tokenTable->horizontalHeader()->setStretchLastSection(false);
    m_tokenTable->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
    m_tokenTable->setSortingEnabled(false);
    m_tokenTable->fixColumn(0, 60);
    m_tokenTable->fixColumn(2, 80);
    connect(m_tokenTable, &TableView::rowChosen, this, [this](int at) {
        if (m_tokenRows->rowNumber(at) != m_row)
            showRow(m_tokenRows->rowNumber(at));
    });
    leftColumn->addWidget(m_tokenTable, 1);
    auto* foot = new QFrame(left);
    foot->setProperty("surface", QStringLiteral("foot"));
    auto* footRow = new QVBoxLayout(foot);
    footRow->setContentsMargins(px(12), px(10), px(12), px(10));
    m_rowsFoot = (new TextLabel(TextType::Caption, TextInk::Ink3))->wrapped();
    footRow->addWidget(m_rowsFoot);
    leftColumn->addWidget(foot);
    row->addWidget(left);
    row->addWidget(makeLine(Qt::Vertical, room));
    auto* right = new QWidget(room);
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(px(16), px(8), px(16), px(12));
    column->setSpacing(px(8));
    auto* head = new QHBoxLayout;
    head->setSpacing(px(12));
    m_rowTitle = new TextLabel(TextType::BodyStrong);
    m_rowFact = (new TextLabel(TextType::Table, TextInk::Ink2))->elided();
    head->addWidget(m_rowTitle);
    head->addWidget(m_rowFact, 1);
    addLegend(*head, {0, QStringLiteral(" "), false, true, false, {}, {}}, tr("trained"));
    addLegend(*head, {0, QStringLiteral(" "), false, false, false, {}, {}}, tr("read only"));
    addLegend(*head, {0, QStringLiteral(" "), true, false, false, {}, {}}, tr("template"));
    column->addLayout(head);
    m_flow = new TokenFlow(right);
    m_flow->setAccessibleName(tr("Tokens of the chosen row"));
    column->addWidget(m_flow, 1);
    m_limitWords = new TextLabel(TextType::Table, TextInk::Ink2);
    m_limitMeter = new Meter(8, right);
    column->addWidget(m_limitWords);
    column->addWidget(m_limitMeter);
    row->addWidget(right, 1);
    return room;
}

QWidget* DataPage::makeShape()
{
    auto* room = new QWidget;
    auto* column = new QVBoxLayout(room);
    column->setContentsMargins(px(16), px(12), px(16), px(12));
    column->setSpacing(px(8));
    column->addWidget(new TextLabel(tr("Length of the rows"), TextType::BodyStrong));
    m_histogram = new BarPlot(room);
    m_histogram->setTitle(tr("Length of the rows"));
    m_histogram->setAxisTitles(tr("tokens"), tr("rows"));
    column->addWidget(m_histogram, 1);
    column->addWidget(makeLine(Qt::Horizontal, room));
    m_shape = new FigureRow(room);
    column->addWidget(m_shape);
    return room;
}

void DataPage::showCounters()
{
    m_counters->setCounters(proofExperiment().model.empty()
                                ? std::vector<Counter>()
                                : countersOf(m_report, isHeldOut(), m_isProven));
    m_counters->setCurrent(-1);
    if (!m_tokenRows->isSubset())
        m_rowsFoot->setText(tr("%n row(s). Click a counter above to see only its rows.", nullptr,
                               static_cast<int>(m_dataset.rows)));
}

void DataPage::showShape()
{
    Bars bars = lengthBars(proof().lengths);
    std::vector<ReferenceLine> lines;
    if (!bars.values.empty())
        lines.push_back(
            {static_cast<double>(m_draft.maxLength), tr("length %1").arg(m_draft.maxLength)});
    m_histogram->setBars(std::move(bars), std::move(lines));
    m_shape->setFigures(shapeFigures(proof(), m_draft.maxLength));
}

void DataPage::showProblem()
{
    const std::string part = isHeldOut() ? "heldOut" : "train";
    const auto found = std::find_if(
        m_report.problems.begin(), m_report.problems.end(), [&part](const Problem& problem) {
            const bool isOfData = problem.field.starts_with(part)
                || problem.field.starts_with("train") // without it nothing can be kept apart
                || problem.field.starts_with("maxLength") || problem.field.starts_with("layout")
                || problem.field.starts_with("system");
            return isOfData && !problem.isWarning;
        });
    const bool hasNoModel = proofExperiment().model.empty();
    m_problemRoom->setVisible(hasNoModel || found != m_report.problems.end());
    m_length->setMarked({});
    if (hasNoModel) {
        m_problem->show(InlineMessage::Kind::Note,
                        tr("No model is chosen, so there is no tokenizer to read with."),
                        tr("Open a model; the tokens and their counters appear then."));
        connect(m_problem->addButton(tr("Open a model…"), true), &QPushButton::clicked, this,
                [this] { session().go(PageId::Models); });
        return;
    }
    if (found == m_report.problems.end())
        return;
    m_problem->show(InlineMessage::Kind::Error, text(found->what), text(found->hint));
    const std::int64_t longest = longestRow(proof());
    if (proof().trainedTokens == 0 && longest > m_draft.maxLength) {
        m_length->setMarked(QStringLiteral("error"));
        const std::int64_t wanted = comfortableLength(longest);
        connect(m_problem->addButton(tr("Set the length to %1 tokens").arg(wanted), true),
                &QPushButton::clicked, this, [this, wanted] {
                    m_length->setValue(static_cast<double>(wanted));
                    edited();
                });
    }
}

void DataPage::clearTokens()
{
    m_flow->setTokens({});
    m_rowTitle->setText({});
    m_rowFact->setFullText({});
    m_limitWords->setText({});
    m_limitMeter->setParts({}, 1.0);
}

void DataPage::showTokens(const RowTokens& tokens)
{
    m_flow->setTokens(flowTokens(tokens));
    const auto kept = std::count_if(tokens.tokens.begin(), tokens.tokens.end(),
                                    [](const TokenView& t) { return !t.isCut; });
    const auto trained = std::count_if(tokens.tokens.begin(), tokens.tokens.end(),
                                       [](const TokenView& t) { return t.isTrained && !t.isCut; });
    const auto all = static_cast<std::ptrdiff_t>(tokens.tokens.size());
    const QLocale locale;
    m_rowTitle->setText(tr("Row %1").arg(locale.toString(qlonglong(tokens.row + 1))));
    if (!tokens.failure.empty())
        m_rowFact->setFullText(text(tokens.failure));
    else if (kept < all)
        m_rowFact->setFullText(
            tr("%1 of %2 tokens kept, %3 trained").arg(kept).arg(all).arg(trained)
            + labelOf(tokens));
    else
        m_rowFact->setFullText(tr("%1 tokens, %2 trained").arg(all).arg(trained) + labelOf(tokens));
    m_limitWords->setText(tr("Row %1 in the length limit: %2 of %3 tokens")
                              .arg(locale.toString(qlonglong(tokens.row + 1)),
                                   locale.toString(qlonglong(all)),
                                   locale.toString(qlonglong(m_draft.maxLength))));
    m_limitMeter->setParts(
        {{static_cast<double>(kept - trained), Meter::Ink::Edge, tr("read only")},
         {static_cast<double>(trained), Meter::Ink::Accent, tr("trained")}},
        static_cast<double>(std::max<std::int64_t>(m_draft.maxLength, all)));
}

} // namespace tw
