// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QButtonGroup;

namespace tw {

/// A few exclusive choices side by side ("Linear", "Log").
class SegmentedChoice final : public QWidget
{
    Q_OBJECT

public:
    /// `what` is the accessible name of the group.
    SegmentedChoice(const QStringList& choices, const QString& what, QWidget* parent = nullptr);
    int current() const;
    void setCurrent(int index);
    void setText(int index, const QString& text);
    void explain(int index, const QString& tip); ///< tooltip of one choice

Q_SIGNALS:
    void chosen(int index); ///< by the person

private:
    QButtonGroup* m_group = nullptr;
};

} // namespace tw
