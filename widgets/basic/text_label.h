// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/type.h"

#include <QLabel>

namespace tw {

enum class TextInk
{
    Ink,
    Ink2,
    Ink3,
    Accent,
    Warn,
    Error
};

/// A label in one of the sizes and inks of the window; the style sheet does the rest.
class TextLabel final : public QLabel
{
    Q_OBJECT

public:
    explicit TextLabel(TextType type, TextInk ink = TextInk::Ink, QWidget* parent = nullptr);
    TextLabel(const QString& text,
              TextType type,
              TextInk ink = TextInk::Ink,
              QWidget* parent = nullptr);

    void setInk(TextInk ink);
    /// Breaks lines instead of growing.
    TextLabel* wrapped();
    /// Cuts a text that does not fit with "…"; the tooltip shows all of it.
    TextLabel* elided();
    void setFullText(const QString& text); ///< setText() for elided labels
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void showElided();

    QString m_full;
    bool m_isElided = false;
};

} // namespace tw
