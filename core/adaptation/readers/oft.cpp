// SPDX-License-Identifier: Apache-2.0
// OFT, as core/adaptation/oft_rotation.h has it.

#include "core/adaptation/oft_rotation.h"
#include "core/adaptation/readers/registry.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

namespace tw {
namespace {

/// How PEFT cuts an input of this width: r is the number of blocks, oft_block_size their size, and
/// one of them is 0.
OftOptions optionsFor(const Json& config, std::int64_t width)
{
    const std::int64_t blocks = peftInteger(config, "r", 0);
    const std::int64_t size = peftInteger(config, "oft_block_size", 32);
    if (blocks < 0 || size < 0 || (blocks == 0) == (size == 0))
        throw Error(std::string(kPeftConfigFile) + ": r is " + std::to_string(blocks)
                        + " and oft_block_size " + std::to_string(size)
                        + ", but exactly one of them says how the input is cut.",
                    "Adapters of OFT from before PEFT 0.14 cannot be read: train again.");
    OftOptions options;
    options.size = size > 0 ? nearestDivisor(width, size) : width / nearestDivisor(width, blocks);
    options.blocks = width / options.size;
    options.isShared = peftFlag(config, "block_share", false);
    options.usesSeries = peftFlag(config, "use_cayley_neumann", true);
    options.terms = peftInteger(config, "num_cayley_neumann_terms", 5);
    if (options.terms < 1 || options.terms > 1000)
        throw Error(std::string(kPeftConfigFile) + ": num_cayley_neumann_terms is "
                        + std::to_string(options.terms) + ".",
                    "It is a number from 1; PEFT's default is 5.");
    options.bound = peftFlag(config, "coft", false) ? peftNumber(config, "eps", 6e-5) : 0.0;
    return options;
}

AdapterParts read(PeftReader& reader)
{
    std::vector<PlacedRotation> placed;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        const OftOptions options = optionsFor(reader.config(), info.in);
        const at::Tensor entries = reader.tensor(peftName(info.module, "oft_R.weight"),
                                                 {options.storedBlocks(), options.entries()});
        placed.push_back({info, std::make_shared<OftRotation>(options, entries)});
    }
    return oftParts(placed);
}

} // namespace

void registerOft(Registry<AdapterReader>& registry)
{
    registry.add({"oft",
                  QT_TRANSLATE_NOOP("adapter", "OFT"),
                  "OFT",
                  {"r", "oft_block_size", "module_dropout", "init_weights", "coft", "eps",
                   "block_share", "use_cayley_neumann", "num_cayley_neumann_terms"},
                  read});
}

} // namespace tw
