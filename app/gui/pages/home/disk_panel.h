// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/job_watcher.h"

#include <QFrame>

#include <vector>

namespace tw {

class Meter;
class Panel;
class Session;
class TextLabel;

/// How much room the open project takes on the disk, and for what.
class DiskPanel final : public QFrame
{
    Q_OBJECT

public:
    explicit DiskPanel(Session& session, QWidget* parent = nullptr);
    /// Counts again in the background; hidden while there is no project.
    void refresh();

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Use;
    void show(const Use& use);

    tw::Panel* m_panel = nullptr;
    Meter* m_meter = nullptr;
    std::vector<TextLabel*> m_bytes; ///< one for each part
    Session& m_session;
    LatestJob m_count;
};

} // namespace tw
