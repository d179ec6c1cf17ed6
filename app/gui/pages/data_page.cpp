// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/data_page.h"

#include "app/gui/file_dialog.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/data/counter_row.h"
#include "app/gui/pages/data/data_rows_model.h"
#include "app/gui/pages/data/proof_in_words.h"
#include "app/gui/pages/data/role_row.h"
#include "app/gui/pages/data/row_cache.h"
#include "app/gui/pages/list_rows.h"
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
namespace {

constexpr int kTokensTab = 1; // Rows, Tokens, Shape

} // namespace

DataPage::DataPage(Session& session)
    : Page(session, pageEntry(PageId::Data).title, pageEntry(PageId::Data).question)
    , m_cache(new RowCache(session, this))
    , m_rawRows(new DataRowsModel(*m_cache, DataRowsModel::Kind::Raw, this))
    , m_tokenRows(new DataRowsModel(*m_cache, DataRowsModel::Kind::Tokens, this))
{
    QPushButton* folder =
        makeButton(tr("Add folder…"), ButtonKind::Secondary, QStringLiteral("folder"));
    folder->setToolTip(tr("Images or sounds, a folder for each label; or a data set as the Python "
                          "library datasets saves it."));
    connect(folder, &QPushButton::clicked, this, &DataPage::openFolder);
    addAction(folder);
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
    m_reader.clear();
    m_dataset = DatasetSummary();
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
    } else if (isOther && m_dataset.rows > 0) {
        datasetRead(m_dataset);
    }
}

void DataPage::openFiles()
{
    auto* dialog =
        new QFileDialog(this, tr("Add data"), {},
                        tr("Data (*.csv *.tsv *.json *.jsonl *.txt *.md *.parquet *.arrow *.zip);;"
                           "All files (*)"));
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::filesSelected, this, [this](const QStringList& files) {
        for (const QString& file : files)
            session().openPath(file);
    });
    dialog->open();
}

void DataPage::openFolder()
{
    auto* dialog = new QFileDialog(this, tr("Add a folder of data"));
    dialog->setFileMode(QFileDialog::Directory);
    ask(dialog, this, [this](const QString& path) { session().openPath(path); });
}

void DataPage::fillList()
{
    std::vector<ListRow> rows;
    for (const std::string& path : session().project()->datasets()) {
        ListRow row;
        row.title = baseName(path);
        row.path = text(path);
        row.second = tr("not read yet");
        if (const auto known = m_known.find(path); known != m_known.end()) {
            const DatasetSummary& summary = known->second;
            row.second = text(summary.layoutTitle).section(QStringLiteral(" ("), 0, 0);
            row.secondRight = tr("%Ln row(s)", nullptr, static_cast<int>(summary.rows));
            row.mark = blocks(summary.problems) ? QStringLiteral("error")
                : summary.problems.empty()      ? QStringLiteral("check")
                                                : QStringLiteral("warn");
        }
        rows.push_back(row);
    }
    const QSignalBlocker quiet(m_list->selectionModel());
    fillRows(*m_items, rows);
    chooseRow(*m_list, text(m_path));
}

void DataPage::openDataset(const std::string& path)
{
    m_path = path;
    m_row = -1;
    m_isProven = false;
    m_report = CheckReport();
    m_cache->open(path);
    // Nothing of the data set that was shown before may stand beside the name of this one.
    m_proof.drop();
    m_tokens.drop();
    m_proofTimer.stop();
    m_dataset = DatasetSummary();
    m_rawRows->setDataset(m_dataset);
    m_tokenRows->setDataset(m_dataset);
    m_roles->setColumns({}, {});
    showRecognised();
    clearTokens();
    showProof();
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
        message().show(InlineMessage::Kind::Error, what, hint);
    });
}

void DataPage::datasetRead(const DatasetSummary& dataset)
{
    const bool isOther = !(dataset == m_dataset) || m_rawRows->columnCount() == 1;
    m_dataset = dataset;
    m_roles->setColumns(dataset.columns, part().roles);
    showRecognised();
    m_layout->setCurrentId(text(m_draft.layout));
    m_length->setValue(static_cast<double>(m_draft.maxLength));
    fillTokenizers();
    if (isOther) {
        m_rawRows->setDataset(dataset);
        m_tokenRows->setDataset(dataset);
        m_tokenRows->setWordsColumn(wordsColumn(dataset, part().roles));
    }
    m_proofTimer.start();
}

