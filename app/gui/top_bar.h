// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>

class QPushButton;
class QToolButton;

namespace tw {

class Meter;
class Session;
class TextLabel;

/// Project, device, memory at the left; the running job with its progress, pause and stop at the
/// right.
class TopBar final : public QFrame
{
    Q_OBJECT

public:
    explicit TopBar(Session& session, QWidget* parent = nullptr);
    void showDevice(); ///< asks the workbench; not before the first paint

Q_SIGNALS:
    void openProjectAsked();
    void newProjectAsked();

private:
    QWidget* makeJobBar();
    void fillProjectMenu();
    void showProject();
    void showJob();

    Session& m_session;
    QToolButton* m_project = nullptr;
    TextLabel* m_device = nullptr;
    TextLabel* m_memory = nullptr;
    TextLabel* m_memoryCaption = nullptr;
    Meter* m_memoryMeter = nullptr;
    TextLabel* m_jobName = nullptr;
    TextLabel* m_jobStep = nullptr;
    TextLabel* m_jobLeft = nullptr;
    Meter* m_jobMeter = nullptr;
    QPushButton* m_pause = nullptr;
    QPushButton* m_stop = nullptr;
    QTimer m_timer;
};

/// "training" and the other stages of core in the person's language.
QString stageInWords(const std::string& stage);
/// "2:10 left"; empty while unknown.
QString remainingInWords(double seconds);

} // namespace tw
