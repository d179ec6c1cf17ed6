// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace tw {

/// A large button: icon, what it does, why, and a quiet fact.
class Tile final : public QAbstractButton
{
    Q_OBJECT

public:
    Tile(const QString& icon,
         const QString& title,
         const QString& words,
         QWidget* parent = nullptr);
    void setFact(const QString& fact);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_icon;
    QString m_words;
    QString m_fact;
};

} // namespace tw
