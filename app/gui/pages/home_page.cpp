// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class HomePage final : public Page
{
public:
    explicit HomePage(Session& session)
        : Page(session, pageEntry(PageId::Home).title, pageEntry(PageId::Home).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Home).icon, tr("No project yet"),
                                     tr("Open the sample to see the whole path."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeHomePage(Session& session)
{
    return new HomePage(session);
}

} // namespace tw
