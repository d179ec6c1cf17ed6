// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/file_dialog.h"
#include "app/gui/job_watcher.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/reports/report_content.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/inline_message.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/report/report_preview.h"

#include <QCoreApplication>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTimer>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <tuple>

namespace tw {
namespace {

constexpr int kSide = 320; // px at 100 %
constexpr int kPause = 300; // ms of rest before the preview follows the typing

/// "What should others know?": runs and notes at the left, the pages at the right.
class ReportsPage final : public Page
{
    Q_DECLARE_TR_FUNCTIONS(tw::ReportsPage)

public:
    explicit ReportsPage(Session& session)
        : Page(session, pageEntry(PageId::Reports).title, pageEntry(PageId::Reports).question)
        , m_runs(new QListWidget)
        , m_title(new QLineEdit)
        , m_notes(new QPlainTextEdit)
        , m_saved(new QListWidget)
        , m_preview(new ReportPreview)
    {
        makeActions();
        makeContent();
        makeEmptyState();
        m_pause.setSingleShot(true);
        m_pause.setInterval(kPause);
        connect(&m_pause, &QTimer::timeout, this, [this] { showPreview(); });
        connect(m_runs, &QListWidget::itemChanged, this, [this] { m_pause.start(); });
        connect(m_title, &QLineEdit::textEdited, this, [this] { m_pause.start(); });
        connect(m_notes, &QPlainTextEdit::textChanged, this, [this] { m_pause.start(); });
        connect(m_saved, &QListWidget::itemActivated, this,
                [this](const QListWidgetItem* item) { open(item->data(Qt::UserRole).toString()); });
    }

    void projectChanged() override
    {
        m_title->clear();
        m_notes->clear();
        m_runs->clear();
        message().hide();
        refresh();
    }
    void refresh() override
    {
        showRuns();
        showSaved();
        showEmptyState(m_runs->count() == 0);
        if (!m_pause.isActive()) // a project that grows all the time would put it off for ever
            m_pause.start();
    }
    void showRun(std::int64_t run) override
    {
        refresh();
        for (int row = 0; row < m_runs->count(); ++row)
            m_runs->item(row)->setCheckState(
                m_runs->item(row)->data(Qt::UserRole).toLongLong() == run ? Qt::Checked
                                                                          : Qt::Unchecked);
        m_title->clear();
        showPreview();
    }
    void showEvent(QShowEvent* event) override
    {
        m_previewed = {}; // results may have come meanwhile
        Page::showEvent(event);
    }
    bool isSettled() const override
    {
        return Page::isSettled() && !m_job.isRunning() && !m_pause.isActive();
    }

private:
    void makeActions()
    {
        m_pdf = makeButton(tr("Save as PDF…"), ButtonKind::Secondary, QStringLiteral("export"));
        m_html = makeButton(tr("Save as HTML…"), ButtonKind::Primary, QStringLiteral("export"));
        connect(m_pdf, &QPushButton::clicked, this, [this] {
            askForFile(QStringLiteral("pdf"), tr("Pages (*.pdf)"), &ReportsPage::savePdf);
        });
        connect(m_html, &QPushButton::clicked, this, [this] {
            askForFile(QStringLiteral("html"), tr("Web page (*.html)"), &ReportsPage::saveHtml);
        });
        addAction(m_pdf);
        addAction(m_html);
    }

    void makeContent()
    {
        auto* side = new QWidget;
        side->setFixedWidth(px(kSide));
        auto* column = new QVBoxLayout(side);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(px(12));
        column->addWidget(makeListPanel(tr("Runs in the report"), m_runs), 3);
        auto* words = new Panel(tr("Title and notes"));
        words->setHeadLine(true);
        m_title->setAccessibleName(tr("Title of the report"));
        m_notes->setAccessibleName(tr("Notes, in Markdown"));
        m_notes->setPlaceholderText(tr("What others should know, in Markdown: **strong**, lists "
                                       "with - at the start of a line."));
        m_notes->setTabChangesFocus(true);
        words->body()->addWidget(m_title);
        words->body()->addWidget(m_notes);
        column->addWidget(words, 3);
        m_savedPanel = makeListPanel(tr("Saved reports"), m_saved);
        column->addWidget(m_savedPanel, 2);

        auto* pages = new QWidget;
        auto* right = new QVBoxLayout(pages);
        right->setContentsMargins(0, 0, 0, 0);
        right->setSpacing(px(8));
        right->addWidget(
            (new TextLabel(tr("Preview of the pages as the PDF will have them. The HTML file holds "
                              "the same results and the numbers behind every figure."),
                           TextType::Table, TextInk::Ink2))
                ->wrapped());
        right->addWidget(m_preview, 1);

        auto* room = new QWidget;
        auto* row = new QHBoxLayout(room);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(px(16));
        row->addWidget(side);
        row->addWidget(pages, 1);
        setContent(room);
    }

