// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf_names.h"

namespace tw {

std::string ggufNameOf(const std::string& huggingFaceName,
                       const std::string& layers,
                       const std::map<std::string, std::string>& whole,
                       const std::map<std::string, std::string>& parts)
{
    const auto dot = huggingFaceName.rfind('.');
    if (dot == std::string::npos)
        return huggingFaceName;
    const std::string module = huggingFaceName.substr(0, dot);
    const std::string suffix = huggingFaceName.substr(dot);
    if (const auto it = whole.find(module); it != whole.end())
        return it->second + suffix;
    if (!module.starts_with(layers))
        return huggingFaceName;
    const auto end = module.find('.', layers.size());
    if (end == std::string::npos)
        return huggingFaceName;
    const auto it = parts.find(module.substr(end + 1));
    return it == parts.end()
        ? huggingFaceName
        : "blk." + module.substr(layers.size(), end - layers.size()) + "." + it->second + suffix;
}

} // namespace tw
