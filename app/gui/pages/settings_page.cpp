// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/settings_page.h"

#include "app/gui/file_dialog.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/segmented_choice.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/look.h"

#include <QApplication>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

namespace tw {
namespace {

constexpr LookMode kModes[] = {LookMode::System, LookMode::Light, LookMode::Dark};
const QString kModeNames[] = {QStringLiteral("system"), QStringLiteral("light"),
                              QStringLiteral("dark")};

/// One setting: name and what it means at the left, its control at the right. Returns the label of
/// what it means.
TextLabel* addRow(QVBoxLayout& column, const QString& name, const QString& words, QWidget* control)
{
    auto* row = new QHBoxLayout;
    auto* text = new QVBoxLayout;
    text->setSpacing(0);
    text->addWidget(new TextLabel(name, TextType::Body));
    auto* meaning = (new TextLabel(words, TextType::Table, TextInk::Ink2))->wrapped();
    text->addWidget(meaning);
    row->addLayout(text, 1);
    row->addWidget(control);
    column.addLayout(row);
    column.addSpacing(px(8));
    return meaning;
}

} // namespace

SettingsPage::SettingsPage(Session& session)
    : Page(session, pageEntry(PageId::Settings).title, pageEntry(PageId::Settings).question)
{
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(16));
    auto* panel = new Panel(tr("Window"));
    panel->setMaximumWidth(px(720));
    auto* look = new SegmentedChoice({tr("System"), tr("Light"), tr("Dark")}, tr("Look"));
    const QString chosen = QSettings().value(QStringLiteral("look")).toString();
    look->setCurrent(chosen == kModeNames[1] ? 1 : chosen == kModeNames[2] ? 2 : 0);
    connect(look, &SegmentedChoice::chosen, this, [](int index) {
        QSettings().setValue(QStringLiteral("look"), kModeNames[index]);
        applyLook(*qobject_cast<QApplication*>(QCoreApplication::instance()), kModes[index]);
    });
    addRow(*panel->body(), tr("Look"), tr("System follows the desktop when the program starts."),
           look);
    QPushButton* change = makeButton(tr("Change…"), ButtonKind::Small);
    connect(change, &QPushButton::clicked, this, &SettingsPage::askForFolder);
    change->setAccessibleName(tr("Change where new projects go"));
    m_folder =
        addRow(*panel->body(), tr("Where new projects go"), Session::projectsFolder(), change);
    column->addWidget(panel);
    auto* about = new Panel(tr("About"));
    about->setMaximumWidth(px(720));
    about->setFact(tr("Tunewright %1").arg(QStringLiteral(TW_VERSION)));
    about->body()->addWidget(
        (new TextLabel(
             tr("Nothing leaves this computer: no telemetry, no listening port, no network. "
                "The core is under Apache-2.0, the window under GPL-3.0-or-later."),
             TextType::Body, TextInk::Ink2))
            ->wrapped());
    column->addWidget(about);
    column->addStretch(1);
    setContent(content);
}

void SettingsPage::askForFolder()
{
    auto* dialog = new QFileDialog(this, tr("Where new projects go"), Session::projectsFolder());
    dialog->setFileMode(QFileDialog::Directory);
    ask(dialog, this, [this](const QString& folder) {
        QSettings().setValue(QStringLiteral("projectsFolder"), folder);
        m_folder->setText(Session::projectsFolder());
    });
}

Page* makeSettingsPage(Session& session)
{
    return new SettingsPage(session);
}

} // namespace tw
