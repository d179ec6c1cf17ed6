// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QWidget>

#include <map>
#include <string>
#include <vector>

class QHBoxLayout;

namespace tw {

class ChoiceBox;
class TextLabel;

/// One chooser for each column of a data set: what the column is for. Guesses say so.
class RoleRow final : public QWidget
{
    Q_OBJECT

public:
    explicit RoleRow(QWidget* parent = nullptr);
    /// chosen: roles that the person has set; empty: all are guesses. Choosers of the same columns
    /// stay, so that one may ask for this while it tells of a choice.
    void setColumns(const std::vector<ColumnSummary>& columns,
                    const std::map<std::string, std::string>& chosen);
    /// Role by column, as shown.
    std::map<std::string, std::string> roles() const;
    void addAtEnd(const QString& label, QWidget* chooser); ///< kept when the columns change

Q_SIGNALS:
    void edited();

private:
    struct Cell
    {
        ChoiceBox* chooser = nullptr;
        TextLabel* guess = nullptr; ///< "guessed, please check"
    };
    QWidget* makeCell(const std::string& column);
    static void show(const Cell& cell, const std::string& role, bool isGuess);

    QHBoxLayout* m_columns = nullptr;
    QHBoxLayout* m_all = nullptr;
    std::vector<std::string> m_names;
    std::map<std::string, Cell> m_cells;
};

/// "prompt" as the person reads it.
QString roleInWords(const std::string& role);

} // namespace tw
