// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QApplication;

namespace tw {

enum class LookMode
{
    System,
    Light,
    Dark
};

/// Dresses the application: Fusion under a thin style of our own, one palette and one style sheet,
/// both filled from Theme, and the ring around buttons that have the keyboard. May be called again
/// with another mode.
void applyLook(QApplication& application, LookMode mode);

} // namespace tw
