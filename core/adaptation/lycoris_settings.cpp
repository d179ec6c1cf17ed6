// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lycoris_settings.h"

#include "core/adaptation/peft_writer.h"

namespace tw {

Json lycorisKeys(const LycorisOptions& options)
{
    return {{"alpha", peftValue(options.alpha)},
            {"alpha_pattern", Json::object()},
            {"exclude_modules", nullptr},
            {"init_weights", true},
            {"layers_pattern", nullptr},
            {"layers_to_transform", nullptr},
            {"module_dropout", options.moduleDropout},
            {"r", options.rank},
            {"rank_dropout", options.rankDropout},
            {"rank_pattern", Json::object()},
            {"use_effective_conv2d", false}};
}

} // namespace tw
