// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/file_dialog.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/runs/run_curves.h"
#include "app/gui/pages/runs/run_detail.h"
#include "app/gui/pages/runs/run_differences.h"
#include "app/gui/pages/runs/run_table_model.h"
#include "app/gui/pages/runs/run_table_view.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "app/gui/words.h"
#include "app/gui/write_file.h"
#include "widgets/basic/button.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/inline_message.h"
#include "widgets/plot/data_table.h"
#include "widgets/theme/type.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

constexpr int kSideWidth = 366; // px at 100 %

/// "Which run is best, and why?": the table of runs; one chosen run in detail, several compared.
class RunsPage final : public Page
{
    Q_DECLARE_TR_FUNCTIONS(tw::RunsPage)

public:
    explicit RunsPage(Session& session)
        : Page(session, pageEntry(PageId::Runs).title, pageEntry(PageId::Runs).question)
        , m_model(new RunTableModel(this))
        , m_filter(new RunFilter(this))
        , m_view(new RunTableView)
        , m_curves(new RunCurves)
        , m_detail(new RunDetail)
        , m_differences(new RunDifferences)
        , m_side(new QStackedWidget)
    {
        makeHead();
        makeContent();
        makeEmptyState();
        connectDetail();
        connect(&this->session().queue(), &RunQueue::failed, this,
                [this](qint64, const QString& what, const QString& hint) {
                    message().show(InlineMessage::Kind::Error, what, hint);
                });
        // A page that nobody looks at is refreshed when it is shown.
        const auto refreshIfSeen = [this] {
            if (isVisible())
                refresh();
        };
        connect(&this->session().queue(), &RunQueue::started, this, refreshIfSeen);
        connect(&this->session().queue(), &RunQueue::finished, this, refreshIfSeen);
    }

    void projectChanged() override
    {
        message().hide();
        m_model->setRuns({});
        refresh();
    }

    void refresh() override
    {
        const std::shared_ptr<Project>& project = session().project();
        const std::vector<std::int64_t> before = chosen();
        m_model->setRuns(project ? project->runs() : std::vector<RunSummary>());
        showEmptyState(m_model->runs().empty());
        if (m_model->runs().empty())
            return;
        const bool isLost = !before.empty() && chosen().empty();
        if (isLost)
            select(before);
        if (chosen().empty())
            select({mostInteresting()});
        else
            showChosen();
    }

    void showRun(std::int64_t run) override
    {
        m_filterField->clear();
        refresh();
        select({run});
    }

    bool isSettled() const override { return Page::isSettled() && !session().queue().isBusy(); }

private:
    void makeHead()
    {
        QPushButton* save =
            makeButton(tr("Export table…"), ButtonKind::Secondary, QStringLiteral("export"));
        connect(save, &QPushButton::clicked, this, [this] { askForTableFile(); });
        addAction(save);
        QPushButton* start = makeButton(tr("New run"), ButtonKind::Primary, QStringLiteral("plus"));
        connect(start, &QPushButton::clicked, this, [this] { session().go(PageId::Tune); });
        addAction(start);
    }

    void makeContent()
    {
        m_filter->setSourceModel(m_model);
        m_view->setModel(m_filter);
        m_view->sortByColumn(RunTableModel::Number, Qt::DescendingOrder);
        connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
                [this] { showChosen(); });

        auto* table = new Panel(tr("All runs"));
        table->setBodyMargins(0, 0, 0, 4);
        table->setHeadLine(true);
        m_filterField = new QLineEdit;
        m_filterField->setProperty("small", true);
        m_filterField->setPlaceholderText(tr("Filter, as in: held-out < 2"));
        m_filterField->setAccessibleName(tr("Filter the runs"));
        m_filterField->setClearButtonEnabled(true);
        m_filterField->setMinimumWidth(px(220));
        connect(m_filterField, &QLineEdit::textChanged, m_filter, &RunFilter::setWish);
        table->addTool(m_filterField);
        table->body()->addWidget(m_view);

        m_side->addWidget(m_detail);
        m_side->addWidget(m_differences);
        m_side->setFixedWidth(px(kSideWidth));
        auto* below = new QWidget;
        auto* row = new QHBoxLayout(below);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(px(16));
        row->addWidget(m_curves, 1);
        row->addWidget(m_side);

