// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/presets.h"

#include <QCoreApplication>

#include <algorithm>

namespace tw {
namespace {

constexpr int kLastBlocks = 10;

QString say(const char* words)
{
    return QCoreApplication::translate("presets", words);
}

std::vector<Preset> allPresets()
{
    return {
        {say(QT_TRANSLATE_NOOP("presets", "LoRA q, v")),
         say(QT_TRANSLATE_NOOP("presets", "The smallest usual choice: queries and values.")),
         {{"lora", false, 0, {}}}},
        {say(QT_TRANSLATE_NOOP("presets", "LoRA all linear")),
         say(QT_TRANSLATE_NOOP("presets", "Learns best: every matrix of every block.")),
         {{"lora", true, 0, {}}}},
        {say(QT_TRANSLATE_NOOP("presets", "Last 10 blocks")),
         say(QT_TRANSLATE_NOOP("presets",
                               "LoRA on every matrix of the last ten blocks; the blocks below need "
                               "no gradients.")),
         {{"lora", true, kLastBlocks, {}}}},
        // He et al. 2022: a short prefix, and a scaled parallel adapter with the rest of the
        // budget.
        {say(QT_TRANSLATE_NOOP("presets", "MAM")),
         say(QT_TRANSLATE_NOOP(
             "presets",
             "Mix and match: a short prefix in attention and a scaled adapter beside each MLP.")),
         {{"prefix_tuning", false, 0, {}}, {"parallel_adapter", false, 0, {}}}},
        {say(QT_TRANSLATE_NOOP("presets", "Half")),
         say(QT_TRANSLATE_NOOP("presets",
                               "Half of the matrices are trained, the other half keeps what the "
                               "model knows.")),
         {{"half", false, 0, {}}}},
        {say(QT_TRANSLATE_NOOP("presets", "BitFit")),
         say(QT_TRANSLATE_NOOP("presets", "Only the biases, in models that have some.")),
         {{"bitfit", false, 0, {}}}},
        {say(QT_TRANSLATE_NOOP("presets", "Full")),
         say(QT_TRANSLATE_NOOP("presets", "Every weight: learns most, forgets most.")),
         {{"full", false, 0, {}}}},
    };
}

DesignFlags placesOf(const PresetPart& part, const Design& design)
{
    if (!part.isAllLinear)
        return design.usual(part.method);
    const int first = part.lastLayers == 0 ? 0 : std::max(0, design.layers() - part.lastLayers);
    return design.linear(part.method, first);
}

bool fits(const Preset& preset, const Design& design)
{
    return std::all_of(preset.parts.begin(), preset.parts.end(), [&](const PresetPart& part) {
        return design.method(part.method) != nullptr && design.layers() > part.lastLayers
            && isAnywhere(placesOf(part, design));
    });
}

ParamValues settingsOf(const PresetPart& part,
                       const PluginInfo& method,
                       const std::vector<AdaptationChoice>& now)
{
    ParamValues settings;
    const auto known = std::find_if(now.begin(), now.end(), [&](const AdaptationChoice& choice) {
        return choice.method == part.method;
    });
    if (known != now.end())
        settings = known->settings;
    for (const ParamSpec& spec : method.params) {
        if (const auto it = part.settings.find(spec.id); it != part.settings.end())
            settings[spec.id] = it->second;
    }
    return settings;
}

} // namespace

std::vector<Preset> presetsFor(const Design& design)
{
    std::vector<Preset> presets = allPresets();
    std::erase_if(presets, [&](const Preset& preset) { return !fits(preset, design); });
    return presets;
}

std::vector<AdaptationChoice>
choicesOf(const Preset& preset, const Design& design, const std::vector<AdaptationChoice>& now)
{
    std::vector<AdaptationChoice> choices;
    for (const PresetPart& part : preset.parts) {
        choices.push_back(design.choice(part.method, placesOf(part, design)));
        choices.back().settings = settingsOf(part, *design.method(part.method), now);
    }
    return choices;
}

bool isSameDesign(const std::vector<AdaptationChoice>& a,
                  const std::vector<AdaptationChoice>& b,
                  const Design& design)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](const AdaptationChoice& x, const AdaptationChoice& y) {
                          return x.method == y.method && design.placesOf(x) == design.placesOf(y);
                      });
}

} // namespace tw
