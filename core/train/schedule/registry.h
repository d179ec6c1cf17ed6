// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/train/schedule.h" // IWYU pragma: export
