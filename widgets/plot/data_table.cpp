// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/data_table.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

QString quoted(QString cell)
{
    const auto special = [](QChar c) { return c == u',' || c == u'"' || c == u'\n' || c == u'\r'; };
    if (std::none_of(cell.cbegin(), cell.cend(), special))
        return cell;
    cell.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return QLatin1Char('"') + cell + QLatin1Char('"');
}

QString csvLine(const QStringList& cells)
{
    QStringList parts;
    for (const QString& cell : cells)
        parts << quoted(cell);
    return parts.join(QLatin1Char(',')) + QStringLiteral("\r\n");
}

} // namespace

QString cellText(double value)
{
    return std::isnan(value) ? QString()
                             : QString::number(value, 'g', QLocale::FloatingPointShortest);
}

QString toCsv(const DataTable& table)
{
    QString text = csvLine(table.columns);
    for (const QStringList& row : table.rows)
        text += csvLine(row);
    return text;
}

} // namespace tw