void DataPage::showRecognised()
{
    const QString all = text(m_dataset.layoutTitle);
    const QString shortly = all.section(QStringLiteral(" ("), 0, 0);
    const bool isGuess = part().roles.empty() && !all.isEmpty();
    m_recognised->setInk(isGuess ? TextInk::Warn : TextInk::Ink3);
    m_recognised->setFullText(shortly);
    const QString how = tr("%1: recognised by the names of the columns and by the first rows.");
    m_recognised->setToolTip(all.isEmpty() ? QString()
                                 : isGuess ? how.arg(all) + QLatin1Char(' ') + tr("Please check.")
                                           : how.arg(all));
}

void DataPage::fillTokenizers()
{
    const std::vector<std::string> models = session().project()->models();
    bool isSame = m_tokenizer->count() == static_cast<int>(models.size());
    for (int i = 0; isSame && i < m_tokenizer->count(); ++i)
        isSame = m_tokenizer->itemData(i).toString().toStdString()
            == models[static_cast<std::size_t>(i)];
    if (!isSame) {
        m_tokenizer->clear();
        for (const std::string& model : models)
            m_tokenizer->addChoice(baseName(model), text(model));
    }
    m_tokenizer->setCurrentId(text(m_reader.empty() ? m_draft.model : m_reader));
    m_tokenizer->setEnabled(m_tokenizer->count() > 0);
}

DataPart DataPage::part() const
{
    return session().partOf(m_path);
}

bool DataPage::isHeldOut() const
{
    return m_path == m_draft.heldOut.path && !m_draft.train.path.empty()
        && m_path != m_draft.train.path;
}

void DataPage::rolesEdited()
{
    DataPart changed = part();
    changed.roles = m_roles->roles();
    session().rememberPart(changed);
    Experiment stored = session().project()->draft();
    for (DataPart* used : {&stored.train, &stored.heldOut, &stored.general}) {
        if (used->path == m_path)
            used->roles = changed.roles;
    }
    store(stored);
    m_roles->setColumns(m_dataset.columns, changed.roles);
    showRecognised();
    m_tokenRows->setWordsColumn(wordsColumn(m_dataset, changed.roles));
    m_proofTimer.start();
}

void DataPage::edited()
{
    Experiment stored = session().project()->draft();
    stored.layout = m_layout->currentId().toStdString();
    stored.maxLength = static_cast<std::int64_t>(m_length->value());
    store(stored);
    m_proofTimer.start();
}

void DataPage::store(const Experiment& draft)
{
    if (!session().project()->isReadOnly() && !(draft == session().project()->draft()))
        session().project()->setDraft(draft);
    m_draft = draft;
}

Experiment DataPage::proofExperiment() const
{
    Experiment experiment = m_draft;
    if (!m_reader.empty())
        experiment.model = m_reader;
    (isHeldOut() ? experiment.heldOut : experiment.train) = part();
    if (m_path != m_draft.train.path && !isHeldOut())
        experiment.heldOut = DataPart();
    experiment.heldOutShare = 0.0; // all rows, in the order of the file
    experiment.general = DataPart();
    return experiment;
}

void DataPage::prove()
{
    m_isProven = false;
    m_proof.drop();
    const Experiment asked = proofExperiment();
    if (asked.model.empty()) {
        m_report = CheckReport();
        return showProof();
    }
    showCounters(); // that they are being read
    JobWatcher* watcher = m_proof.start(
        session().workspace().check(asked),
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
    m_tokenRows->setLengths(proof().lengths);
    m_use->setEnabled(m_dataset.rows > 0
                      && !(m_isProven && proof().rows > 0 && proof().trainedTokens == 0));
    if (m_isProven && m_dataset.rows > 0)
        showRow(std::clamp<std::int64_t>(m_row, 0, m_dataset.rows - 1));
}

void DataPage::counterClicked(int index)
{
    const std::vector<std::int64_t> rows = rowsOfCounter(proof(), index);
    m_tokenRows->setSubset(rows);
    m_counters->setCurrent(rows.empty() ? -1 : index);
    m_tabs->setCurrentIndex(kTokensTab);
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
    const Experiment asked = proofExperiment();
    if (asked.model.empty())
        return;
    JobWatcher* watcher = m_tokens.start(
        session().workspace().rowTokens(asked, isHeldOut(), row),
        [this](const RowTokens& tokens) { showTokens(tokens); }, this);
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        m_flow->setTokens({});
        m_rowFact->setFullText(what + QLatin1Char(' ') + hint);
    });
}

void DataPage::use()
{
    session().useData(part());
}

Page* makeDataPage(Session& session)
{
    return new DataPage(session);
}

} // namespace tw