        auto* split = new QSplitter(Qt::Vertical);
        split->setChildrenCollapsible(false);
        split->setHandleWidth(px(16));
        split->addWidget(table);
        split->addWidget(below);
        split->setStretchFactor(0, 2);
        split->setStretchFactor(1, 3);
        table->setMinimumHeight(px(160));
        below->setMinimumHeight(px(260));
        setContent(split);
        connect(&m_curves->plot(), &Chart::notSaved, this, [this](const QString& what) {
            message().show(InlineMessage::Kind::Error, what, {});
        });
    }

    void makeEmptyState()
    {
        auto* empty = new EmptyState(
            pageEntry(PageId::Runs).icon, tr("No runs yet"),
            tr("A run is one training from start to end. Choose a model, data and a method on the "
               "page Tune, or try the sample: it trains in under two minutes."));
        connect(empty->addButton(tr("Set up a run")), &QPushButton::clicked, this,
                [this] { session().go(PageId::Tune); });
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }

    void connectDetail()
    {
        connect(m_detail, &RunDetail::pauseAsked, this, [this] {
            session().queue().pause();
            refresh();
        });
        connect(m_detail, &RunDetail::goOnAsked, this, [this] {
            session().queue().goOn();
            refresh();
        });
        connect(m_detail, &RunDetail::stopAsked, this, [this] { session().queue().stop(); });
        connect(m_detail, &RunDetail::resumeAsked, this, [this] {
            session().queue().resumeRun(firstChosen());
            refresh();
        });
        connect(m_detail, &RunDetail::inspectAsked, this,
                [this] { session().go(PageId::Inspect, firstChosen()); });
        connect(m_detail, &RunDetail::exploreAsked, this,
                [this] { session().go(PageId::Explore, firstChosen()); });
        connect(m_detail, &RunDetail::duplicateAsked, this, [this] {
            Experiment copy = session().project()->experimentOf(firstChosen());
            copy.name = tr("%1, changed").arg(text(copy.name)).toStdString();
            session().project()->setDraft(copy);
            session().go(PageId::Tune);
        });
        connect(m_detail, &RunDetail::deleteAsked, this, [this] { askToDelete(firstChosen()); });
    }

    /// In the order of the table.
    std::vector<std::int64_t> chosen() const
    {
        std::vector<std::int64_t> runs;
        for (int row = 0; row < m_filter->rowCount(); ++row)
            if (m_view->selectionModel()->isRowSelected(row))
                runs.push_back(m_filter->index(row, 0).data(RunTableModel::RunRole).toLongLong());
        return runs;
    }
    std::int64_t firstChosen() const { return chosen().empty() ? 0 : chosen().front(); }

    void select(const std::vector<std::int64_t>& runs)
    {
        QItemSelection selection;
        for (int row = 0; row < m_filter->rowCount(); ++row) {
            const QModelIndex index = m_filter->index(row, 0);
            if (std::find(runs.begin(), runs.end(), index.data(RunTableModel::RunRole).toLongLong())
                == runs.end())
                continue;
            selection.select(index, m_filter->index(row, RunTableModel::ColumnCount - 1));
            m_view->selectionModel()->setCurrentIndex(m_filter->index(row, RunTableModel::Name),
                                                      QItemSelectionModel::NoUpdate);
        }
        m_view->selectionModel()->select(
            selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        showChosen();
    }

    void showChosen()
    {
        const std::shared_ptr<Project>& project = session().project();
        const std::vector<std::int64_t> runs = chosen();
        if (!project || runs.empty())
            return;
        std::map<std::int64_t, int> lines;
        std::vector<RunCurves::ShownRun> shown;
        std::vector<DifferenceModel::Run> compared;
        for (std::size_t i = 0; i < std::min(runs.size(), std::size(kRunLines)); ++i) {
            lines[runs[i]] = kRunLines[i];
            shown.push_back({project->run(runs[i]), kRunLines[i]});
            if (runs.size() > 1)
                compared.push_back({runs[i], kRunLines[i], project->experimentOf(runs[i])});
        }
        m_view->delegate().setLines(lines);
        m_view->viewport()->update();
        const RunSummary first = shown.front().run;
        m_curves->setRuns(project, std::move(shown));
        m_side->setCurrentIndex(runs.size() > 1 ? 1 : 0);
        const RunQueue& queue = session().queue();
        if (runs.size() > 1)
            m_differences->setRuns(compared);
        else
            m_detail->setRun(project, first, queue.currentRun() == first.id, queue.isPaused(),
                             !queue.isBusy());
    }

    /// What is under way; else the newest run that has begun; else the newest.
    std::int64_t mostInteresting() const
    {
        std::int64_t begun = 0;
        for (const RunSummary& run : m_model->runs()) {
            if (run.state == RunState::Running || run.state == RunState::Paused)
                return run.id;
            if (run.state != RunState::Queued)
                begun = run.id;
        }
        return begun != 0 ? begun : m_model->runs().back().id;
    }

    void askToDelete(std::int64_t run)
    {
        message().show(
            InlineMessage::Kind::Warning, tr("Run %1 and its files would be deleted.").arg(run),
            tr("Its curves, samples and checkpoints go with it. Reports that were saved stay."));
        connect(message().addButton(tr("Delete run %1").arg(run), true), &QPushButton::clicked,
                this, [this, run] {
                    message().hide();
                    session().project()->deleteRun(run);
                    refresh();
                });
        connect(message().addButton(tr("Keep it")), &QPushButton::clicked, this,
                [this] { message().hide(); });
    }

    void askForTableFile()
    {
        auto* dialog = new QFileDialog(this, tr("Save the table of runs"));
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setNameFilter(tr("Numbers (*.csv)"));
        dialog->setDefaultSuffix(QStringLiteral("csv"));
        dialog->selectFile(tr("runs.csv"));
        ask(dialog, this, [this](const QString& file) { saveTable(file); });
    }

    void saveTable(const QString& file)
    {
        DataTable table;
        for (int column = RunTableModel::State; column < RunTableModel::ColumnCount; ++column)
            table.columns << m_filter->headerData(column, Qt::Horizontal).toString();
        for (int row = 0; row < m_filter->rowCount(); ++row) {
            QStringList cells;
            for (int column = RunTableModel::State; column < RunTableModel::ColumnCount; ++column) {
                const QVariant key = m_filter->index(row, column).data(RunTableModel::SortRole);
                cells << (key.userType() == QMetaType::Double ? cellText(key.toDouble())
                                                              : key.toString());
            }
            table.rows.push_back(cells);
        }
        writeFile(file, toCsv(table).toUtf8());
    }

    RunTableModel* m_model;
    RunFilter* m_filter;
    RunTableView* m_view;
    RunCurves* m_curves;
    RunDetail* m_detail;
    RunDifferences* m_differences;
    QStackedWidget* m_side;
    QLineEdit* m_filterField = nullptr;
};

} // namespace

Page* makeRunsPage(Session& session)
{
    return new RunsPage(session);
}

} // namespace tw
