// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/report/report_pages.h"

#include <QAbstractScrollArea>

#include <memory>

namespace tw {

/// Shows pages below each other, as wide as there is room, at most at their real size.
class ReportPreview final : public QAbstractScrollArea
{
    Q_OBJECT

public:
    explicit ReportPreview(QWidget* parent = nullptr);
    void setPages(std::shared_ptr<const ReportPages> pages);
    const std::shared_ptr<const ReportPages>& pages() const { return m_pages; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    double scale() const;
    void place();

    std::shared_ptr<const ReportPages> m_pages;
};

} // namespace tw