    Panel* makeListPanel(const QString& title, QListWidget* list)
    {
        auto* panel = new Panel(title);
        panel->setHeadLine(true);
        panel->setBodyMargins(8, 4, 8, 8);
        list->setAccessibleName(title);
        list->setFrameShape(QFrame::NoFrame);
        list->setTextElideMode(Qt::ElideRight);
        list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        panel->body()->addWidget(list);
        return panel;
    }

    void makeEmptyState()
    {
        auto* empty =
            new EmptyState(pageEntry(PageId::Reports).icon, tr("Nothing to report yet"),
                           tr("A report shows runs with their curves, X-ray, new texts and "
                              "settings in one file that opens anywhere. Finish a run first."));
        connect(empty->addButton(tr("Set up a run")), &QPushButton::clicked, this,
                [this] { session().go(PageId::Tune); });
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }

    /// Runs that have begun, the newest first; those that were ticked stay ticked.
    void showRuns()
    {
        std::vector<RunSummary> runs;
        if (session().project())
            for (const RunSummary& run : session().project()->runs())
                if (run.state != RunState::Queued)
                    runs.insert(runs.begin(), run);
        const QSignalBlocker quiet(m_runs);
        if (isShown(runs))
            return;
        const bool isFirst = m_runs->count() == 0;
        const std::vector<std::int64_t> ticked = chosenRuns();
        m_runs->clear();
        for (const RunSummary& run : runs) {
            auto* item =
                new QListWidgetItem(tr("Run %1, %2").arg(run.id).arg(text(run.name)), m_runs);
            item->setData(Qt::UserRole, static_cast<qint64>(run.id));
            item->setToolTip(text(run.name));
            item->setSizeHint(QSize(0, px(28)));
            item->setFlags(Qt::ItemIsUserCheckable | Qt::ItemIsEnabled | Qt::ItemIsSelectable);
            const bool isTicked = isFirst
                ? run.id == runs.front().id
                : std::find(ticked.begin(), ticked.end(), run.id) != ticked.end();
            item->setCheckState(isTicked ? Qt::Checked : Qt::Unchecked);
        }
        m_pdf->setVisible(!runs.empty());
        m_html->setVisible(!runs.empty());
    }

    /// The list names exactly these runs: it is left alone then, with the row that somebody is on.
    bool isShown(const std::vector<RunSummary>& runs) const
    {
        if (m_runs->count() == 0 || m_runs->count() != static_cast<int>(runs.size()))
            return false;
        for (int row = 0; row < m_runs->count(); ++row) {
            const RunSummary& run = runs[static_cast<std::size_t>(row)];
            if (m_runs->item(row)->data(Qt::UserRole).toLongLong() != run.id
                || m_runs->item(row)->toolTip() != text(run.name))
                return false;
        }
        return true;
    }

    void showSaved()
    {
        const std::vector<Project::StoredReport> reports = session().project()
            ? session().project()->reports()
            : std::vector<Project::StoredReport>();
        std::vector<std::int64_t> ids;
        for (const Project::StoredReport& report : reports)
            ids.push_back(report.id);
        if (ids == m_savedIds && m_savedProject == session().project())
            return;
        m_savedIds = ids;
        m_savedProject = session().project();
        m_saved->clear();
        for (const Project::StoredReport& report : reports) {
            auto* item = new QListWidgetItem(text(report.title), m_saved);
            const QString file = QDir(text(session().project()->folder().string()))
                                     .absoluteFilePath(text(report.file));
            item->setData(Qt::UserRole, file);
            item->setSizeHint(QSize(0, px(28)));
            item->setToolTip(tr("%1. Press Enter or double-click to open it.")
                                 .arg(QDir::toNativeSeparators(file)));
        }
        m_savedPanel->setVisible(m_saved->count() > 0);
    }

    std::vector<std::int64_t> chosenRuns() const
    {
        std::vector<std::int64_t> runs;
        for (int row = 0; row < m_runs->count(); ++row)
            if (m_runs->item(row)->checkState() == Qt::Checked)
                runs.push_back(m_runs->item(row)->data(Qt::UserRole).toLongLong());
        return runs;
    }

    ReportWish wish() const
    {
        ReportWish wish;
        wish.runs = chosenRuns();
        wish.title = m_title->text().trimmed().isEmpty()
            ? usualTitle(*session().project(), wish.runs)
            : m_title->text().trimmed();
        wish.notes = m_notes->toPlainText();
        return wish;
    }

