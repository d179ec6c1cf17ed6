// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/workspace.h"

#include "core/workbench/workspace_state.h"

namespace tw {

Workspace::Workspace(std::int64_t threads)
    : m_state(std::make_unique<State>())
{
    m_state->threads = threads;
    State::useThreads(threads);
}

Workspace::~Workspace() = default;

JobRunner& Workspace::runner()
{
    return m_state->runner;
}

} // namespace tw
