// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/project.h"
#include "widgets/basic/panel.h"

#include <memory>

class QPushButton;
class QStackedWidget;
class QTabBar;
class QVBoxLayout;

namespace tw {

class FactList;
class InlineMessage;

/// What there is to know of one run: facts, samples, events, checkpoints, and what can be done with
/// it.
class RunDetail final : public Panel
{
    Q_OBJECT

public:
    explicit RunDetail(QWidget* parent = nullptr);
    /// isOurs: this window works on it, so it can be paused; canResume: nobody works on anything.
    void setRun(const std::shared_ptr<Project>& project,
                const RunSummary& run,
                bool isOurs,
                bool isPaused,
                bool canResume);

Q_SIGNALS:
    void pauseAsked();
    void goOnAsked();
    void stopAsked();
    void resumeAsked();
    void inspectAsked();
    void exploreAsked();
    void duplicateAsked();
    void deleteAsked();

private:
    QWidget* makeScroll(const QString& name, QVBoxLayout*& column);
    void makeButtons();
    void showFacts(const Project& project, const RunSummary& run);
    void showSamples(const std::vector<RunSample>& samples);
    void showEvents(const std::vector<RunEvent>& events);
    void showCheckpoints(const std::vector<Checkpoint>& checkpoints);
    void showButtons(const RunSummary& run, bool isOurs, bool isPaused, bool canResume);

    QTabBar* m_tabs;
    QStackedWidget* m_stack;
    InlineMessage* m_failure;
    FactList* m_facts;
    QVBoxLayout* m_samples = nullptr;
    QVBoxLayout* m_events = nullptr;
    QVBoxLayout* m_checkpoints = nullptr;
    QPushButton* m_pause;
    QPushButton* m_stop;
    QPushButton* m_resume;
    QPushButton* m_inspect;
    QPushButton* m_duplicate;
    QPushButton* m_more;
    QAction* m_explore = nullptr;
    QAction* m_delete = nullptr;
    std::vector<RunSample> m_shownSamples;
    std::vector<RunEvent> m_shownEvents;
    std::vector<Checkpoint> m_shownCheckpoints;
    std::int64_t m_run = 0;
    bool m_isPaused = false;
};

} // namespace tw
