// SPDX-License-Identifier: Apache-2.0
#pragma once

// The experiment document, for programs.
#include "core/experiment/document.h" // IWYU pragma: export
