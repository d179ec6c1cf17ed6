// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/file_dialog.h"

#include <QFileDialog>

namespace tw {

void ask(QFileDialog* dialog,
         QObject* owner,
         const std::function<void(const QString& path)>& chosen)
{
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QFileDialog::fileSelected, owner, chosen, Qt::QueuedConnection);
    dialog->open();
}

} // namespace tw
