// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace tw {

/// What the shades mean: "base wants it more [bar] run 12 wants it more".
class ChangeLegend final : public QWidget
{
    Q_OBJECT

public:
    ChangeLegend(const QString& less, const QString& more, QWidget* parent = nullptr);
    void setWords(const QString& less, const QString& more);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_less;
    QString m_more;
};

} // namespace tw
