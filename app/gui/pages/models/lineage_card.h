// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/lineage.h"

#include <QAbstractButton>

namespace tw {

/// One model, run or adapter of a lineage: what kind, its name, a quiet fact.
class LineageCard final : public QAbstractButton
{
    Q_OBJECT

public:
    explicit LineageCard(const LineageNode& node, QWidget* parent = nullptr);
    void setChosen(bool isChosen); ///< the one whose lineage is shown
    const QString& path() const { return m_path; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintFrame(QPainter& painter) const;

    QString m_icon;
    QString m_kind;
    QString m_detail;
    QString m_path;
    bool m_isChosen = false;
    bool m_isThere = true;
};

} // namespace tw
