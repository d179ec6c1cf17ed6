// SPDX-License-Identifier: Apache-2.0
#pragma once

// Marks a string for lupdate exactly as Qt does; core has no Qt, so the window translates it when
// it is shown.
#ifndef QT_TRANSLATE_NOOP
#define QT_TRANSLATE_NOOP(context, text) (text)
#endif
