// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>

namespace tw {

/// A combo box with the window's arrow. Choices carry an id; the wheel scrolls the page, not the
/// choice.
class ChoiceBox final : public QComboBox
{
    Q_OBJECT

public:
    explicit ChoiceBox(const QString& what, QWidget* parent = nullptr); ///< accessible name
    void addChoice(const QString& text, const QString& id);
    QString currentId() const;
    bool setCurrentId(const QString& id); ///< false where there is none; tells nobody
    void setSmall();

Q_SIGNALS:
    void chosen(const QString& id); ///< by the person

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
};

} // namespace tw
