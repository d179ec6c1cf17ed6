// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plot/chart.h"

#include <memory>
#include <vector>

namespace tw {

/// What a BarPlot shows: a histogram, or one bar per index (a spectrum).
struct Bars
{
    std::vector<double> edges; ///< one more than values
    std::vector<double> values;
    std::size_t strong =
        0; ///< the first so many at full colour, the rest at 55 %; 0: all at full colour
    int line = 1; ///< colour 1 to 6
    QString note; ///< what the strong ones mean: "3 directions hold 88 %"

    bool operator==(const Bars&) const = default;
};

/// One bar per value, numbered from 1.
Bars indexedBars(std::vector<double> values);

/// A limit drawn over the bars, dashed: the context length, the rank.
struct ReferenceLine
{
    double x = 0.0;
    QString label;

    bool operator==(const ReferenceLine&) const = default;
};

/// Solid bars over one axis; the tooltip says the bar under the pointer.
class BarPlot final : public Chart
{
    Q_OBJECT

public:
    explicit BarPlot(QWidget* parent = nullptr);
    ~BarPlot() override;

    void setAxisTitles(const QString& bottom, const QString& left);
    void setBars(Bars bars, std::vector<ReferenceLine> lines = {});
    const Bars& bars() const { return m_bars; }

    DataTable table() const override;
    void draw(QPainter& painter, const QRectF& rect) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void recolor() override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Parts;
    bool isIndexed() const;
    void rebuild();
    void addNote(const QString& text, const QFont& font);
    void addLine(const ReferenceLine& line, const QFont& font);

    std::unique_ptr<Parts> m_parts;
    Bars m_bars;
    std::vector<ReferenceLine> m_lines;
};

} // namespace tw
