// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class TunePage final : public Page
{
public:
    explicit TunePage(Session& session)
        : Page(session, pageEntry(PageId::Tune).title, pageEntry(PageId::Tune).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Tune).icon, tr("Nothing to tune yet"),
                                     tr("Open the sample to see the whole path."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeTunePage(Session& session)
{
    return new TunePage(session);
}

} // namespace tw
