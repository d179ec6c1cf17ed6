// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class RunsPage final : public Page
{
public:
    explicit RunsPage(Session& session)
        : Page(session, pageEntry(PageId::Runs).title, pageEntry(PageId::Runs).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Runs).icon, tr("No runs yet"),
                                     tr("Start one on the page Tune."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeRunsPage(Session& session)
{
    return new RunsPage(session);
}

} // namespace tw
