// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/screenshot_tour.h"

#include "app/gui/main_window.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"

#include <QDir>
#include <QPixmap>

#include <chrono>
#include <cstdio>

namespace tw {
namespace {

constexpr int kQuietLooks = 4; // looks in a row without work: answers may start the next question

} // namespace

ScreenshotTour::ScreenshotTour(MainWindow& window,
                               QString folder,
                               QString suffix,
                               std::vector<PageId> pages)
    : QObject(&window)
    , m_window(window)
    , m_folder(std::move(folder))
    , m_suffix(std::move(suffix))
    , m_pages(std::move(pages))
{
    m_timer.setInterval(std::chrono::milliseconds(100));
    connect(&m_timer, &QTimer::timeout, this, &ScreenshotTour::look);
}

void ScreenshotTour::start()
{
    QDir().mkpath(m_folder);
    m_window.showPage(m_pages.front());
    m_timer.start();
}

void ScreenshotTour::look()
{
    m_quietLooks = m_window.currentPage()->isSettled() ? m_quietLooks + 1 : 0;
    if (m_quietLooks < kQuietLooks)
        return;
    m_quietLooks = 0;
    const QString file = QDir(m_folder).filePath(pageEntry(m_pages[m_next]).name + m_suffix
                                                 + QStringLiteral(".png"));
    if (!m_window.grab().save(file))
        std::fprintf(stderr, "tunewright: cannot write %s\n", qPrintable(file));
    if (++m_next < m_pages.size())
        return m_window.showPage(m_pages[m_next]);
    m_timer.stop();
    Q_EMIT ended();
}

} // namespace tw
