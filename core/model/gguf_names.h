// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace tw {

/// llama.cpp's name for one of Hugging Face's weight names: "blk.3.attn_q.weight". layers is what
/// stands before the layer's number ("model.layers."); parts are named behind it, the others
/// whole. A name that neither table knows is returned as it is, and is then not found.
std::string ggufNameOf(const std::string& huggingFaceName,
                       const std::string& layers,
                       const std::map<std::string, std::string>& whole,
                       const std::map<std::string, std::string>& parts);

} // namespace tw
