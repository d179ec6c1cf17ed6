// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>

namespace tw {

/// The pages of the window, in the order of the rail.
enum class PageId
{
    Home,
    Data,
    Models,
    Tune,
    Runs,
    Inspect,
    Explore,
    Reports,
    Settings
};

} // namespace tw

Q_DECLARE_METATYPE(tw::PageId)
