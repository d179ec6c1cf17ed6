// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/pickle.h"

#include <map>

namespace tw {

/// Every tensor of a checkpoint under its name, and the plain values beside them as texts.
struct NamedValues
{
    std::vector<std::pair<std::string, std::uint64_t>> tensors; ///< name, index into the document
    std::map<std::string, std::string> texts;
};

/// Goes through nested dictionaries and lists and joins their keys by dots:
/// {"model": {"a.weight": T}, "optimizer": {"state": [T]}} names "a.weight" and
/// "optimizer.state.0". The weights of a training checkpoint (under "state_dict",
/// "model_state_dict", "model" or "module") go by their own names, as in a file of their own.
/// Refuses what contains itself, nests too deep or names two tensors alike; throws Error with
/// `where`.
NamedValues namedValues(const PickleDocument& document, const std::string& where);

} // namespace tw
