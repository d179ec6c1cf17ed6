// SPDX-License-Identifier: Apache-2.0
#pragma once

// The experiment document, for programs.
#include "core/experiment/document.h"
#include "core/experiment/stage_edits.h" // IWYU pragma: export
#include "core/experiment/stages.h" // IWYU pragma: export
