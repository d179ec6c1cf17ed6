// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/page_id.h"

#include <QPointer>
#include <QWidget>

#include <map>

class QMessageBox;
class QStackedWidget;
class QUndoGroup;

namespace tw {

class HelpPanel;
class InlineMessage;
class Page;
class Rail;
class Session;
class TopBar;

/// Rail, top bar and the stack of pages.
class MainWindow final : public QWidget
{
    Q_OBJECT

public:
    explicit MainWindow(Session& session, QWidget* parent = nullptr);
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
    void addShortcuts();
    void projectChanged();
    void projectGrew();
    void askForProject();
    void askForNewProject();
    void askBeforeClosing();
    Page* page(PageId id);
    void refreshCurrent();

    Session& m_session;
    Rail* m_rail = nullptr;
    TopBar* m_topBar = nullptr;
    InlineMessage* m_error = nullptr;
    QWidget* m_errorRoom = nullptr;
    QStackedWidget* m_stack = nullptr;
    HelpPanel* m_help = nullptr;
    QUndoGroup* m_undo = nullptr;
    QPointer<QMessageBox> m_closing;
    std::map<PageId, Page*> m_pages;
    std::map<PageId, bool> m_isStale;
    PageId m_current = PageId::Home;
    bool m_wasPainted = false;
};

} // namespace tw
