// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/help_panel.h"

#include "widgets/basic/button.h"
#include "widgets/basic/text_label.h"

#include <QFile>
#include <QHBoxLayout>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace tw {

HelpPanel::HelpPanel(QWidget* parent)
    : QFrame(parent)
    , m_text(new QTextBrowser(this))
{
    setProperty("surface", QStringLiteral("plain"));
    setFixedWidth(px(336));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(px(16), px(12), px(12), px(4));
    head->addWidget(new TextLabel(tr("Help"), TextType::Section), 1);
    QPushButton* close = makeIconButton(QStringLiteral("close"), tr("Close the help"), this);
    head->addWidget(close);
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
    column->addLayout(head);
    m_text->setAccessibleName(tr("Help"));
    m_text->setOpenLinks(false);
    column->addWidget(m_text, 1);
    hide();
}

void HelpPanel::showHelp(const QString& name, const QWidget* focused, const QString& more)
{
    QString words;
    for (const QWidget* widget = focused; widget != nullptr && words.isEmpty();
         widget = widget->parentWidget()) {
        if (!widget->toolTip().isEmpty() && !widget->accessibleName().isEmpty())
            words = QStringLiteral("**%1**\n\n%2\n\n---\n\n")
                        .arg(widget->accessibleName(), widget->toolTip());
    }
    QFile file(QStringLiteral(":/help/%1.md").arg(name));
    if (file.open(QIODevice::ReadOnly))
        words += QString::fromUtf8(file.readAll());
    m_text->setMarkdown(words + more);
    show();
}

} // namespace tw
