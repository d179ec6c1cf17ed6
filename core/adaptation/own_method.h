// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/tensorfile/tensor_file.h"

#include <filesystem>
#include <functional>
#include <string>

namespace tw {

// Adapters of methods that PEFT does not have lie in a folder like PEFT's, under a peft_type that
// PEFT refuses by name. Their settings are those of the method: reading attaches the method anew
// and then puts the stored tensors into it.

inline constexpr const char* kOwnPeftType = "TUNEWRIGHT";

/// adapter_config.json of such a method.
std::string ownConfig(const std::string& method,
                      const SiteSelection& selection,
                      const ParamValues& values,
                      const std::string& baseModelName);
/// The same for attachParts(), which is told the base model's name when the adapter is written.
std::function<std::string(const std::string& baseModelName)> ownConfigWriter(
    const std::string& method, const SiteSelection& selection, const ParamValues& values);
/// adapter_config.json above the folders of several parts.
std::string partsConfig(std::size_t count, const std::string& baseModelName);
/// Folder of a part within that of all.
std::filesystem::path partFolder(const std::filesystem::path& folder, std::size_t part);

/// What a config of kOwnPeftType says.
struct OwnConfig
{
    std::string method; ///< empty: the folder holds parts, or a head
    bool isTaskHead = false; ///< the folder holds the head of a task and nothing else
    SiteSelection selection;
    ParamValues values;
    std::size_t parts = 0;
};
/// Throws Error where the text is no such config, or names a method or setting that is not known.
OwnConfig ownConfigFrom(const std::string& configText, const std::string& file);
/// Puts the tensors of a file into an adapter that was attached with the same settings, for
/// Adaptation::read. Throws Error where they are others than its own.
void putStored(const Adapter& adapter, const TensorFile& tensors);
/// Attaches the method with the values of the file. Throws Error; then nothing is attached.
std::unique_ptr<Adapter>
attachOwn(Model& model, const OwnConfig& config, const TensorFile& tensors);

} // namespace tw
