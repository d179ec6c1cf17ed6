// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/experiment/document.h"
#include "core/job/job_control.h"
#include "core/store/project_file.h"

#include <cstdint>
#include <memory>

namespace tw {

/// Trains run `run` of a project as its frozen document says, from its newest checkpoint where it
/// has one: loads, tokenises, attaches, trains, evaluates, samples, and records all of it in the
/// project file. Returns when it is finished or was stopped (a checkpoint keeps the last step);
/// throws Cancelled, and Error after the run was recorded as failed. threads: 0 takes all.
void runExperiment(const std::shared_ptr<ProjectFile>& file,
                   std::int64_t run,
                   const Experiment& experiment,
                   std::int64_t threads,
                   JobControl& control);

} // namespace tw
