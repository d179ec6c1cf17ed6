// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/experiment/document.h"
#include "core/job/job_control.h"

#include <string>

namespace tw {

/// What another person needs to get the same result.
struct Provenance
{
    std::string json; ///< seed, threads, versions, SHA-256 of model and data
    std::string fingerprint; ///< of document, model and data: equal exactly where a run may go on
};
/// Hashes the files; progress stage "hashing".
Provenance provenanceOf(const Experiment& experiment, std::int64_t threads, JobControl& control);

} // namespace tw
