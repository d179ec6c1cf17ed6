// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/job_watcher.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/inspect/cell_panel.h"
#include "app/gui/pages/inspect/findings.h"
#include "app/gui/pages/inspect/measures.h"
#include "app/gui/pages/pair_chooser.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/inline_message.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/segmented_choice.h"
#include "widgets/basic/text_label.h"

#include <QCoreApplication>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QSlider>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>

namespace tw {
namespace {

/// "What did the tuning change, and where?": the X-ray of B against A.
class InspectPage final : public Page
{
    Q_DECLARE_TR_FUNCTIONS(tw::InspectPage)

public:
    explicit InspectPage(Session& session)
        : Page(session, pageEntry(PageId::Inspect).title, pageEntry(PageId::Inspect).question)
        , m_pair(new PairChooser(session))
        , m_stack(new QStackedWidget)
        , m_figures(new FigureRow)
        , m_grid(new XrayGrid)
        , m_cell(new CellPanel)
    {
        setHeadWidget(m_pair);
        makeActions();
        m_stack->addWidget(makeInvitation());
        m_stack->addWidget(makeProgress());
        m_stack->addWidget(makeResult());
        setContent(m_stack);
        makeEmptyState();
        connect(m_pair, &PairChooser::changed, this, [this] { showPair(); });
        connect(m_grid, &Chart::notSaved, this, [this](const QString& what) {
            message().show(InlineMessage::Kind::Error, what, {});
        });
        connect(m_cell, &CellPanel::notSaved, this, [this](const QString& what) {
            message().show(InlineMessage::Kind::Error, what, {});
        });
    }

    void projectChanged() override
    {
        m_job.drop();
        m_result.reset();
        m_shown.reset();
        message().hide();
        refresh();
    }
    void refresh() override
    {
        m_pair->refresh();
        showPair();
    }
    void showRun(std::int64_t run) override
    {
        m_pair->chooseRun(run);
        showPair();
    }
    bool isSettled() const override { return Page::isSettled() && !m_job.isRunning(); }

private:
    void makeActions()
    {
        m_export = makeButton(tr("Export…"), ButtonKind::Secondary, QStringLiteral("export"));
        auto* menu = new QMenu(m_export);
        m_grid->addExportActions(menu);
        m_export->setMenu(menu);
        addAction(m_export);
        m_start = makeButton(tr("X-ray it"), ButtonKind::Primary, QStringLiteral("inspect"));
        m_start->setToolTip(tr("Compares every matrix of B with that of A. Takes under a minute "
                               "for a small adapter."));
        connect(m_start, &QPushButton::clicked, this, [this] { start(); });
        addAction(m_start);
        m_report = makeButton(tr("Make a report"), ButtonKind::Primary, QStringLiteral("reports"));
        connect(m_report, &QPushButton::clicked, this,
                [this] { this->session().go(PageId::Reports, m_shown ? m_shown->run : 0); });
        addAction(m_report);
    }

    void makeEmptyState()
    {
        auto* empty = new EmptyState(
            pageEntry(PageId::Inspect).icon, tr("Nothing to look into yet"),
            tr("An X-ray compares a tuned model with its base, matrix by matrix. Finish a run, or "
               "open an adapter from a folder on the page Models."));
        connect(empty->addButton(tr("Set up a run")), &QPushButton::clicked, this,
                [this] { session().go(PageId::Tune); });
        connect(empty->addButton(tr("Open a model or adapter")), &QPushButton::clicked, this,
                [this] { session().go(PageId::Models); });
        setEmptyState(empty);
        showEmptyState(true);
    }

    QWidget* makeInvitation()
    {
        auto* invitation = new EmptyState(
            pageEntry(PageId::Inspect).icon, tr("Not X-rayed yet"),
            tr("The X-ray says how far each matrix moved, where the change sits, and which "
               "directions are new. No training data is needed. The result is kept with the run."));
        connect(invitation->addButton(tr("X-ray it")), &QPushButton::clicked, this,
                [this] { start(); });
        return invitation;
    }

    QWidget* makeProgress()
    {
        auto* panel = new Panel(tr("Comparing the matrices"));
        m_meter = new Meter(8);
        m_progress = new TextLabel(TextType::Table, TextInk::Ink2);
        QPushButton* cancel = makeButton(tr("Cancel"), ButtonKind::Small);
        connect(cancel, &QPushButton::clicked, this, [this] {
            m_job.drop();
            showPair();
        });
        panel->body()->addWidget(m_meter);
        panel->body()->addWidget(m_progress);
        panel->body()->addWidget(cancel, 0, Qt::AlignLeft);
        auto* room = new QWidget;
        auto* column = new QVBoxLayout(room);
        column->setContentsMargins(0, 0, 0, 0);
        column->addWidget(panel);
        column->addStretch(1);
        return room;
    }

