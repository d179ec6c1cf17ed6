// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>
#include <QStringList>
#include <QWidget>

#include <vector>

namespace tw {

/// One transformer block, drawn from its sites: trained ones are filled, a click asks to attach or
/// detach.
class BlockDrawing final : public QWidget
{
    Q_OBJECT

public:
    explicit BlockDrawing(QWidget* parent = nullptr);
    /// The sites of the model ("attn.q", "mlp.gate" ...), those trained in the shown block, and
    /// those that may be.
    void setBlock(const QStringList& sites, const QStringList& trained, const QStringList& allowed);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void siteClicked(const QString& site);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Box
    {
        QRectF rect;
        QString label;
        QString site; ///< empty: computes, holds no weights that are adapted
    };
    void layOut();
    void
    addRow(double& y, const std::vector<std::pair<QString, QString>>& labelAndSite, double width);

    QStringList m_sites;
    QStringList m_trained;
    QStringList m_allowed;
    std::vector<Box> m_boxes;
    std::vector<double> m_additions; ///< height of the circles where the stream is added to
    std::vector<std::pair<double, double>> m_skips; ///< from and to of the residual lines
    double m_bottom = 0.0;
};

} // namespace tw
