// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QVBoxLayout;

namespace tw {

class Chip;
class TextLabel;

/// One of the four steps: a tick, its number and name, what was chosen, and below it what there is
/// to choose.
class StepCard final : public QFrame
{
    Q_OBJECT

public:
    StepCard(const QString& title, QWidget* parent = nullptr);
    void setChosen(const QString& choice,
                   const QString& facts); ///< one line that says what was chosen
    void setDone(bool isDone);
    void setChip(const QString& warning); ///< empty: none
    void addTool(QWidget* tool);
    QVBoxLayout* body(); ///< made when first asked for

private:
    QWidget* m_tick = nullptr;
    TextLabel* m_choice = nullptr;
    TextLabel* m_facts = nullptr;
    Chip* m_chip = nullptr;
    QHBoxLayout* m_head = nullptr;
    QVBoxLayout* m_all = nullptr;
    QVBoxLayout* m_body = nullptr;
};

} // namespace tw
