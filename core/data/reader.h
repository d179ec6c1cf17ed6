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

/// One way to read a file as rows: a plug-in.
struct DataReader
{
    std::string id;
    std::string title;
    Fit (*fit)(const SourceText& source);
    std::shared_ptr<const Dataset> (*open)(std::shared_ptr<const SourceText> source);
};

} // namespace tw
