// SPDX-License-Identifier: Apache-2.0
#include "core/media/preprocessor.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxConfig = 1'000'000; // bytes; a page of keys in practice

struct Configuration
{
    std::string text;
    std::string where;
};

Configuration configurationOf(const fs::path& model)
{
    std::error_code error;
    const fs::path folder = fs::is_directory(model, error) ? model : model.parent_path();
    const fs::path path = folder / "preprocessor_config.json";
    if (!fs::is_regular_file(path, error))
        throw Error(model.string()
                        + " has no preprocessor_config.json, which says how pictures and sounds "
                          "are prepared.",
                    "Fetch that file of the model too, or give the prepared numbers as "
                    "safetensors.");
    return {readFile(path, kMaxConfig), path.string()};
}

} // namespace

ImageSteps imageStepsOf(const fs::path& model)
{
    const Configuration configuration = configurationOf(model);
    return imageStepsFrom(configuration.text, configuration.where);
}

SoundSteps soundStepsOf(const fs::path& model)
{
    const Configuration configuration = configurationOf(model);
    return soundStepsFrom(configuration.text, configuration.where);
}

} // namespace tw
