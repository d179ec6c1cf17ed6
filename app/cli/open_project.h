// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/project.h"

#include <memory>
#include <string>

namespace tw::cli {

/// A project to be looked at: what of it is lost is said on standard error. Throws Error where
/// there is none, or where nothing of it can be read.
std::shared_ptr<Project> openToLook(const std::string& folder);
/// A project to be worked in. Throws Error where there is none, or it is damaged or read-only.
std::shared_ptr<Project> openToWork(const std::string& folder);

} // namespace tw::cli
