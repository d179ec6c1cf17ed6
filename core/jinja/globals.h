// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/runtime.h"

namespace tw::jinja {

/// range, dict, namespace, cycler, joiner, raise_exception, strftime_now.
void addGlobals(Scope& scope);

} // namespace tw::jinja
