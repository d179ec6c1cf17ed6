// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tw {

enum class RunState
{
    Queued,
    Running,
    Paused,
    Finished,
    Stopped,
    Failed,
    Interrupted
};
const char* runStateId(RunState state); ///< "finished"
/// Throws Error for an unknown word.
RunState runStateFrom(const std::string& id);

} // namespace tw
