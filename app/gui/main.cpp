// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/gui/job_watcher.h"
#include "app/gui/main_window.h"
#include "app/gui/page_list.h"
#include "app/gui/screenshot_tour.h"
#include "app/gui/session.h"
#include "core/base/allocator.h"
#include "core/base/waiting_threads.h"
#include "widgets/theme/look.h"

#include <QCommandLineParser>
#include <QFontDatabase>
#include <QSettings>
#include <QTimer>
#include <QTranslator>

#include <functional>

namespace {

void addOptions(QCommandLineParser& parser)
{
    const auto tr = [](const char* words) { return QCoreApplication::translate("main", words); };
    parser.setApplicationDescription(tr(QT_TRANSLATE_NOOP(
        "main", "Fine-tune a model, see what the tuning did to it, share it as a report.")));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(
        QStringLiteral("path"),
        tr(QT_TRANSLATE_NOOP("main", "Project, model, adapter, data or experiment to open.")),
        QStringLiteral("[path...]"));
    parser.addOptions({
        {QStringLiteral("project"), tr(QT_TRANSLATE_NOOP("main", "Open this project folder.")),
         QStringLiteral("folder")},
        {QStringLiteral("sample"),
         tr(QT_TRANSLATE_NOOP(
             "main",
             "Open the sample project (in --project, if given); make it where there is none."))},
        {QStringLiteral("page"),
         tr(QT_TRANSLATE_NOOP("main", "Show this page first (home, data, models ...).")),
         QStringLiteral("name")},
        {QStringLiteral("dark"), tr(QT_TRANSLATE_NOOP("main", "Use the dark look."))},
        {QStringLiteral("light"), tr(QT_TRANSLATE_NOOP("main", "Use the light look."))},
        {QStringLiteral("size"),
         tr(QT_TRANSLATE_NOOP("main", "Size of the window, as in 1280x800.")),
         QStringLiteral("WxH")},
        {QStringLiteral("font"),
         tr(QT_TRANSLATE_NOOP(
             "main", "Use this font instead of the system's, as in \"Inter 13\" (pixels).")),
         QStringLiteral("family size")},
        {QStringLiteral("screenshot"),
         tr(QT_TRANSLATE_NOOP(
             "main", "Save a picture of every page (or of --page) into this folder and exit.")),
         QStringLiteral("folder")},
    });
}

/// "Inter 13": family and pixels. Without a desktop there is no system font to follow, so Inter is
/// taken if it is there.
void chooseFont(const QString& wish)
{
    const int space = static_cast<int>(wish.lastIndexOf(QLatin1Char(' ')));
    if (!wish.isEmpty()) {
        QFont font(wish.left(space < 0 ? wish.size() : space));
        font.setPixelSize(space < 0 ? 13 : qMax(8, wish.mid(space + 1).toInt()));
        QApplication::setFont(font);
    } else if ((QGuiApplication::platformName() == QStringLiteral("offscreen")
                || qEnvironmentVariableIsEmpty("XDG_CURRENT_DESKTOP"))
               && QFontDatabase::hasFamily(QStringLiteral("Inter"))) {
        chooseFont(QStringLiteral("Inter 13"));
    }
}

tw::LookMode lookOf(const QCommandLineParser& parser)
{
    if (parser.isSet(QStringLiteral("dark")))
        return tw::LookMode::Dark;
    if (parser.isSet(QStringLiteral("light")))
        return tw::LookMode::Light;
    const QString chosen = QSettings().value(QStringLiteral("look")).toString();
    if (chosen == QStringLiteral("dark"))
        return tw::LookMode::Dark;
    return chosen == QStringLiteral("light") ? tw::LookMode::Light : tw::LookMode::System;
}

QSize sizeOf(const QString& text)
{
    const QStringList parts = text.split(QLatin1Char('x'));
    if (parts.size() == 2 && parts[0].toInt() > 0 && parts[1].toInt() > 0)
        return {parts[0].toInt(), parts[1].toInt()};
    return {1280, 800};
}

std::vector<tw::PageId> pagesOf(const QString& name)
{
    std::vector<tw::PageId> pages;
    for (const tw::PageEntry& entry : tw::pageEntries()) {
        if (name.isEmpty() || entry.name == name)
            pages.push_back(entry.id);
    }
    return pages;
}

void openFirst(tw::Session& session, const QCommandLineParser& parser)
{
    if (parser.isSet(QStringLiteral("sample")))
        session.openSample(parser.value(QStringLiteral("project")));
    else if (parser.isSet(QStringLiteral("project")))
        session.openProject(parser.value(QStringLiteral("project")));
    const QStringList paths = parser.positionalArguments();
    for (const QString& path : paths)
        session.openPath(path);
}

/// Calls `next` at once, or once the sample is there if it was asked for: it turns to a page of its
/// own.
void whenReady(tw::Session& session, const std::function<void()>& next)
{
    if (!session.isOpeningSample())
        return next();
    QObject::connect(&session, &tw::Session::sampleOpened, &session, next,
                     Qt::SingleShotConnection);
}

} // namespace

int main(int argc, char** argv)
{
    tw::letWaitingThreadsSleep(argv);
    tw::tuneAllocator();
    tw::Application application(argc, argv);
    QTranslator translator;
    if (translator.load(QLocale(), QStringLiteral("tunewright"), QStringLiteral("_"),
                        QStringLiteral(":/translations"))
        || translator.load(QStringLiteral(":/translations/tunewright_en.qm")))
        QCoreApplication::installTranslator(&translator);
    QCommandLineParser parser;
    addOptions(parser);
    parser.process(application);
    const std::vector<tw::PageId> pages = pagesOf(parser.value(QStringLiteral("page")));
    if (pages.empty()) {
        qCritical("tunewright: there is no page called %s",
                  qPrintable(parser.value(QStringLiteral("page"))));
        return 2;
    }
    chooseFont(parser.value(QStringLiteral("font")));
    tw::applyLook(application, lookOf(parser));

    tw::Session session;
    tw::MainWindow window(session);
    QObject::connect(&application, &tw::Application::failed, &window, &tw::MainWindow::showError);
    const QByteArray geometry = QSettings().value(QStringLiteral("geometry")).toByteArray();
    if (parser.isSet(QStringLiteral("size")) || geometry.isEmpty()
        || !window.restoreGeometry(geometry))
        window.resize(sizeOf(parser.value(QStringLiteral("size"))));
    window.show();
    openFirst(session, parser);
    if (!parser.isSet(QStringLiteral("screenshot"))) {
        if (pages.size() == 1)
            whenReady(session, [&] { window.showPage(pages.front()); });
        return QApplication::exec();
    }
    window.resize(sizeOf(parser.value(QStringLiteral("size"))));
    const QString suffix =
        parser.isSet(QStringLiteral("dark")) ? QStringLiteral("-dark") : QStringLiteral("-light");
    tw::ScreenshotTour tour(window, parser.value(QStringLiteral("screenshot")), suffix, pages);
    QObject::connect(&tour, &tw::ScreenshotTour::ended, &application, &QCoreApplication::quit);
    whenReady(session, [&tour] { tour.start(); });
    return QApplication::exec();
}
