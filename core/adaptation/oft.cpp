// SPDX-License-Identifier: Apache-2.0
// OFT (Qiu et al. 2023; the input-centric form of Qiu et al. 2025): y = W R^T x with W frozen and a
// rotation R of blocks along the diagonal. Distances and angles between the inputs of a layer stay
// as they are. R starts as the identity.

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/oft_rotation.h"
#include "core/adaptation/peft_writer.h"
#include "core/adaptation/site_check.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <numeric>

namespace tw {
namespace {

struct OftSettings
{
    std::int64_t blockSize = 32;
    bool sharesBlocks = false;
    std::string rotation = "series";
    std::int64_t terms = 5;
    bool isConstrained = false;
    double bound = 6e-5;
};

ParamTable<OftSettings> params()
{
    ParamTable<OftSettings> table;
    table.add(&OftSettings::blockSize, "blockSize", QT_TRANSLATE_NOOP("oft", "Block size"))
        .help(QT_TRANSLATE_NOOP(
            "oft",
            "How many inputs of a layer are turned together. Memory grows in proportion; it "
            "should divide the width of the layers."))
        .range(2, 1024)
        .source("PEFT's oft_block_size");
    table.add(&OftSettings::sharesBlocks, "sharesBlocks", QT_TRANSLATE_NOOP("oft", "One block"))
        .help(QT_TRANSLATE_NOOP("oft", "All blocks of a layer turn alike and are stored once."))
        .source("PEFT's block_share")
        .advanced();
    table.add(&OftSettings::rotation, "rotation", QT_TRANSLATE_NOOP("oft", "Rotation"))
        .help(QT_TRANSLATE_NOOP("oft",
                                "How a rotation is made from the trained numbers. The series is "
                                "faster, and close to a rotation as long as they are small."))
        .choices({{"series", QT_TRANSLATE_NOOP("oft", "Series (Cayley-Neumann)")},
                  {"exact", QT_TRANSLATE_NOOP("oft", "Exact (Cayley)")}})
        .source("PEFT's use_cayley_neumann")
        .advanced();
    table.add(&OftSettings::terms, "terms", QT_TRANSLATE_NOOP("oft", "Terms of the series"))
        .help(QT_TRANSLATE_NOOP("oft", "More come closer to a rotation and take longer."))
        .range(2, 100)
        .source("PEFT's num_cayley_neumann_terms")
        .shownWhen("rotation=series")
        .advanced();
    table
        .add(&OftSettings::isConstrained, "constrained",
             QT_TRANSLATE_NOOP("oft", "Constrained (COFT)"))
        .help(QT_TRANSLATE_NOOP("oft", "Rotations stay close to where they started."))
        .source("PEFT's coft; Qiu et al. 2023, section 4.2")
        .advanced();
    table.add(&OftSettings::bound, "bound", QT_TRANSLATE_NOOP("oft", "Bound"))
        .help(QT_TRANSLATE_NOOP(
            "oft", "How far a layer may turn: the largest norm of its skew-symmetric numbers."))
        .range(1e-9, 1000)
        .source("PEFT's eps")
        .shownWhen("constrained=true")
        .advanced();
    return table;
}

/// As PEFT cuts it where the size does not divide the width.
OftOptions optionsFor(const SiteInfo& info, const OftSettings& settings)
{
    OftOptions options;
    options.size = nearestDivisor(info.in, settings.blockSize);
    options.blocks = info.in / options.size;
    options.isShared = settings.sharesBlocks;
    options.usesSeries = settings.rotation == "series";
    options.terms = settings.terms;
    options.bound = settings.isConstrained ? settings.bound : 0.0;
    return options;
}

/// Every key that PEFT 0.21 writes for OFT alone.
Json peftKeys(const OftSettings& settings)
{
    return {{"bias", "none"},
            {"block_share", settings.sharesBlocks},
            {"coft", settings.isConstrained},
            {"eps", settings.bound},
            {"exclude_modules", nullptr},
            {"fan_in_fan_out", false},
            {"init_weights", true},
            {"layers_pattern", nullptr},
            {"layers_to_transform", nullptr},
            {"module_dropout", 0.0},
            {"num_cayley_neumann_terms", settings.terms},
            {"oft_block_size", settings.blockSize},
            {"r", 0}, // the number of blocks, where the size does not say it
            {"use_cayley_neumann", settings.rotation == "series"}};
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& /*context*/)
{
    const OftSettings settings = params().read(values);
    const auto chosen = chosenSites(model.sites(), selection);
    std::vector<PlacedRotation> placed;
    for (const SiteInfo& info : chosen) {
        const OftOptions options = optionsFor(info, settings);
        const at::Tensor entries = at::zeros({options.storedBlocks(), options.entries()});
        placed.push_back({info, std::make_shared<OftRotation>(options, entries)});
    }
    return attachParts(model, oftParts(placed),
                       peftConfigWriter("OFT", peftKeys(settings), chosen, model));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    const OftSettings settings = params().read(values);
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen) {
        const OftOptions options = optionsFor(info, settings);
        count += options.storedBlocks() * options.entries();
    }
    return count;
}

/// The largest size up to wanted that divides all widths.
std::int64_t commonSize(const std::vector<SiteInfo>& chosen, std::int64_t wanted)
{
    std::int64_t common = 0;
    for (const SiteInfo& info : chosen)
        common = std::gcd(common, info.in);
    for (std::int64_t size = wanted; size > 1; --size)
        if (common % size == 0)
            return size;
    return 1;
}

/// Sizes that do not divide a width are taken as PEFT takes them, but said.
Problems checkBlocks(const std::vector<SiteInfo>& chosen, std::int64_t size)
{
    const std::string blocks = "Blocks of " + std::to_string(size);
    const std::string choose =
        "Choose " + std::to_string(commonSize(chosen, size)) + ", which divides all chosen layers.";
    for (const SiteInfo& info : chosen)
        if (size > info.in)
            return {{"settings.blockSize",
                     blocks + " are wider than the layer " + info.module + ", which has "
                         + std::to_string(info.in) + " inputs.",
                     choose, false}};
    for (const SiteInfo& info : chosen)
        if (info.in % size != 0)
            return {{"settings.blockSize",
                     blocks + " do not divide the " + std::to_string(info.in) + " inputs of "
                         + info.module + "; blocks of "
                         + std::to_string(nearestDivisor(info.in, size)) + " are used there.",
                     choose, true}};
    return {};
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    Problems problems = checkSelection("OFT", linearSites(), sites, selection);
    if (blocks(problems))
        return problems;
    const Problems ofBlocks =
        checkBlocks(chosenSites(sites, selection), params().read(values).blockSize);
    problems.insert(problems.end(), ofBlocks.begin(), ofBlocks.end());
    return problems;
}

} // namespace

void registerOft(Registry<Adaptation>& registry)
{
    Adaptation oft;
    oft.id = "oft";
    oft.title = QT_TRANSLATE_NOOP("oft", "OFT");
    oft.summary = QT_TRANSLATE_NOOP(
        "oft",
        "Turns the inputs of chosen layers in small blocks instead of adding to their weights: "
        "what the model knows keeps its shape.");
    oft.traits = {Trait::Merges, Trait::KeepsKnowledge};
    oft.paper = "Qiu et al. 2023, Controlling Text-to-Image Diffusion by Orthogonal Finetuning";
    oft.siteKinds = linearSites();
    oft.defaultSites = queriesAndValues();
    oft.params = params().specs();
    oft.parameterCount = parameterCount;
    oft.check = check;
    oft.attach = attach;
    registry.add(std::move(oft));
}

} // namespace tw
