// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QPushButton;
class QVBoxLayout;

namespace tw {

/// What a page shows while it has nothing to show: what is missing, how to get it, one click.
class EmptyState final : public QFrame
{
    Q_OBJECT

public:
    EmptyState(const QString& iconName,
               const QString& title,
               const QString& text,
               QWidget* parent = nullptr);
    /// The first button is filled. Connect to its clicked().
    QPushButton* addButton(const QString& text, const QString& iconName = {});
    /// More below a thin line (examples of files, say).
    QVBoxLayout* more();

private:
    QVBoxLayout* m_column = nullptr;
    QHBoxLayout* m_buttons = nullptr;
    QVBoxLayout* m_more = nullptr;
    int m_count = 0;
};

} // namespace tw
