// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/grid/block_layout.h"

#include <QWidget>

namespace tw {

/// One transformer block, drawn from its sites: those with a method have its colour and letter, a
/// click asks to attach or detach.
class BlockDrawing final : public QWidget
{
    Q_OBJECT

public:
    explicit BlockDrawing(QWidget* parent = nullptr);
    void setBlock(const BlockValue& block);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void siteClicked(const QString& site);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    OwnerSet ownersOf(const QString& site) const;
    const BlockLayout::Box* boxAt(QPointF at) const;
    void paintBox(QPainter& painter, const BlockLayout::Box& box) const;

    BlockValue m_block;
    BlockLayout m_layout;
};

} // namespace tw
