// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

class QGridLayout;

namespace tw {

/// Facts in rows: label at the left, value at the right.
class FactList final : public QWidget
{
    Q_OBJECT

public:
    struct Fact
    {
        QString label;
        QString value;
        QString help = {}; ///< tooltip: what a person new to the field has to know

        bool operator==(const Fact&) const = default;
    };

    explicit FactList(QWidget* parent = nullptr);
    void setFacts(const std::vector<Fact>& facts);
    const std::vector<Fact>& facts() const { return m_facts; }

private:
    std::vector<Fact> m_facts;
    QGridLayout* m_grid;
};

} // namespace tw
