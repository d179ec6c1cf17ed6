// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/pages/tune/design.h"

#include <QString>

#include <vector>

namespace tw {

/// A part of a preset: a method on its usual sites, or on all linear ones of the last layers.
struct PresetPart
{
    std::string method;
    bool isAllLinear = false;
    int lastLayers = 0; ///< 0: all
    ParamValues settings; ///< those that its method knows are set
};

/// A design that people know by a name.
struct Preset
{
    QString title;
    QString help;
    std::vector<PresetPart> parts;
};

/// Those whose methods are registered and fit the model.
std::vector<Preset> presetsFor(const Design& design);
/// The document's adaptations for a preset; settings of methods that are there already are kept.
std::vector<AdaptationChoice>
choicesOf(const Preset& preset, const Design& design, const std::vector<AdaptationChoice>& now);
/// The same methods at the same places.
bool isSameDesign(const std::vector<AdaptationChoice>& a,
                  const std::vector<AdaptationChoice>& b,
                  const Design& design);

} // namespace tw
