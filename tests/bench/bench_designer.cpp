// SPDX-License-Identifier: Apache-2.0
// How soon the page Tune answers an edit of the designer: the document, grid, drawing, cards,
// settings, trained parameters and memory plan, then the painting.
//     bench_designer MODEL [EDITS]
#include "app/gui/application.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "core/base/waiting_threads.h"
#include "widgets/grid/site_grid.h"
#include "widgets/theme/look.h"

#include <QElapsedTimer>
#include <QKeyEvent>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

namespace {

using namespace tw;

void press(QWidget& widget, Qt::Key key, Qt::KeyboardModifiers modifiers = {})
{
    QKeyEvent event(QEvent::KeyPress, key, modifiers);
    QCoreApplication::sendEvent(&widget, &event);
}

void tell(const char* what, std::vector<double> milliseconds)
{
    std::sort(milliseconds.begin(), milliseconds.end());
    std::printf("%s: median %.1f ms, slowest %.1f ms\n", what,
                milliseconds[milliseconds.size() / 2], milliseconds.back());
}

} // namespace

int main(int argc, char** argv)
{
    letWaitingThreadsSleep(argv);
    Application application(argc, argv);
    if (argc < 2) {
        std::fprintf(stderr, "bench_designer MODEL [EDITS]\n");
        return 2;
    }
    QStandardPaths::setTestModeEnabled(true);
    applyLook(application, LookMode::Light);
    const int edits = argc > 2 ? std::atoi(argv[2]) : 50;
    const QTemporaryDir folder;
    Session session;
    session.createProject(folder.filePath(QStringLiteral("project")));
    session.useModel(QString::fromLocal8Bit(argv[1]));
    const std::unique_ptr<Page> page(makeTunePage(session));
    page->resize(1208, 756);
    page->projectChanged();
    page->show();
    auto* grid = page->findChild<SiteGrid*>();
    QElapsedTimer clock;
    clock.start();
    while (grid->value().layers == 0 && clock.elapsed() < 60'000)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    if (grid->value().layers == 0) {
        std::fprintf(stderr, "The model could not be read.\n");
        return 1;
    }
    std::printf("%d layers, %zu kinds of site\n", grid->value().layers, grid->value().rows.size());
    std::vector<double> answers;
    std::vector<double> paintings;
    for (int i = 0; i < edits; ++i) {
        press(*grid, i % 7 == 6 ? Qt::Key_Down : Qt::Key_Right);
        clock.restart();
        // Cells, and every fifth time a whole row, the largest edit there is.
        press(*grid, Qt::Key_Space, i % 5 == 4 ? Qt::ShiftModifier : Qt::NoModifier);
        answers.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6);
        clock.restart();
        grid->repaint();
        paintings.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6);
        QCoreApplication::processEvents();
    }
    tell("edit to plan", answers);
    tell("painting the grid", paintings);
    return 0;
}
