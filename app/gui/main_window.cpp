// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/main_window.h"

#include "app/gui/file_dialog.h"
#include "app/gui/help_panel.h"
#include "app/gui/method_help.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/page_stack.h"
#include "app/gui/rail.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "app/gui/top_bar.h"
#include "widgets/basic/button.h"
#include "widgets/basic/inline_message.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMessageBox>
#include <QMimeData>
#include <QPainter>
#include <QSettings>
#include <QUndoGroup>
#include <QUndoStack>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace tw {
namespace {

constexpr std::chrono::milliseconds kBetweenPages {10}; // room for mouse and keyboard

} // namespace

MainWindow::MainWindow(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_rail(new Rail(this))
    , m_topBar(new TopBar(session, this))
    , m_error(new InlineMessage(this))
    , m_errorRoom(new QWidget(this))
    , m_stack(new PageStack(this))
    , m_help(new HelpPanel(this))
    , m_undo(new QUndoGroup(this))
{
    setWindowTitle(QStringLiteral("Tunewright"));
    setAcceptDrops(true);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_rail);
    auto* column = new QVBoxLayout;
    column->setSpacing(0);
    column->addWidget(m_topBar);
    auto* errorRow = new QHBoxLayout(m_errorRoom);
    errorRow->setContentsMargins(px(24), px(12), px(24), 0);
    errorRow->addWidget(m_error);
    m_errorRoom->hide();
    column->addWidget(m_errorRoom);
    auto* below = new QHBoxLayout;
    below->setSpacing(0);
    below->addWidget(m_stack, 1);
    below->addWidget(m_help);
    column->addLayout(below, 1);
    row->addLayout(column, 1);

    connect(m_rail, &Rail::chosen, this, [this](PageId id) { showPage(id); });
    connect(m_topBar, &TopBar::openProjectAsked, this, &MainWindow::askForProject);
    connect(m_topBar, &TopBar::newProjectAsked, this, &MainWindow::askForNewProject);
    connect(&session, &Session::pageAsked, this, &MainWindow::showPage);
    connect(&session, &Session::projectChanged, this, &MainWindow::projectChanged);
    connect(&session, &Session::projectGrew, this, &MainWindow::projectGrew);
    connect(&session, &Session::failed, this, &MainWindow::showError);
    connect(&session, &Session::projectDialogAsked, this,
            [this](bool isNew) { isNew ? askForNewProject() : askForProject(); });
    connect(&session.queue(), &RunQueue::failed, this,
            [this](qint64 run, const QString& what, const QString& hint) {
                showError(tr("Run %1 stopped: %2").arg(run).arg(what), hint);
            });
    addShortcuts();
    showPage(PageId::Home);
}

MainWindow::~MainWindow() = default;

Page* MainWindow::currentPage() const
{
    return qobject_cast<Page*>(m_stack->currentWidget());
}

MainWindow::PageRecord& MainWindow::record(PageId id)
{
    PageRecord& record = m_pages[id];
    if (record.page == nullptr) {
        const bool isPrepared = m_prepared != nullptr && m_preparedId == id;
        record.page = isPrepared ? m_prepared.release() : pageEntry(id).make(m_session);
        m_stack->addWidget(record.page);
        if (QUndoStack* undo = record.page->undoStack())
            m_undo->addStack(undo);
    }
    return record;
}

/// Shortly after the first paint all pages are made, each in two short steps with room for mouse
/// and keyboard between them: opening one then waits for its data alone.
void MainWindow::preparePages()
{
    const std::vector<PageEntry>& all = pageEntries();
    if (m_prepared != nullptr) {
        record(m_preparedId);
    } else {
        const auto next = std::find_if(all.begin(), all.end(), [this](const PageEntry& entry) {
            return !m_pages.contains(entry.id);
        });
        if (next == all.end())
            return;
        m_prepared.reset(next->make(m_session));
        m_preparedId = next->id;
    }
    QTimer::singleShot(kBetweenPages, this, &MainWindow::preparePages);
}

void MainWindow::showPage(PageId id, qint64 run)
{
    m_session.saveEdits(); // before another page reads what was edited on this one
    PageRecord& wanted = record(id);
    if (!wanted.isSeen) {
        try {
            wanted.page->projectChanged();
        } catch (...) { // the window stays where it is; a click has moved the rail already
            m_rail->setCurrent(m_current);
            throw;
        }
        wanted.isSeen = true;
    }
    m_current = id;
    m_rail->setCurrent(id);
    m_stack->setCurrentWidget(wanted.page);
    m_undo->setActiveStack(wanted.page->undoStack());
    setWindowTitle(tr("%1 - Tunewright", "page").arg(pageEntry(id).title));
    refreshCurrent();
    if (run != 0)
        wanted.page->showRun(run);
}

void MainWindow::refreshCurrent()
{
    PageRecord& shown = m_pages[m_current];
    if (shown.page == nullptr || !shown.isStale)
        return;
    shown.isStale = false;
    shown.page->refresh();
}

void MainWindow::projectChanged()
{
    for (auto& [id, record] : m_pages) {
        if (!record.isSeen)
            continue;
        record.page->projectChanged();
        record.isStale = true;
    }
    refreshCurrent();
}

