// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/data_page.h"

#include "app/gui/page_list.h"
#include "app/gui/pages/data/counter_row.h"
#include "app/gui/pages/data/data_rows_model.h"
#include "app/gui/pages/data/proof_in_words.h"
#include "app/gui/pages/data/role_row.h"
#include "app/gui/pages/data/row_cache.h"
#include "app/gui/pages/list_delegate.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/choice_box.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/figure_row.h"
#include "widgets/basic/inline_message.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/text_label.h"
#include "widgets/form/number_field.h"
#include "widgets/plot/bar_plot.h"
#include "widgets/table/table_view.h"
#include "widgets/text/token_flow.h"

#include <QFileDialog>
#include <QListView>
#include <QLocale>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QTabBar>

#include <algorithm>
#include <chrono>

namespace tw {

DataPage::DataPage(Session& session)
    : Page(session, pageEntry(PageId::Data).title, pageEntry(PageId::Data).question)
    , m_cache(new RowCache(session, this))
    , m_rawRows(new DataRowsModel(*m_cache, DataRowsModel::Kind::Raw, this))
    , m_tokenRows(new DataRowsModel(*m_cache, DataRowsModel::Kind::Tokens, this))
{
    QPushButton* add = makeButton(tr("Add data…"), ButtonKind::Secondary, QStringLiteral("plus"));
    connect(add, &QPushButton::clicked, this, &DataPage::openFiles);
    addAction(add);
    m_use = makeButton(tr("Use in Tune"), ButtonKind::Primary);
    connect(m_use, &QPushButton::clicked, this, &DataPage::use);
    addAction(m_use);
    makeContent();
    makeEmpty();

    m_proofTimer.setSingleShot(true);
    m_proofTimer.setInterval(std::chrono::milliseconds(350));
    m_proofTimer.setParent(this);
    connect(&m_proofTimer, &QTimer::timeout, this, &DataPage::prove);
    connect(&session, &Session::dataAdded, this, [this](const QString& path) {
        fillList();
        openDataset(path.toStdString());
    });
    connect(m_cache, &RowCache::failed, this, [this](const QString& what, const QString& hint) {
        message().show(InlineMessage::Kind::Error, what, hint);
    });
}

void DataPage::projectChanged()
{
    m_describe.drop();
    m_proof.drop();
    m_tokens.drop();
    m_path.clear();
    m_known.clear();
    m_cache->open({});
    message().hide();
    refresh();
}

void DataPage::refresh()
{
    const bool isEmpty = !session().project() || session().project()->datasets().empty();
    showEmptyState(isEmpty);
    m_use->setVisible(!isEmpty);
    if (isEmpty)
        return;
    const Experiment stored = session().project()->draft();
    const bool isOther = !(stored == m_draft);
    m_draft = stored;
    fillList();
    const std::vector<std::string> all = session().project()->datasets();
    if (m_path.empty()) {
        const bool isDrafted = std::find(all.begin(), all.end(), m_draft.train.path) != all.end();
        openDataset(isDrafted ? m_draft.train.path : all.front());
    } else if (isOther) {
        datasetRead(m_dataset);
    }
}

void DataPage::openFiles()
{
    auto* dialog =
        new QFileDialog(this, tr("Add data"), {},
                        tr("Data (*.csv *.tsv *.json *.jsonl *.txt *.md);;All files (*)"));
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::filesSelected, this, [this](const QStringList& files) {
        for (const QString& file : files)
            session().openPath(file);
    });
    dialog->open();
}

void DataPage::fillList()
{
    const std::vector<std::string> all = session().project()->datasets();
    const QSignalBlocker quiet(m_list->selectionModel());
    m_items->clear();
    for (const std::string& path : all) {
        auto* item = new QStandardItem(baseName(path));
        item->setEditable(false);
        item->setData(text(path), PathRole);
        item->setToolTip(text(path));
        const auto known = m_known.find(path);
        if (known != m_known.end()) {
            const DatasetSummary& summary = known->second;
            const auto used = std::count_if(
                summary.columns.begin(), summary.columns.end(),
                [](const ColumnSummary& c) { return c.role != "ignore" && !c.role.empty(); });
            item->setData(tr("%1 rows, %2")
                              .arg(QLocale().toString(qlonglong(summary.rows)),
                                   tr("%n role(s)", nullptr, static_cast<int>(used))),
                          SecondLineRole);
            const bool isBad = blocks(summary.problems);
            item->setData(isBad                          ? QStringLiteral("error")
                              : summary.problems.empty() ? QStringLiteral("check")
                                                         : QStringLiteral("warn"),
                          MarkIconRole);
        } else {
            item->setData(tr("not read yet"), SecondLineRole);
        }
        m_items->appendRow(item);
        if (path == m_path)
            m_list->setCurrentIndex(m_found->mapFromSource(item->index()));
    }
}

