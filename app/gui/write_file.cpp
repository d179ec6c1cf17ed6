// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/write_file.h"

#include "core/base/error.h"

#include <QSaveFile>

namespace tw {

void writeFile(const QString& file, const QByteArray& bytes)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        throw Error("Cannot write " + file.toStdString() + ": " + out.errorString().toStdString()
                        + ".",
                    "Choose another folder.");
}

} // namespace tw
