// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class DataPage final : public Page
{
public:
    explicit DataPage(Session& session)
        : Page(session, pageEntry(PageId::Data).title, pageEntry(PageId::Data).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Data).icon, tr("No data yet"),
                                     tr("Drop a file or a folder here, or open one."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeDataPage(Session& session)
{
    return new DataPage(session);
}

} // namespace tw
