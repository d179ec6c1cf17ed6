// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include <vector>

namespace tw {

/// The numbers behind a figure, for CSV files, "show as table" and screen readers. Cells are texts
/// in the C locale.
struct DataTable
{
    QStringList columns;
    std::vector<QStringList> rows;

    bool operator==(const DataTable&) const = default;
};

/// Shortest text from which the same number is read back; empty for NaN.
QString cellText(double value);
/// RFC 4180: comma, CRLF, quotes where needed.
QString toCsv(const DataTable& table);

} // namespace tw
