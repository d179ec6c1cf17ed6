// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class InspectPage final : public Page
{
public:
    explicit InspectPage(Session& session)
        : Page(session, pageEntry(PageId::Inspect).title, pageEntry(PageId::Inspect).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Inspect).icon, tr("Nothing to compare yet"),
                                     tr("Finish a run, or open an adapter."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeInspectPage(Session& session)
{
    return new InspectPage(session);
}

} // namespace tw