    QWidget* makeResult()
    {
        auto* room = new QWidget;
        auto* column = new QVBoxLayout(room);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(px(12));
        auto* findings = new Panel;
        findings->setBodyMargins(16, 2, 4, 2);
        findings->body()->addWidget(m_figures);
        findings->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
        column->addWidget(findings);
        column->addWidget(makeGridPanel());
        m_cell->setMinimumHeight(px(236));
        column->addWidget(m_cell, 1);
        return room;
    }

    QWidget* makeGridPanel()
    {
        m_gridPanel = new Panel(tr("Change of each matrix"));
        m_gridPanel->setBodyMargins(16, 0, 16, 8);
        m_measure = new SegmentedChoice(
            {tr("|ΔW| / |W|"), tr("Effective rank"), tr("Intruders"), tr("Rotation")},
            tr("Measure"));
        const QString helps[] {relativeChangeHelp(), effectiveRankHelp(), intrudersHelp(),
                               rotationHelp()};
        for (int i = 0; i < static_cast<int>(std::size(helps)); ++i)
            m_measure->explain(i, helps[i]);
        connect(m_measure, &SegmentedChoice::chosen, this, [this] { showGrid(); });
        m_gridPanel->addTool(m_measure);
        auto* caption = new TextLabel(tr("New below"), TextType::Table, TextInk::Ink2);
        m_epsilon = new QSlider(Qt::Horizontal);
        m_epsilon->setRange(5, 95); // hundredths of a cosine
        m_epsilon->setValue(50);
        m_epsilon->setFixedWidth(px(120));
        m_epsilon->setAccessibleName(tr("Similarity below which a direction counts as new"));
        m_epsilon->setToolTip(epsilonHelp());
        caption->setToolTip(epsilonHelp());
        m_epsilonText = new TextLabel(TextType::Table);
        caption->setBuddy(m_epsilon);
        m_gridPanel->addTool(caption);
        m_gridPanel->addTool(m_epsilon);
        m_gridPanel->addTool(m_epsilonText);
        connect(m_epsilon, &QSlider::valueChanged, this, [this] { showResult(); });
        m_gridPanel->body()->addWidget(m_grid);
        m_gridPanel->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
        connect(m_grid, &XrayGrid::selectionChanged, this, [this] { showCell(); });
        return m_gridPanel;
    }

    double epsilon() const { return m_epsilon->value() / 100.0; }

    /// Shows the stored result of the chosen pair, or how to get one.
    void showPair()
    {
        const bool isEmpty = !session().project() || m_pair->isEmpty();
        showEmptyState(isEmpty);
        m_pair->setVisible(!isEmpty);
        const std::optional<PairChooser::Tuned> tuned = m_pair->tuned();
        const ModelRef base = m_pair->base();
        if (isEmpty || !tuned) {
            showButtons(false, false);
            return;
        }
        if (m_shown == tuned && m_shownBase == base && (m_result || m_job.isRunning()))
            return showStage();
        m_job.drop(); // its answer would be about another pair
        m_shown = tuned;
        m_shownBase = base;
        m_result.reset();
        if (tuned->run != 0) {
            std::optional<XrayResult> stored = session().project()->xrayOf(tuned->run);
            if (stored && stored->tuned.adapter == tuned->ref.adapter)
                m_result = std::move(stored);
        }
        if (m_result) {
            m_result->base = base; // the same files under another spelling of their path
            m_result->tuned = tuned->ref;
            chooseLoudestCell();
            showResult();
        }
        showStage();
    }

    void showStage()
    {
        const bool isRunning = m_job.isRunning();
        m_stack->setCurrentIndex(isRunning ? 1 : m_result ? 2 : 0);
        showButtons(!isRunning && !m_result, m_result.has_value());
    }

    void showButtons(bool canStart, bool hasResult)
    {
        m_start->setVisible(canStart);
        m_export->setVisible(hasResult);
        m_report->setVisible(hasResult && m_shown && m_shown->run != 0);
    }

