// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>

namespace tw {

/// A number with its unit inside the field. Takes "2e-4", "0.0002" and "0,0002"; the arrow keys
/// step it.
class NumberField final : public QLineEdit
{
    Q_OBJECT

public:
    NumberField(const QString& what, const QString& unit, QWidget* parent = nullptr);
    void setUnit(const QString& unit);
    void setRange(double lowest, double highest, bool isInteger);
    void setValue(double value); ///< tells nobody
    double value() const { return m_value; } ///< the last good one
    bool isValid() const { return m_isValid; }
    /// A border in the colour of an error or a warning; isValid() is not changed.
    void setMarked(const QString& problem); ///< "", "warn", "error"
    /// "2e-4", "0.05", "16": the shortest text that reads back as value.
    static QString shortest(double value);
    QSize sizeHint() const override;

Q_SIGNALS:
    void edited(double value); ///< a good value was typed or stepped to
    void refused(const QString& why); ///< what was typed is no number of the range

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void typed();
    void step(bool isUp);

    QString m_unit;
    double m_lowest = 0.0;
    double m_highest = 0.0;
    bool m_isInteger = false;
    double m_value = 0.0;
    bool m_isValid = true;
};

} // namespace tw
