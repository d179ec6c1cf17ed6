// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class SettingsPage final : public Page
{
public:
    explicit SettingsPage(Session& session)
        : Page(session, pageEntry(PageId::Settings).title, pageEntry(PageId::Settings).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Settings).icon, tr("Settings"),
                                     tr("The look follows the system."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeSettingsPage(Session& session)
{
    return new SettingsPage(session);
}

} // namespace tw
