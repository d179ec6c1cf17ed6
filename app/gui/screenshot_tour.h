// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/page_id.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <vector>

namespace tw {

class MainWindow;

/// Shows page after page, waits until its work has settled, and saves a picture of the window.
class ScreenshotTour final : public QObject
{
    Q_OBJECT

public:
    ScreenshotTour(MainWindow& window, QString folder, QString suffix, std::vector<PageId> pages);
    void start();

Q_SIGNALS:
    void ended();

private:
    void look();

    MainWindow& m_window;
    QString m_folder;
    QString m_suffix;
    std::vector<PageId> m_pages;
    std::size_t m_next = 0;
    int m_quietLooks = 0;
    QTimer m_timer;
};

} // namespace tw
