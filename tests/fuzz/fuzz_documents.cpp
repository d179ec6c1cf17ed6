// SPDX-License-Identifier: Apache-2.0
// The JSON documents that say what is to be done: experiments, PEFT's adapter_config.json and
// preprocessor_config.json. Each input is read as all of them.
#include "core/adaptation/peft_config.h"
#include "core/base/error.h"
#include "core/experiment/document.h"
#include "core/media/image_steps.h"

#include <cstdlib>

namespace {

template <typename Work>
void refusing(Work work)
{
    try {
        work();
    } catch (const tw::Error&) { // refused, as it should be
    }
}

/// What was read has to be written and read again as the same.
void readExperiment(const std::string& text)
{
    const tw::ParsedExperiment parsed = tw::parseExperiment(text, "input");
    const tw::Experiment again =
        tw::parseExperiment(tw::toJsonText(parsed.experiment), "again").experiment;
    if (!tw::differences(parsed.experiment, again).empty())
        std::abort();
}

const std::vector<tw::SiteInfo>& sites()
{
    static const std::vector<tw::SiteInfo> all = [] {
        std::vector<tw::SiteInfo> made;
        for (const std::int32_t layer : {0, 1}) {
            const std::string block = "model.layers." + std::to_string(layer);
            made.push_back({{tw::SiteKind::AttnQ, layer}, block + ".self_attn.q_proj", 4, 4, true});
            made.push_back({{tw::SiteKind::AttnV, layer}, block + ".self_attn.v_proj", 4, 4, true});
            made.push_back({{tw::SiteKind::MlpUp, layer}, block + ".mlp.up_proj", 4, 8, true});
        }
        return made;
    }();
    return all;
}

void readPeft(const std::string& text)
{
    const tw::Json config = tw::parsePeftConfig(text);
    refusing([&] { tw::refuseUnknownSettings(config, {"r", "lora_alpha"}); });
    refusing([&] { tw::targetedSites(config, sites()); });
    refusing([&] {
        const tw::PeftRanks ranks(config, "rank_pattern", "r", 8);
        for (const tw::SiteInfo& site : sites())
            if (ranks.of(site.module) < 1)
                std::abort();
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    refusing([&] { readExperiment(text); });
    refusing([&] { readPeft(text); });
    refusing([&] { tw::imageStepsFrom(text, "input"); });
    return 0;
}
