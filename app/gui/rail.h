// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/page_id.h"

#include <QWidget>

class QButtonGroup;

namespace tw {

/// The quiet strip at the left: the mark, the pages in the order of the work, settings at the foot.
class Rail final : public QWidget
{
    Q_OBJECT

public:
    explicit Rail(QWidget* parent = nullptr);
    void setCurrent(PageId page);

Q_SIGNALS:
    void chosen(tw::PageId page);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QButtonGroup* m_group = nullptr;
};

} // namespace tw
