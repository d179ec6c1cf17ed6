// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace tw {

/// A method to choose: name, what it is for, what sets it apart.
class MethodCard final : public QAbstractButton
{
    Q_OBJECT

public:
    MethodCard(const QString& title,
               const QString& summary,
               const QString& trait,
               QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_summary;
    QString m_trait;
};

} // namespace tw
