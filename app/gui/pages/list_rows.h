// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>
#include <vector>

class QListView;
class QStandardItemModel;

namespace tw {

/// A row for the ListDelegate.
struct ListRow
{
    QString title;
    QString path; ///< of the file or folder; the tooltip as well
    QString second;
    QString secondRight;
    std::optional<QString> third; ///< nothing: the list's rows have two lines
    QString mark; ///< icon: "check", "warn", "error"
};

/// Shows the rows. What stays the same is not touched, so that nobody loses the row, the menu or
/// the scroll position that he holds while the project grows.
void fillRows(QStandardItemModel& model, const std::vector<ListRow>& rows);
/// Makes the row of this path the current one, without telling; nothing where it is already.
void chooseRow(QListView& list, const QString& path);

} // namespace tw
