// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plot/data_table.h"
#include "widgets/theme/theme.h"

#include <QWidget>

class QMenu;
class QPainter;

namespace tw {

/// What every figure can do: be copied as a picture or as numbers, be saved, be read as a table.
class Chart : public QWidget
{
    Q_OBJECT

public:
    explicit Chart(QWidget* parent = nullptr);

    /// Colours other than the theme's (a figure on paper). Without it a chart follows the theme.
    void setColors(const Theme& colors);
    const Theme& colors() const { return m_colors; }
    /// What the figure shows; the accessible name, and the name proposed for files.
    void setTitle(const QString& title);
    const QString& title() const { return m_title; }

    virtual DataTable table() const = 0;
    /// Draws into any painter, as vectors; sizes are those of the screen at 100 %.
    virtual void draw(QPainter& painter, const QRectF& rect) const = 0;

    /// Copy, save and table actions: for the context menu and for the last button of a panel's
    /// head.
    void addExportActions(QMenu* menu);
    void copyImage() const;
    void copyNumbers() const;
    /// By the file's ending: svg, pdf, png, csv. Returns what went wrong, empty where nothing did.
    QString save(const QString& file) const;

Q_SIGNALS:
    void notSaved(const QString& what);

public Q_SLOTS:
    void showAsTable();
    void askAndSave();

protected:
    /// The colours have changed.
    virtual void recolor() { update(); }
    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QString savePicture(const QString& file, const QString& ending) const;

    Theme m_colors;
    bool m_followsTheme = true;
    QString m_title;
};

/// Colour over background at an opacity in [0, 1], as an opaque colour: paper and SVG then need no
/// transparency.
QColor mixed(const QColor& color, const QColor& background, double opacity);
/// Number as people read it: locale, a real minus, at most `digits` significant digits.
QString shortNumber(double value, int digits = 3);

} // namespace tw
