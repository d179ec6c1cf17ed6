// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class ReportsPage final : public Page
{
public:
    explicit ReportsPage(Session& session)
        : Page(session, pageEntry(PageId::Reports).title, pageEntry(PageId::Reports).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Reports).icon, tr("No reports yet"),
                                     tr("Finish a run first."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeReportsPage(Session& session)
{
    return new ReportsPage(session);
}

} // namespace tw
