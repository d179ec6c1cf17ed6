// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/theme.h"

#include <QStringList>
#include <QWidget>

#include <vector>

namespace tw {

/// The small table beside a crosshair: all values at one step. Lets the mouse through.
class ValueTable final : public QWidget
{
    Q_OBJECT

public:
    struct Row
    {
        QColor color;
        QString name;
        QStringList values; ///< as many as there are columns; empty where a curve has no value here

        bool operator==(const Row&) const = default;
    };

    explicit ValueTable(QWidget* parent);
    void setColors(const Theme& colors);
    void setContent(const QString& title, const QStringList& columns, const std::vector<Row>& rows);
    const std::vector<Row>& rows() const { return m_rows; }
    /// Title and rows as one sentence, for screen readers.
    QString sentence() const;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int nameWidth() const;
    int columnWidth(int column) const;

    Theme m_colors;
    QString m_title;
    QStringList m_columns;
    std::vector<Row> m_rows;
};

} // namespace tw
