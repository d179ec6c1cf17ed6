// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page_list.h"

#include <QCoreApplication>

namespace tw {
namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("pages", words);
}

std::vector<PageEntry> makeEntries()
{
    const auto name = [](const char* ascii) { return QString::fromLatin1(ascii); };
    return {
        {PageId::Home, name("home"), say(QT_TRANSLATE_NOOP("pages", "Home")),
         say(QT_TRANSLATE_NOOP("pages", "What would you like to do?")), name("home"),
         name("Ctrl+1"), makeHomePage},
        {PageId::Data, name("data"), say(QT_TRANSLATE_NOOP("pages", "Data")),
         say(QT_TRANSLATE_NOOP("pages", "What will the model read, and what will it learn from?")),
         name("data"), name("Ctrl+2"), makeDataPage},
        {PageId::Models, name("models"), say(QT_TRANSLATE_NOOP("pages", "Models")),
         say(QT_TRANSLATE_NOOP("pages", "What is inside it, and where does it come from?")),
         name("models"), name("Ctrl+3"), makeModelsPage},
        {PageId::Tune, name("tune"), say(QT_TRANSLATE_NOOP("pages", "Tune")),
         say(QT_TRANSLATE_NOOP("pages", "What is trained, on what, and what will it cost?")),
         name("tune"), name("Ctrl+4"), makeTunePage},
        {PageId::Runs, name("runs"), say(QT_TRANSLATE_NOOP("pages", "Runs")),
         say(QT_TRANSLATE_NOOP("pages", "Which run is best, and why?")), name("runs"),
         name("Ctrl+5"), makeRunsPage},
        {PageId::Inspect, name("inspect"), say(QT_TRANSLATE_NOOP("pages", "Inspect")),
         say(QT_TRANSLATE_NOOP("pages", "What did the tuning change, and where?")), name("inspect"),
         name("Ctrl+6"), makeInspectPage},
        {PageId::Explore, name("explore"), say(QT_TRANSLATE_NOOP("pages", "Explore")),
         say(QT_TRANSLATE_NOOP("pages", "What does it say now that it did not say before?")),
         name("explore"), name("Ctrl+7"), makeExplorePage},
        {PageId::Reports, name("reports"), say(QT_TRANSLATE_NOOP("pages", "Reports")),
         say(QT_TRANSLATE_NOOP("pages", "What should others know?")), name("reports"),
         name("Ctrl+8"), makeReportsPage},
        {PageId::Settings,
         name("settings"),
         say(QT_TRANSLATE_NOOP("pages", "Settings")),
         say(QT_TRANSLATE_NOOP("pages", "How should the window look, and where do projects live?")),
         name("settings"),
         {},
         makeSettingsPage},
    };
}

} // namespace

const std::vector<PageEntry>& pageEntries()
{
    static const std::vector<PageEntry> entries = makeEntries();
    return entries;
}

const PageEntry& pageEntry(PageId id)
{
    return pageEntries().at(static_cast<std::size_t>(id));
}

} // namespace tw
