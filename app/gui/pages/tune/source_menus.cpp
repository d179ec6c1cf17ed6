// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/source_menus.h"

#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/session.h"
#include "widgets/theme/icon.h"

#include <QCoreApplication>
#include <QMenu>

#include <functional>

namespace tw {
namespace {

using Put = std::function<void(Experiment&, const std::string&)>;

QString say(const char* words)
{
    return QCoreApplication::translate("TunePage", words);
}

/// An entry for each data set of the project; the one in use is ticked.
void addDatasets(
    QMenu& menu, Session& session, DraftEditor& editor, const std::string& now, const Put& put)
{
    for (const std::string& path : session.project()->datasets()) {
        QAction* action = menu.addAction(baseName(path), &menu, [&editor, path, put] {
            editor.edit(say(QT_TRANSLATE_NOOP("TunePage", "Choose data")), {},
                        [&](Experiment& e) { put(e, path); });
        });
        action->setCheckable(true);
        action->setChecked(path == now);
    }
}

void addHeldOut(QMenu& menu, Session& session, DraftEditor& editor)
{
    const Experiment& draft = editor.draft();
    menu.addAction(say(QT_TRANSLATE_NOOP("TunePage", "%1 % of the training rows"))
                       .arg(draft.heldOutShare * 100.0),
                   &menu, [&editor] {
                       editor.edit(say(QT_TRANSLATE_NOOP("TunePage", "Choose held-out rows")), {},
                                   [](Experiment& e) { e.heldOut = DataPart(); });
                   });
    addDatasets(
        menu, session, editor, draft.heldOut.path,
        [&session](Experiment& e, const std::string& path) { e.heldOut = session.partOf(path); });
}

void addGeneral(QMenu& menu, Session& session, DraftEditor& editor)
{
    menu.addAction(say(QT_TRANSLATE_NOOP("TunePage", "None")), &menu, [&editor] {
        editor.edit(say(QT_TRANSLATE_NOOP("TunePage", "Choose general text")), {},
                    [](Experiment& e) { e.general = DataPart(); });
    });
    addDatasets(
        menu, session, editor, editor.draft().general.path,
        [&session](Experiment& e, const std::string& path) { e.general = session.partOf(path); });
}

} // namespace

void fillModelMenu(QMenu& menu, Session& session, DraftEditor& editor)
{
    for (const std::string& path : session.project()->models()) {
        QAction* action = menu.addAction(baseName(path), &menu, [&editor, path] {
            editor.edit(say(QT_TRANSLATE_NOOP("TunePage", "Choose a model")), {},
                        [&](Experiment& e) { e.model = path; });
        });
        action->setCheckable(true);
        action->setChecked(path == editor.draft().model);
        action->setToolTip(text(path));
    }
    menu.addSeparator();
    menu.addAction(lineIcon(QStringLiteral("folder")),
                   say(QT_TRANSLATE_NOOP("TunePage", "Other models…")), &menu,
                   [&session] { session.go(PageId::Models); });
}

void fillDataMenu(QMenu& menu, Session& session, DraftEditor& editor)
{
    addDatasets(menu, session, editor, editor.draft().train.path,
                [&session](Experiment& e, const std::string& path) {
                    session.rememberPart(e.train);
                    e.train = session.partOf(path);
                });
    menu.addSeparator();
    addHeldOut(*menu.addMenu(say(QT_TRANSLATE_NOOP("TunePage", "Held-out rows"))), session, editor);
    addGeneral(
        *menu.addMenu(say(QT_TRANSLATE_NOOP("TunePage", "General text, for the forgetting meter"))),
        session, editor);
    menu.addSeparator();
    menu.addAction(lineIcon(QStringLiteral("data")),
                   say(QT_TRANSLATE_NOOP("TunePage", "Columns, tokens, other data…")), &menu,
                   [&session] { session.go(PageId::Data); });
}

} // namespace tw
