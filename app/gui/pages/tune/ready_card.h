// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/experiment.h"
#include "core/workbench/values.h"

#include <QFrame>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace tw {

class Meter;
class TextLabel;

/// The card that never scrolls away: Ready or what is missing, what is trained, what it takes, what
/// differs from the defaults, and the buttons.
class ReadyCard final : public QFrame
{
    Q_OBJECT

public:
    explicit ReadyCard(QWidget* parent = nullptr);
    /// problems: as far as they are known; isChecked: the check over all rows has ended.
    void setProblems(const Problems& problems, bool isChecked);
    void setPlan(const Plan& plan, const DeviceInfo& device);
    void setDifferences(const std::vector<FieldDifference>& differences);
    /// run 0: nothing runs, so Start begins at once; waiting: runs that have their turn before.
    void setBusyRun(std::int64_t run, std::size_t waiting);

Q_SIGNALS:
    void startAsked();
    void queueAsked();
    void problemClicked(const QString& field);

private:
    QWidget* makeHead();
    QWidget* makeFigures();
    QWidget* makeMemory();
    QWidget* makeDifferences();
    void showHead();

    Problems m_problems;
    bool m_isChecked = false;
    std::int64_t m_busyRun = 0;
    std::size_t m_waiting = 0;
    double m_seconds = -1.0;
    QFrame* m_head = nullptr;
    QLabel* m_icon = nullptr;
    TextLabel* m_title = nullptr;
    TextLabel* m_why = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_queue = nullptr;
    QVBoxLayout* m_problemList = nullptr;
    QWidget* m_problemRoom = nullptr;
    TextLabel* m_trained = nullptr;
    TextLabel* m_share = nullptr;
    TextLabel* m_time = nullptr;
    TextLabel* m_perStep = nullptr;
    TextLabel* m_total = nullptr;
    Meter* m_parts = nullptr;
    std::vector<TextLabel*> m_bytes;
    Meter* m_device = nullptr;
    TextLabel* m_deviceWords = nullptr;
    TextLabel* m_count = nullptr;
    QVBoxLayout* m_list = nullptr;
};

} // namespace tw