void DataPage::openDataset(const std::string& path)
{
    m_path = path;
    m_row = -1;
    m_isProven = false;
    m_report = CheckReport();
    m_cache->open(path);
    fillList();
    JobWatcher* watcher = m_describe.start(
        session().workspace().describeDataset(path),
        [this](const DatasetSummary& dataset) {
            message().hide();
            m_known[dataset.path] = dataset;
            m_known[m_path] = dataset;
            fillList();
            datasetRead(dataset);
        },
        this);
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        m_dataset = DatasetSummary();
        m_rawRows->setDataset(m_dataset);
        m_tokenRows->setDataset(m_dataset);
        m_use->setEnabled(false);
        message().show(InlineMessage::Kind::Error, what, hint);
    });
}

void DataPage::datasetRead(const DatasetSummary& dataset)
{
    const bool isOther = !(dataset == m_dataset) || m_rawRows->columnCount() == 1;
    m_dataset = dataset;
    m_roles->setColumns(dataset.columns, part().roles);
    m_layout->setCurrentId(text(m_draft.layout));
    m_length->setValue(static_cast<double>(m_draft.maxLength));
    m_tokenizer->clear();
    for (const std::string& model : session().project()->models())
        m_tokenizer->addChoice(baseName(model), text(model));
    m_tokenizer->setCurrentId(text(m_draft.model));
    m_tokenizer->setEnabled(m_tokenizer->count() > 0);
    if (isOther) {
        m_rawRows->setDataset(dataset);
        m_tokenRows->setDataset(dataset);
        m_tokenRows->setWordsColumn(wordsColumn(dataset, part().roles));
        m_tokenTable->resizeColumnToContents(2);
    }
    m_proofTimer.start();
}

DataPart& DataPage::part()
{
    for (DataPart* known : {&m_draft.train, &m_draft.heldOut, &m_draft.general}) {
        if (known->path == m_path)
            return *known;
    }
    static DataPart other;
    if (other.path != m_path)
        other = DataPart {m_path, {}, 0};
    return other;
}

void DataPage::edited()
{
    m_draft.layout = m_layout->currentId().toStdString();
    m_draft.maxLength = static_cast<std::int64_t>(m_length->value());
    if (!m_tokenizer->currentId().isEmpty())
        m_draft.model = m_tokenizer->currentId().toStdString();
    m_tokenRows->setWordsColumn(wordsColumn(m_dataset, part().roles));
    if (!session().project()->isReadOnly())
        session().project()->setDraft(m_draft);
    m_proofTimer.start();
}

Experiment DataPage::proofExperiment() const
{
    Experiment experiment = m_draft;
    experiment.train = const_cast<DataPage*>(this)->part();
    experiment.heldOut = DataPart();
    experiment.heldOutShare = 0.0; // all rows, in the order of the file
    experiment.general = DataPart();
    return experiment;
}

void DataPage::prove()
{
    m_isProven = false;
    if (m_draft.model.empty()) {
        m_report = CheckReport();
        return showProof();
    }
    JobWatcher* watcher = m_proof.start(
        session().workspace().check(proofExperiment()),
        [this](const CheckReport& report) {
            m_report = report;
            m_isProven = true;
            showProof();
        },
        this);
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        m_report = CheckReport();
        m_report.problems.push_back({"train", what.toStdString(), hint.toStdString(), false});
        m_isProven = true;
        showProof();
    });
}

void DataPage::showProof()
{
    showCounters();
    showShape();
    showProblem();
    m_tokenRows->setLengths(m_report.train.lengths);
    m_use->setEnabled(
        m_dataset.rows > 0
        && !(m_isProven && m_report.train.rows > 0 && m_report.train.trainedTokens == 0));
    if (m_isProven && m_dataset.rows > 0)
        showRow(std::clamp<std::int64_t>(m_row, 0, m_dataset.rows - 1));
}

void DataPage::counterClicked(int index)
{
    const std::vector<std::int64_t> rows = rowsOfCounter(m_report.train, index);
    m_tokenRows->setSubset(rows);
    m_counters->setCurrent(rows.empty() ? -1 : index);
    m_tabs->setCurrentIndex(0 + 1);
    m_rowsFoot->setText(rows.empty() ? tr("%n row(s). Click a counter above to see only its rows.",
                                          nullptr, static_cast<int>(m_dataset.rows))
                                     : tr("%1 of %2 rows. Click the first counter to see all.")
                                           .arg(rows.size())
                                           .arg(m_dataset.rows));
    if (!rows.empty())
        showRow(rows.front());
}

void DataPage::showRow(std::int64_t row)
{
    m_row = row;
    if (const int at = m_tokenRows->modelRow(row);
        at >= 0 && m_tokenTable->currentSourceRow() != at)
        m_tokenTable->setCurrentSourceRow(at);
    if (m_draft.model.empty())
        return;
    JobWatcher* watcher = m_tokens.start(
        session().workspace().rowTokens(proofExperiment(), false, row),
        [this](const RowTokens& tokens) { showTokens(tokens); }, this);
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        m_flow->setTokens({});
        m_rowFact->setText(what + QLatin1Char(' ') + hint);
    });
}

void DataPage::use()
{
    session().useData(text(m_path));
}

Page* makeDataPage(Session& session)
{
    return new DataPage(session);
}

} // namespace tw
