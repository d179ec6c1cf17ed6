// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/job.h"
#include "core/workbench/tools.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// Writes models as GGUF files. Its jobs end before it goes.
class GgufExport
{
public:
    /// threads: 0 for as many as there are cores.
    explicit GgufExport(std::int64_t threads);
    ~GgufExport();
    GgufExport(const GgufExport&) = delete;
    GgufExport& operator=(const GgufExport&) = delete;

    /// What matrices may be stored as: "F16", "Q8_0" ...
    static const std::vector<std::string>& types();
    /// A model with its adapters merged in, as a folder with one GGUF file; the file is loaded
    /// again and compared on texts, or on ids from all over the vocabulary.
    Job<SharedModel> start(const ModelRef& model,
                           const std::string& type,
                           const std::string& out,
                           const std::vector<std::string>& texts);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace tw
