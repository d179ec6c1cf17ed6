// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/page.h"

class QLayout;
class QListView;
class QLayout;
class QStandardItemModel;

namespace tw {

class ActivityList;
class DiskPanel;
class Panel;
class Tile;

/// Three ways to begin; what runs, waits and has ended; recent projects; the room on the disk.
class HomePage final : public Page
{
    Q_OBJECT

public:
    explicit HomePage(Session& session);
    void projectChanged() override;
    void refresh() override;

private:
    QLayout* makeTiles();
    QWidget* makeRecent();
    void fillRecent();

    Tile* m_tune = nullptr;
    Tile* m_xray = nullptr;
    Tile* m_sample = nullptr;
    ActivityList* m_activity = nullptr;
    Panel* m_recentPanel = nullptr;
    QStandardItemModel* m_recent = nullptr;
    QListView* m_recentList = nullptr;
    DiskPanel* m_disk = nullptr;
};

} // namespace tw
