// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

class QHBoxLayout;

namespace tw {

/// One figure: caption above, the figure, caption below.
struct Figure
{
    QString caption;
    QString value;
    QString note;

    bool operator==(const Figure&) const = default;
};

/// Four or five figures in a row, parted by hairlines.
class FigureRow final : public QWidget
{
    Q_OBJECT

public:
    explicit FigureRow(QWidget* parent = nullptr);
    void setFigures(const std::vector<Figure>& figures);
    /// Facts instead of figures: values in table size.
    void setCompact(bool isCompact);

private:
    void rebuild();

    std::vector<Figure> m_figures;
    bool m_isCompact = false;
    QHBoxLayout* m_row = nullptr;
};

} // namespace tw
