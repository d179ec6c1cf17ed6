// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The only file that includes QCustomPlot: its header needs Qt's keywords, which are switched off
// everywhere else because LibTorch has functions of the same names. To be included from .cpp files
// only, after all Qt headers.
#define signals Q_SIGNALS
#define slots Q_SLOTS
#define emit Q_EMIT
#define foreach Q_FOREACH

#include <qcustomplot.h> // IWYU pragma: export

#undef signals
#undef slots
#undef emit
#undef foreach
