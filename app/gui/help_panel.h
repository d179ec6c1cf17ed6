// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QTextBrowser;

namespace tw {

/// The page of the handbook for what has the focus, at the right of the window.
class HelpPanel final : public QFrame
{
    Q_OBJECT

public:
    explicit HelpPanel(QWidget* parent = nullptr);
    /// Shows resources/help/<name>.md; above it what the focused control says about itself, below
    /// it more Markdown.
    void showHelp(const QString& name, const QWidget* focused, const QString& more = {});

private:
    QTextBrowser* m_text = nullptr;
};

} // namespace tw
