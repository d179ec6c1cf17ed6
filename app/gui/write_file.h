// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace tw {

/// Writes a small file of the person's choice, whole or not at all. Throws Error.
void writeFile(const QString& file, const QByteArray& bytes);

} // namespace tw