    void start()
    {
        const std::optional<PairChooser::Tuned> tuned = m_pair->tuned();
        if (!tuned)
            return;
        message().hide();
        showProgress({});
        JobWatcher* watcher = m_job.start(
            session().workspace().xray(m_pair->base(), tuned->ref, XrayOptions()),
            [this, tuned](const XrayResult& result) { keep(result, *tuned); }, this);
        session().announce(watcher, tr("X-ray of %1").arg(tuned->name));
        connect(watcher, &JobWatcher::progressed, this,
                [this](const Progress& progress) { showProgress(progress); });
        connect(watcher, &JobWatcher::failed, this,
                [this](const QString& what, const QString& hint) {
                    m_job.drop();
                    message().show(InlineMessage::Kind::Error, what, hint);
                    showStage();
                });
        showStage();
    }

    void showProgress(const Progress& progress)
    {
        m_meter->setShare(progress.total <= 0 ? 0.0
                                              : static_cast<double>(progress.done)
                                  / static_cast<double>(progress.total));
        const std::int64_t run = session().queue().currentRun();
        if (progress.total > 0)
            m_progress->setText(tr("%1 of %2 matrices").arg(progress.done).arg(progress.total));
        else if (progress.state == JobState::Queued && run != 0)
            m_progress->setText(tr("Waits for run %1, so that neither slows the other").arg(run));
        else
            m_progress->setText(tr("Opening the model"));
    }

    void keep(const XrayResult& result, const PairChooser::Tuned& tuned)
    {
        m_result = result;
        m_result->base = m_pair->base();
        m_result->tuned = tuned.ref;
        if (tuned.isNewest && !session().project()->isReadOnly())
            session().project()->addXray(tuned.run, result);
        m_job.drop();
        chooseLoudestCell();
        showResult();
        showStage();
    }

    void showResult()
    {
        if (!m_result)
            return;
        m_epsilonText->setText(QLocale().toString(epsilon(), 'f', 2));
        std::optional<RunSummary> run;
        if (m_shown && m_shown->run != 0 && m_shown->isNewest)
            run = session().project()->run(m_shown->run);
        m_figures->setFigures(
            figuresOf(findingsOf(*m_result, epsilon()), m_result->layers, run ? &*run : nullptr));
        m_gridPanel->setFact(
            tr("%n matrices in %1 s", nullptr, static_cast<int>(m_result->cells.size()))
                .arg(QLocale().toString(m_result->seconds, 'f', 0)));
        showGrid();
        showCell();
    }

    void showGrid()
    {
        m_grid->setTitle(tr("Change of each matrix"));
        if (m_result)
            m_grid->setData(
                gridOf(*m_result, static_cast<XrayMeasure>(m_measure->current()), epsilon()));
    }

    void chooseLoudestCell()
    {
        m_grid->setData(gridOf(*m_result, XrayMeasure::RelativeChange, epsilon()));
        const auto loudest = std::max_element(m_result->cells.begin(), m_result->cells.end(),
                                              [](const XrayCell& a, const XrayCell& b) {
                                                  return a.relativeChange() < b.relativeChange();
                                              });
        if (loudest == m_result->cells.end())
            return;
        const auto row = std::find(m_result->sites.begin(), m_result->sites.end(), loudest->site)
            - m_result->sites.begin();
        m_grid->select(static_cast<int>(row), static_cast<int>(loudest->layer));
    }

    void showCell()
    {
        if (!m_result || !m_grid->selected())
            return;
        const QPoint place = *m_grid->selected();
        const XrayCell* cell =
            m_result->cell(m_result->sites[static_cast<std::size_t>(place.y())], place.x());
        if (cell == nullptr) {
            m_cell->clear();
            return;
        }
        XrayCell leading = *cell; // more matches are stored than the k that were asked for
        leading.bestMatch.resize(
            std::min(leading.bestMatch.size(), static_cast<std::size_t>(m_result->options.k)));
        m_cell->setCell(leading, epsilon(), tr("base"), m_shown ? m_shown->name : QString());
    }

    PairChooser* m_pair;
    QStackedWidget* m_stack;
    FigureRow* m_figures;
    XrayGrid* m_grid;
    CellPanel* m_cell;
    Panel* m_gridPanel = nullptr;
    SegmentedChoice* m_measure = nullptr;
    QSlider* m_epsilon = nullptr;
    TextLabel* m_epsilonText = nullptr;
    Meter* m_meter = nullptr;
    TextLabel* m_progress = nullptr;
    QPushButton* m_export = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_report = nullptr;
    LatestJob m_job;
    std::optional<XrayResult> m_result;
    std::optional<PairChooser::Tuned> m_shown;
    ModelRef m_shownBase;
};

} // namespace

Page* makeInspectPage(Session& session)
{
    return new InspectPage(session);
}

} // namespace tw
