// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/page_id.h"

#include <QPointer>
#include <QWidget>

#include <map>
#include <memory>

class QMessageBox;
class QUndoGroup;

namespace tw {

class HelpPanel;
class InlineMessage;
class Page;
class PageStack;
class Rail;
class Session;
class TopBar;

/// Rail, top bar and the stack of pages.
class MainWindow final : public QWidget
{
    Q_OBJECT

public:
    explicit MainWindow(Session& session, QWidget* parent = nullptr);
    ~MainWindow() override;
    void showPage(PageId id, qint64 run = 0);
    Page* currentPage() const;
    /// An error that no page has shown in its place.
    void showError(const QString& what, const QString& hint);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    struct PageRecord
    {
        Page* page = nullptr; ///< child of the stack
        bool isSeen = false; ///< somebody has opened it: from now on it follows the project
        bool isStale = true; ///< the project grew while it was hidden
    };

    void addShortcuts();
    void projectChanged();
    void projectGrew();
    void showHelp(const QString& name, const QWidget* focused);
    void askForProject();
    void askForNewProject();
    void askBeforeClosing();
    PageRecord& record(PageId id); ///< made where it was not yet
    void preparePages();
    void refreshCurrent();

    Session& m_session;
    Rail* m_rail = nullptr;
    TopBar* m_topBar = nullptr;
    InlineMessage* m_error = nullptr;
    QWidget* m_errorRoom = nullptr;
    PageStack* m_stack = nullptr;
    HelpPanel* m_help = nullptr;
    QUndoGroup* m_undo = nullptr;
    QPointer<QMessageBox> m_closing;
    std::map<PageId, PageRecord> m_pages;
    std::unique_ptr<Page> m_prepared; ///< made, not yet in the stack
    PageId m_preparedId = PageId::Home;
    PageId m_current = PageId::Home;
    bool m_wasPainted = false;
};

} // namespace tw
