// SPDX-License-Identifier: Apache-2.0
// How soon the window is painted, and how long its thread is ever blocked while the sample trains
// and somebody leafs through the pages:
//     bench_window [STEPS]
// Each pause over 50 ms is named on standard error.
#include "app/gui/application.h"
#include "app/gui/main_window.h"
#include "app/gui/page_list.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "core/base/allocator.h"
#include "core/base/waiting_threads.h"
#include "widgets/theme/look.h"

#include <QElapsedTimer>
#include <QFile>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTimer>

#include <cstdio>
#include <ctime>
#include <unistd.h>

namespace {

using namespace tw;

constexpr qint64 kSlow = 30; // milliseconds; pages slower than this are named

/// Milliseconds since the kernel started this process (/proc/self/stat, field 22, in clock ticks).
double sinceStart()
{
    QFile stat(QStringLiteral("/proc/self/stat"));
    if (!stat.open(QIODevice::ReadOnly))
        return -1.0;
    const QByteArray text = stat.readAll();
    const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    timespec now {};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6
        - fields.at(19).toDouble() * 1e3 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// Calls once the widget has been painted for the first time.
class PaintWatch final : public QObject
{
public:
    explicit PaintWatch(QWidget& widget)
        : m_widget(widget)
    {
        widget.installEventFilter(this);
    }
    bool eventFilter(QObject*, QEvent* event) override
    {
        if (event->type() == QEvent::UpdateRequest || event->type() == QEvent::Paint) {
            m_widget.removeEventFilter(this);
            QTimer::singleShot(0, this, [] {
                std::printf("first paint: %.0f ms after the process began\n", sinceStart());
            });
        }
        return false;
    }

private:
    QWidget& m_widget;
};

} // namespace

int main(int argc, char** argv)
{
    qputenv("TW_WATCHDOG", "1");
    letWaitingThreadsSleep(argv);
    tuneAllocator();
    Application application(argc, argv);
    QStandardPaths::setTestModeEnabled(true);
    applyLook(application, LookMode::Light);
    const std::int64_t steps = argc > 1 ? std::atoll(argv[1]) : 20;
    const QTemporaryDir folder;
    Session session;
    MainWindow window(session);
    const PaintWatch paint(window);
    window.resize(1280, 800);
    window.show();

    QTimer leaf;
    std::size_t page = 0;
    QObject::connect(&leaf, &QTimer::timeout, &window, [&] {
        const PageEntry& entry = pageEntries()[page++ % pageEntries().size()];
        QElapsedTimer clock;
        clock.start();
        window.showPage(entry.id);
        if (clock.elapsed() > kSlow)
            std::fprintf(stderr, "%s took %lld ms to open\n", qPrintable(entry.name),
                         static_cast<long long>(clock.elapsed()));
    });
    const auto tellPause = [&application](const char* during) {
        std::printf("longest pause %s: %lld ms\n", during,
                    static_cast<long long>(application.longestPause()));
        application.forgetPauses();
    };
    const auto start = [&] {
        tellPause("while the sample was opened");
        Experiment experiment = session.project()->draft();
        experiment.steps = steps;
        session.project()->addRun(experiment);
        application.forgetPauses(); // of writing the experiment, which a person would not do
        session.queue().startNext();
        leaf.start(700);
    };
    // Queued: a person starts a run with a click of its own.
    QObject::connect(&session, &Session::projectChanged, &window, start, Qt::QueuedConnection);
    QObject::connect(&session.queue(), &RunQueue::idle, &application, &QCoreApplication::quit);
    QObject::connect(&session, &Session::failed, &application,
                     [](const QString& what, const QString& hint) {
                         std::fprintf(stderr, "%s %s\n", qPrintable(what), qPrintable(hint));
                         QCoreApplication::exit(1);
                     });
    QTimer::singleShot(1500, &session, [&] {
        tellPause("while the window opened and its pages were made");
        session.openSample(folder.filePath(QStringLiteral("sample")));
    });
    const int result = QApplication::exec();
    std::printf("longest pause while %lld steps were trained and %zu pages were opened: %lld ms\n",
                static_cast<long long>(steps), page,
                static_cast<long long>(application.longestPause()));
    return result;
}
