// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/param.h"
#include "core/model/site.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tw {

/// The settings of LoRA and its kin; these values are the defaults.
struct LoraOptions
{
    std::int64_t rank = 8;
    double alpha = 16.0;
    double dropout = 0.0;
    std::string scale = "classic";
    bool isDora = false;
    std::string start = "default";
    std::int64_t pissaIterations = 0;
    std::string loftqBits = "4";
    std::int64_t loftqIterations = 1;
    double evaRho = 2.0;
    double plusRatio = 1.0;
    double plusEmbedding = 1.0;
    std::string rankPattern;
    std::string alphaPattern;
    std::string bias = "none";
    bool hasOwnBias = false;

    bool isStabilised() const { return scale == "rslora"; }
};
const ParamTable<LoraOptions>& loraParams();

/// Linear layers and the embedding.
const std::vector<SiteKind>& loraSiteKinds();

/// A layer and its own part of the settings.
struct LoraSite
{
    SiteInfo info;
    std::int64_t rank = 0;
    double alpha = 0.0;
};
/// Throws Error where a pattern cannot be read.
std::vector<LoraSite> loraSites(const LoraOptions& options, const std::vector<SiteInfo>& chosen);

/// What is wrong with these settings at these sites, beyond the ranges of single settings.
Problems checkLora(const std::vector<SiteInfo>& sites,
                   const SiteSelection& selection,
                   const ParamValues& values);

} // namespace tw
