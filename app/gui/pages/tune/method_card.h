// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QStringList>

namespace tw {

/// What a card says of a method.
struct MethodFacts
{
    QString title;
    QString summary; ///< one sentence
    QStringList traits; ///< "merges", "small memory"

    bool operator==(const MethodFacts&) const = default;
};

/// A method to choose: name, what it is for, what sets it apart, what it trains. Checked: it is in
/// hand.
class MethodCard final : public QAbstractButton
{
    Q_OBJECT

public:
    explicit MethodCard(const MethodFacts& facts, QWidget* parent = nullptr);
    void setTrained(const QString& trained); ///< "4.88 M" on its usual sites
    /// The letters under which the experiment has it, "A, C"; empty: not in use.
    void setUse(const QString& letters, int line);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintHead(QPainter& painter, const QRectF& room) const;
    void paintFoot(QPainter& painter, const QRectF& room) const;
    void describe();

    MethodFacts m_facts;
    QString m_trained;
    QString m_use;
    int m_line = 1;
};

} // namespace tw
