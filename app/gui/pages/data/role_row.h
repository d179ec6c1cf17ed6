// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QWidget>

#include <map>
#include <string>

class QHBoxLayout;

namespace tw {

class ChoiceBox;

/// One chooser for each column of a data set: what the column is for. Guesses say so.
class RoleRow final : public QWidget
{
    Q_OBJECT

public:
    explicit RoleRow(QWidget* parent = nullptr);
    /// chosen: roles that the person has set; empty: all are guesses.
    void setColumns(const std::vector<ColumnSummary>& columns,
                    const std::map<std::string, std::string>& chosen);
    /// Role by column, as shown.
    std::map<std::string, std::string> roles() const;
    void addAtEnd(const QString& label, QWidget* chooser); ///< kept when the columns change

Q_SIGNALS:
    void edited();

private:
    QWidget* makeCell(const ColumnSummary& column, const std::string& role, bool isGuess);

    QHBoxLayout* m_columns = nullptr;
    QHBoxLayout* m_all = nullptr;
    std::map<std::string, ChoiceBox*> m_boxes;
};

/// "prompt" as the person reads it.
QString roleInWords(const std::string& role);

} // namespace tw
