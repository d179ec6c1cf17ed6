// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/page_id.h"

#include <QString>

#include <functional>
#include <vector>

namespace tw {

class Page;
class Session;

/// One entry of the rail and the page behind it.
struct PageEntry
{
    PageId id = PageId::Home;
    QString name; ///< for --page and file names; never translated
    QString title;
    QString question;
    QString icon;
    QString shortcut;
    std::function<Page*(Session&)> make;
};

/// All pages in the order of the rail.
const std::vector<PageEntry>& pageEntries();
const PageEntry& pageEntry(PageId id);

// One function for each page, defined beside it in app/gui/pages/.
Page* makeHomePage(Session& session);
Page* makeDataPage(Session& session);
Page* makeModelsPage(Session& session);
Page* makeTunePage(Session& session);
Page* makeRunsPage(Session& session);
Page* makeInspectPage(Session& session);
Page* makeExplorePage(Session& session);
Page* makeReportsPage(Session& session);
Page* makeSettingsPage(Session& session);

} // namespace tw