void MainWindow::projectGrew()
{
    for (auto& [id, record] : m_pages)
        record.isStale = true;
    refreshCurrent();
}

void MainWindow::showError(const QString& what, const QString& hint)
{
    m_error->show(InlineMessage::Kind::Error, what, hint);
    connect(m_error->addButton(tr("Close")), &QPushButton::clicked, m_errorRoom, &QWidget::hide);
    m_errorRoom->show();
}

void MainWindow::addShortcuts()
{
    for (const PageEntry& entry : pageEntries()) {
        auto* action = new QAction(entry.title, this);
        action->setShortcut(QKeySequence(entry.shortcut));
        connect(action, &QAction::triggered, this, [this, id = entry.id] { showPage(id); });
        addAction(action);
    }
    QAction* undo = m_undo->createUndoAction(this, tr("Undo"));
    undo->setShortcut(QKeySequence::Undo);
    QAction* redo = m_undo->createRedoAction(this, tr("Redo"));
    redo->setShortcut(QKeySequence::Redo);
    auto* help = new QAction(tr("Help"), this);
    help->setShortcut(QKeySequence::HelpContents);
    connect(help, &QAction::triggered, this, [this] {
        const Page* shown = currentPage();
        const QString own = shown == nullptr ? QString() : shown->helpName();
        showHelp(own.isEmpty() ? pageEntry(m_current).name : own, QApplication::focusWidget());
    });
    connect(&m_session, &Session::helpAsked, this,
            [this](const QString& name) { showHelp(name, nullptr); });
    addActions({undo, redo, help});
}

void MainWindow::showHelp(const QString& name, const QWidget* focused)
{
    // Plug-ins are asked for only where a page may be about one: LibTorch wakes for them.
    const bool isPage = std::any_of(pageEntries().begin(), pageEntries().end(),
                                    [&](const PageEntry& entry) { return entry.name == name; });
    m_help->showHelp(name, focused,
                     isPage ? QString() : methodHelp(m_session.workspace().plugins(), name));
}

void MainWindow::askForProject()
{
    auto* dialog = new QFileDialog(this, tr("Open a project folder"), Session::projectsFolder());
    dialog->setFileMode(QFileDialog::Directory);
    ask(dialog, this, [this](const QString& folder) { m_session.openProject(folder); });
}

void MainWindow::askForNewProject()
{
    QDir().mkpath(Session::projectsFolder());
    auto* dialog =
        new QFileDialog(this, tr("Name and place of the new project"), Session::projectsFolder());
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    ask(dialog, this, [this](const QString& folder) { m_session.createProject(folder); });
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    for (const QUrl& url : urls) {
        if (url.isLocalFile())
            m_session.openPath(url.toLocalFile());
    }
    event->acceptProposedAction();
}

void MainWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Escape)
        return QWidget::keyPressEvent(event);
    if (m_help->isVisible())
        m_help->hide();
    else if (m_errorRoom->isVisible())
        m_errorRoom->hide();
    else if (Page* shown = currentPage();
             shown != nullptr && !shown->goBack() && m_current != PageId::Home)
        showPage(PageId::Home);
}

void MainWindow::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), Theme::current().canvas);
    if (m_wasPainted)
        return;
    m_wasPainted = true;
    // LibTorch wakes only once the window can be seen.
    QTimer::singleShot(0, m_topBar, &TopBar::showDevice);
    QTimer::singleShot(kBetweenPages, this, &MainWindow::preparePages);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_session.saveEdits();
    QSettings settings;
    settings.setValue(QStringLiteral("geometry"), saveGeometry());
    if (m_session.queue().isBusy()) {
        event->ignore();
        askBeforeClosing();
        return;
    }
    QWidget::closeEvent(event);
}

/// A run would lose what it learned since its last checkpoint: it is asked for first.
void MainWindow::askBeforeClosing()
{
    if (m_closing != nullptr)
        return m_closing->raise();
    const RunQueue& queue = m_session.queue();
    m_closing = new QMessageBox(
        QMessageBox::Question, tr("Close Tunewright"),
        tr("Run %1 is still training.").arg(static_cast<qint64>(queue.currentRun())),
        QMessageBox::NoButton, this);
    m_closing->setInformativeText(
        tr("Stop and save ends it after its current step. Nothing that it has learned is lost, and "
           "it can go on later with Resume."));
    m_closing->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton* stop = m_closing->addButton(tr("Stop and save"), QMessageBox::AcceptRole);
    QPushButton* keep = m_closing->addButton(tr("Keep training"), QMessageBox::RejectRole);
    m_closing->setDefaultButton(stop);
    m_closing->setEscapeButton(keep);
    connect(stop, &QPushButton::clicked, this, [this] {
        connect(&m_session.queue(), &RunQueue::finished, this, &QWidget::close,
                Qt::QueuedConnection);
        m_session.queue().windDown();
    });
    // Should the run end while the question stands, there is nothing left to ask.
    connect(&queue, &RunQueue::idle, m_closing, &QMessageBox::reject);
    m_closing->open();
}

} // namespace tw
