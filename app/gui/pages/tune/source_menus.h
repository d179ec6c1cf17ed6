// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QMenu;

namespace tw {

class DraftEditor;
class Session;

// What the buttons Change of the steps 1 and 2 open. A project is open.

void fillModelMenu(QMenu& menu, Session& session, DraftEditor& editor);
/// Training data, held-out rows and general text.
void fillDataMenu(QMenu& menu, Session& session, DraftEditor& editor);

} // namespace tw
