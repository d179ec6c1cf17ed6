// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/values.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tw {

class Project;

/// One thing in the history of a model: a base model, a run, an adapter, a model that was merged.
struct LineageNode
{
    enum class Kind
    {
        Model,
        Run,
        Adapter,
        Merged ///< weights with adapters merged in, as a folder or a GGUF file
    };
    Kind kind = Kind::Model;
    std::string title; ///< file or folder name; of a run, its name
    std::string detail; ///< method of a run, stored type of a merged model; may be empty
    std::string path; ///< empty for runs
    std::int64_t run = 0; ///< of runs only
    bool isThere = true; ///< false: named by what was made of it, but gone or elsewhere
    std::vector<std::size_t> parents; ///< what it was made of: indices into the same list

    bool operator==(const LineageNode&) const = default;
};

/// All that a project knows of where the model or adapter at path comes from and what was made of
/// it and of its relatives (base -> run -> adapter -> merged); parents stand before children.
/// Reads the project file and small JSON files: the base that an adapter names, and the note that
/// merging leaves. What cannot be read is left out.
std::vector<LineageNode> lineageOf(const Project& project, const std::string& path);

/// Leaves the note, tunewright.json, in a folder that was made of a model and its adapters.
/// storedType: of GGUF matrices, "Q8_0"; else empty. Throws Error where it cannot be written.
void writeLineageNote(const std::filesystem::path& folder,
                      const ModelRef& madeOf,
                      const std::string& storedType);

} // namespace tw
