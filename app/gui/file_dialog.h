// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

class QFileDialog;
class QObject;

namespace tw {

/// Shows the dialog, which deletes itself, and calls `chosen` with the path once it has closed
/// (not from within it: what `chosen` throws reaches the window then, which shows it). Nothing is
/// called where the person cancels or the owner is gone.
void ask(QFileDialog* dialog,
         QObject* owner,
         const std::function<void(const QString& path)>& chosen);

} // namespace tw
