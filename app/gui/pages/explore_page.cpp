// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class ExplorePage final : public Page
{
public:
    explicit ExplorePage(Session& session)
        : Page(session, pageEntry(PageId::Explore).title, pageEntry(PageId::Explore).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Explore).icon, tr("Nothing to compare yet"),
                                     tr("Finish a run, or open an adapter."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeExplorePage(Session& session)
{
    return new ExplorePage(session);
}

} // namespace tw
