// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

class QButtonGroup;
class QHBoxLayout;
class QLineEdit;
class QMenu;
class QPushButton;

namespace tw {

class TextLabel;

/// A stage as the strip shows it.
struct StageChip
{
    QString name;
    QString facts; ///< "LoRA on pairs.jsonl, 100 steps"
    QString problem; ///< the first thing that is wrong with it; empty: none

    bool operator==(const StageChip&) const = default;
};

/// The stages of an experiment one behind the other, one of them shown below: a click or the arrow
/// keys show another one; F2 renames, Delete removes.
class StageStrip final : public QWidget
{
    Q_OBJECT

public:
    explicit StageStrip(QWidget* parent = nullptr);
    void show(const std::vector<StageChip>& stages, int current);
    void focusCurrent();

Q_SIGNALS:
    void chosen(int stage);
    void addAsked();
    void removeAsked(int stage);
    void moveAsked(int stage, int to);
    void renamed(int stage, const QString& name);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fitChips(std::size_t count);
    void fillMenu();
    void beginRename();
    void endRename();

    std::vector<StageChip> m_stages;
    int m_current = 0;
    std::vector<QPushButton*> m_chips;
    std::vector<QWidget*> m_arrows; ///< before each but the first
    QButtonGroup* m_group = nullptr;
    QHBoxLayout* m_row = nullptr; ///< of the chips
    QLineEdit* m_name = nullptr;
    TextLabel* m_facts = nullptr;
    QMenu* m_menu = nullptr;
};

} // namespace tw
