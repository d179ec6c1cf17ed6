// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/grid/site_owner.h"

#include <QWidget>

#include <vector>

class QVBoxLayout;

namespace tw {

/// A method of the experiment in the list of them.
struct MethodTab
{
    SiteOwner owner;
    QString fact; ///< "60 sites, 4.88 M"
    QString problem; ///< in words; empty: none
    bool isWarning = false;

    bool operator==(const MethodTab&) const = default;
};

/// The methods of the experiment below each other: colour and letter as in the grid, one of them
/// chosen, each with a button that removes it.
class MethodTabs final : public QWidget
{
    Q_OBJECT

public:
    explicit MethodTabs(QWidget* parent = nullptr);
    ~MethodTabs() override;
    void setTabs(const std::vector<MethodTab>& tabs, int current); ///< -1: none is

Q_SIGNALS:
    void chosen(int tab);
    void removeAsked(int tab);

private:
    class Row;

    std::vector<Row*> m_rows;
    QVBoxLayout* m_column = nullptr;
};

} // namespace tw