    void showPreview()
    {
        m_pause.stop();
        if (!session().project() || m_runs->count() == 0) {
            m_pages.reset();
            m_previewed = {};
            return m_preview->setPages(nullptr);
        }
        const ReportWish wished = wish();
        const Inputs inputs = inputsOf(wished);
        if (inputs == m_previewed)
            return;
        m_previewed = inputs;
        m_title->setPlaceholderText(usualTitle(*session().project(), wished.runs));
        m_pages =
            std::make_shared<ReportPages>(reportBlocks(*session().project(), wished), wished.title);
        m_preview->setPages(m_pages);
        const bool hasRuns = !wished.runs.empty();
        m_pdf->setEnabled(hasRuns);
        m_html->setEnabled(hasRuns);
        m_pdf->setToolTip(hasRuns ? tr("The pages of the preview, to print or to send.")
                                  : tr("Tick at least one run."));
        m_html->setToolTip(hasRuns
                               ? tr("One file that opens anywhere, with the numbers behind every "
                                    "figure and the experiment to run it again.")
                               : tr("Tick at least one run."));
    }

    /// Laying pages out anew takes long enough to be felt: it is done when one of these differs.
    struct Inputs
    {
        std::shared_ptr<Project> project;
        ReportWish wish;
        std::vector<std::tuple<std::int64_t, RunState, std::string, std::int64_t>> runs;
        std::size_t works = 0; ///< one less: an X-ray or texts have come

        bool operator==(const Inputs&) const = default;
    };

    Inputs inputsOf(const ReportWish& wished) const
    {
        constexpr std::int64_t kParts = 20; // so often the curve of a run under way grows
        Inputs inputs {session().project(), wished, {}, session().works().size()};
        for (const std::int64_t id : wished.runs) {
            const RunSummary run = session().project()->run(id);
            const bool isUnderWay = run.state == RunState::Running || run.state == RunState::Paused;
            const std::int64_t grain =
                isUnderWay ? std::max<std::int64_t>(1, run.steps / kParts) : 1;
            inputs.runs.emplace_back(run.id, run.state, run.name, run.step / grain);
        }
        return inputs;
    }

    void askForFile(const QString& ending,
                    const QString& filter,
                    void (ReportsPage::*save)(const QString&))
    {
        showPreview(); // with what was typed last
        auto* dialog = new QFileDialog(this, tr("Save the report"));
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setNameFilter(filter);
        dialog->setDefaultSuffix(ending);
        dialog->setDirectory(text((session().project()->folder() / "reports").string()));
        QString name = wish().title;
        name.replace(QLatin1Char('/'), QLatin1Char('-'));
        dialog->selectFile(name + QLatin1Char('.') + ending);
        ask(dialog, this, [this, save](const QString& file) { (this->*save)(file); });
    }

    void savePdf(const QString& file)
    {
        const QString problem = m_pages->savePdf(file, wish().title);
        if (!problem.isEmpty())
            message().show(InlineMessage::Kind::Error, problem, {});
        else
            showWhereItIs(file);
    }

    void saveHtml(const QString& file)
    {
        const ReportWish wished = wish();
        ReportRequest request;
        request.title = wished.title.toStdString();
        request.notes = wished.notes.toStdString();
        request.runs = wished.runs;
        JobWatcher* watcher = m_job.start(
            session().workspace().saveReport(session().project(), request, file.toStdString()),
            [this](const std::string& written) {
                m_job.drop();
                showWhereItIs(text(written));
                showSaved();
            },
            this);
        connect(watcher, &JobWatcher::failed, this,
                [this](const QString& what, const QString& hint) {
                    m_job.drop();
                    message().show(InlineMessage::Kind::Error, what, hint);
                });
    }

    void showWhereItIs(const QString& file)
    {
        message().show(InlineMessage::Kind::Note,
                       tr("The report is in %1.").arg(QDir::toNativeSeparators(file)), {});
        connect(message().addButton(tr("Open it")), &QPushButton::clicked, this,
                [this, file] { open(file); });
    }

    void open(const QString& file)
    {
        if (!QFileInfo::exists(file))
            message().show(InlineMessage::Kind::Error, tr("%1 is no longer there.").arg(file),
                           tr("Save the report again."));
        else
            QDesktopServices::openUrl(QUrl::fromLocalFile(file));
    }

    QListWidget* m_runs;
    QLineEdit* m_title;
    QPlainTextEdit* m_notes;
    QListWidget* m_saved;
    ReportPreview* m_preview;
    Panel* m_savedPanel = nullptr;
    QPushButton* m_pdf = nullptr;
    QPushButton* m_html = nullptr;
    QTimer m_pause;
    LatestJob m_job;
    std::shared_ptr<ReportPages> m_pages;
    Inputs m_previewed;
    std::vector<std::int64_t> m_savedIds;
    std::shared_ptr<Project> m_savedProject;
};

} // namespace

Page* makeReportsPage(Session& session)
{
    return new ReportsPage(session);
}

} // namespace tw
