// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/report/report_block.h"

#include <QSizeF>

#include <functional>
#include <vector>

class QPainter;

namespace tw {

/// Lays a report out on pages of paper (A4, in pixels of 1/96 inch) and paints them; always in the
/// light colours.
class ReportPages
{
public:
    explicit ReportPages(const std::vector<ReportBlock>& blocks, QString footer = {});

    static QSizeF pageSize(); ///< A4
    int count() const { return m_count; }
    /// Paints one page (from 0), its top left corner at the painter's origin.
    void paint(QPainter& painter, int page) const;
    /// Writes all pages as a PDF file. Returns what went wrong, empty where nothing did.
    QString savePdf(const QString& file, const QString& title) const;
    /// The text of all blocks, for screen readers and tests.
    const QString& plainText() const { return m_text; }

private:
    using Draw = std::function<void(QPainter&, const QRectF&)>;
    struct Piece
    {
        int page = 0;
        QRectF rect;
        Draw draw;
    };

    void add(const ReportHead& head);
    void add(const ReportFigures& figures);
    void add(const ReportHeading& heading);
    void add(const ReportText& text);
    void add(const ReportTable& table);
    void add(const ReportCurves& curves);
    void add(const ReportGrid& grid);
    void add(const ReportTexts& texts);
    /// Puts a piece below the last one, on a new page where it does not fit with `keep` more pixels
    /// below it.
    void put(double height, Draw draw, double keep = 0.0);
    void gap(double height) { m_y += height; }

    std::vector<Piece> m_pieces;
    QString m_footer;
    QString m_text;
    double m_y = 0.0;
    int m_count = 1;
    bool m_isUnderHeading = false; ///< the last piece is a heading
};

} // namespace tw
