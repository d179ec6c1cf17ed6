// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"
#include "core/data/source_text.h"

namespace tw {

/// How sure a reader is that a file is for it; the surest one opens it.
enum class Fit
{
    No,
    ByContent,
    ByName,
    ByNameAndContent
};

/// A file or folder before anything is made of it.
struct DataPath
{
    explicit DataPath(std::filesystem::path given);
    std::filesystem::path path;
    bool isFolder = false;
    std::string head; ///< the first bytes of a file, at most 4096; empty where it cannot be read
};

/// One way to read a file or folder as rows: a plug-in. Text is asked for with fit and open; what
/// is no text (binary files, folders) with isFor and openPath, before it is taken for text.
struct DataReader
{
    std::string id;
    std::string title;
    Fit (*fit)(const SourceText& source) = nullptr;
    std::shared_ptr<const Dataset> (*open)(std::shared_ptr<const SourceText> source) = nullptr;
    bool (*isFor)(const DataPath& path) = nullptr;
    std::shared_ptr<const Dataset> (*openPath)(const std::filesystem::path& path) = nullptr;
};

} // namespace tw
