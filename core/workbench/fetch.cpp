// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/download/repository.h"
#include "core/workbench/workspace_state.h"

namespace tw {
namespace {

FetchSummary fetched(const FetchOptions& options, JobControl& control)
{
    RepositoryAddress address {options.endpoint, options.name, options.revision, options.token};
    while (address.endpoint.ends_with('/'))
        address.endpoint.pop_back();
    if (options.folder.empty())
        throw Error("There is no folder to fetch into.", "Choose one.");
    control.report("asking", 0, 0);
    const RepositoryListing listing = listRepository(address, control);
    const auto files = chosenFiles(listing, options.files);
    fetchFiles(address, listing.commit, files, options.folder, control);
    FetchSummary summary {options.folder, listing.commit, static_cast<std::int64_t>(files.size()),
                          0};
    for (const RepositoryFile& file : files)
        summary.bytes += static_cast<std::uint64_t>(file.bytes);
    return summary;
}

} // namespace

Job<FetchSummary> Workspace::fetch(const FetchOptions& options)
{
    return m_state->start(Lane::Kind::Network,
                          [options](JobControl& control) { return fetched(options, control); });
}

} // namespace tw
