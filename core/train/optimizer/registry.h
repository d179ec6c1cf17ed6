// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/train/optimizer.h" // IWYU pragma: export
