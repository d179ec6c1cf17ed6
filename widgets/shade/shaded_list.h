// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/shade/shaded_text.h"

#include <QAbstractScrollArea>

#include <vector>

namespace tw {

/// One text of a ShadedList.
struct ShadedRow
{
    std::vector<ShadedToken> tokens;
    QString score; ///< at the right end

    bool operator==(const ShadedRow&) const = default;
};

/// Texts below each other, numbered, each token shaded by its weight. Arrow keys go from token to
/// token.
class ShadedList final : public QAbstractScrollArea
{
    Q_OBJECT

public:
    explicit ShadedList(QWidget* parent = nullptr);
    void setRows(std::vector<ShadedRow> rows);
    /// Below the others, which keep their layout, their place and the chosen token.
    void addRows(std::vector<ShadedRow> rows);
    const std::vector<ShadedRow>& rows() const { return m_rows; }
    int currentRow() const { return m_row; } ///< -1: none
    int currentToken() const { return m_token; }
    QString plainText() const; ///< all texts, one a line

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Place
    {
        ShadedLayout layout;
        double top = 0.0;
        double height = 0.0;
    };
    void place();
    void placeFrom(std::size_t first);
    void setCurrent(int row, int token);
    void stepToken(int steps);

    std::vector<ShadedRow> m_rows;
    std::vector<Place> m_places;
    double m_height = 0.0;
    int m_row = -1;
    int m_token = -1;
};

} // namespace tw
