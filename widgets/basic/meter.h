// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QWidget>

#include <vector>

namespace tw {

/// A bar: one part for progress, several for "where did it go". Values share one unit.
class Meter final : public QWidget
{
    Q_OBJECT

public:
    /// Which of the theme's colours a part has.
    enum class Ink
    {
        Accent,
        Ink2,
        Edge,
        Line1,
        Line2,
        Line3,
        Line4,
        Line5,
        Line6,
        Warn,
        Error
    };
    struct Part
    {
        double value = 0.0;
        Ink ink = Ink::Accent;
        QString name; ///< for screen readers

        bool operator==(const Part&) const = default;
    };

    explicit Meter(int height = 6, QWidget* parent = nullptr); ///< pixels at 100 %
    void setShare(double share); ///< one part of accent, 0 to 1
    void setParts(const std::vector<Part>& parts, double total);
    static QColor color(Ink ink);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<Part> m_parts;
    double m_total = 1.0;
    int m_height;
};

/// The small square that names a part's colour in a legend.
class Swatch final : public QWidget
{
    Q_OBJECT

public:
    explicit Swatch(Meter::Ink ink, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Meter::Ink m_ink;
};

} // namespace tw
