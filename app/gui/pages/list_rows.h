// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>
#include <optional>
#include <vector>

class QAbstractItemModel;
class QListView;
class QStandardItemModel;

namespace tw {

class Panel;

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

/// A list of files or folders as addPathList() shows it.
struct PathList
{
    QString name; ///< for those who cannot see it
    QString hint; ///< the sentence under it
    int rowHeight = 0; ///< at a scale of 1
};

/// The list and its sentence fill what is left of the panel.
/// chosen: called with the path of each row that becomes the current one.
QListView* addPathList(Panel& panel,
                       QAbstractItemModel& rows,
                       const PathList& list,
                       const std::function<void(const QString& path)>& chosen);

} // namespace tw
