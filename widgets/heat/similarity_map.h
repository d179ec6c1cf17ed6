// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plot/chart.h"

#include <vector>

namespace tw {

/// |u0_i . u_j| of leading singular vectors: the base's down, the tuned model's across.
struct SimilarityData
{
    int size = 0;
    std::vector<double> values; ///< size x size, row by row, in [0, 1]
    std::vector<int> marked; ///< columns that are outlined (intruders), from 0

    bool operator==(const SimilarityData&) const = default;
};

/// Square map of similarities in [0, 1] with a colour bar; intruders are outlined in line 2.
class SimilarityMap final : public Chart
{
    Q_OBJECT

public:
    explicit SimilarityMap(QWidget* parent = nullptr);

    void setData(SimilarityData data);
    const SimilarityData& data() const { return m_data; }

    DataTable table() const override;
    void draw(QPainter& painter, const QRectF& rect) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF mapIn(const QRectF& rect) const;

    SimilarityData m_data;
};

} // namespace tw
