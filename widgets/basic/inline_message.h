// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace tw {

class TextLabel;

/// An error or a note in its place: icon, sentence, reason, buttons. No dialog.
class InlineMessage final : public QFrame
{
    Q_OBJECT

public:
    enum class Kind
    {
        Error,
        Warning,
        Note
    };

    explicit InlineMessage(QWidget* parent = nullptr); ///< hidden until it has something to say
    /// Shows what happened and why or what to do; removes earlier buttons.
    void show(Kind kind, const QString& sentence, const QString& reason);
    QPushButton* addButton(const QString& text, bool isRemedy = false);
    QString sentence() const;

private:
    QLabel* m_icon = nullptr;
    TextLabel* m_sentence = nullptr;
    TextLabel* m_reason = nullptr;
    QHBoxLayout* m_buttons = nullptr;
};

} // namespace tw
