// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/empty_state.h"

#include <QPushButton>

namespace tw {
namespace {

class ModelsPage final : public Page
{
public:
    explicit ModelsPage(Session& session)
        : Page(session, pageEntry(PageId::Models).title, pageEntry(PageId::Models).question)
    {
        auto* empty = new EmptyState(pageEntry(PageId::Models).icon, tr("No models yet"),
                                     tr("Drop a folder or a file here, or open one."));
        connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
                [this] { this->session().openSample(); });
        setEmptyState(empty);
        showEmptyState(true);
    }
};

} // namespace

Page* makeModelsPage(Session& session)
{
    return new ModelsPage(session);
}

} // namespace tw
