// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/project.h"

#include <QFrame>

#include <utility>
#include <vector>

class QPushButton;
class QVBoxLayout;

namespace tw {

class ActivityRow;
class Panel;
class RecentCurves;
class Session;
class TextLabel;

/// What runs, waits and has ended lately, and at its foot the one next step.
class ActivityList final : public QFrame
{
    Q_OBJECT

public:
    explicit ActivityList(Session& session, QWidget* parent = nullptr);
    void setRuns(const std::vector<RunSummary>& runs,
                 const std::vector<Project::StoredReport>& reports);

private:
    void showCounts(const std::vector<RunSummary>& runs);
    void makeRows(std::size_t count);
    void showNext(const std::vector<RunSummary>& runs);

    Session& m_session;
    tw::Panel* m_panel = nullptr;
    QVBoxLayout* m_rows = nullptr;
    RecentCurves* m_curves = nullptr;
    TextLabel* m_next = nullptr;
    TextLabel* m_why = nullptr;
    QPushButton* m_go = nullptr;
    std::vector<std::pair<std::int64_t, std::int64_t>> m_ids; ///< run or report of each row
    std::vector<ActivityRow*> m_buttons;
    std::int64_t m_nextRun = 0;
};

} // namespace tw
