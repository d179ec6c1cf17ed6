// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/peft_reader.h"
#include "core/base/registry.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// Reads the adapters of one method of PEFT, as a plug-in; whether Tunewright can train such ones
/// is another matter (see Adaptation).
struct AdapterReader
{
    std::string id;
    std::string title;
    std::string peftType; ///< "LORA"
    /// Settings that it understands, or that never change the result, besides those that all
    /// methods share.
    std::vector<std::string> settings;
    /// The method's own parts. Throws Error that names the setting or tensor that does not fit.
    std::function<AdapterParts(PeftReader&)> read;
};

/// All readers, filled at first use.
const Registry<AdapterReader>& adapterReaders();

/// Attaches an adapter from PEFT's settings and tensors. Throws Error; then nothing is attached.
std::unique_ptr<Adapter> attachStored(const AdapterReader& method,
                                      Model& model,
                                      const std::string& peftConfig,
                                      const TensorFile& tensors);

} // namespace tw
