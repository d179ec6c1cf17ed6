// SPDX-License-Identifier: Apache-2.0
// VeRA, as core/adaptation/vera_delta.h has it.

#include "core/adaptation/readers/registry.h"
#include "core/adaptation/vera_delta.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

#include <algorithm>

namespace tw {
namespace {

/// From the file, or again from the seed where only that was kept.
VeraProjections projectionsOf(PeftReader& reader, const VeraSizes& sizes)
{
    if (reader.has(kVeraA) || peftFlag(reader.config(), "save_projection", true))
        return {reader.tensor(kVeraA, {sizes.rank, sizes.in}),
                reader.tensor(kVeraB, {sizes.out, sizes.rank})};
    return drawVeraProjections(sizes, peftInteger(reader.config(), "projection_prng_key", 0));
}

/// The shared matrices are made before anything of the file vouches for their size.
void checkRank(std::int64_t rank, std::int64_t widest)
{
    const std::int64_t most = std::max<std::int64_t>(4096, widest);
    if (rank > most)
        throw Error(std::string(kPeftConfigFile) + ": r is " + std::to_string(rank)
                        + ", far more than the layers are wide.",
                    "VeRA uses some hundred; at most " + std::to_string(most) + " are read here.");
}

AdapterParts read(PeftReader& reader)
{
    const auto targets = reader.targets({SiteKind::Head});
    const std::int64_t rank = PeftRanks(reader.config(), "", "r", 256).of("");
    const double dropout = peftNumber(reader.config(), "vera_dropout", 0);
    const VeraSizes sizes = veraSizes(targets, rank);
    checkRank(rank, std::max(sizes.in, sizes.out));
    const VeraProjections shared = projectionsOf(reader, sizes);
    AdapterParts parts;
    parts.frozen = {{kVeraA, shared.A}, {kVeraB, shared.B}};
    reader.rewrite("save_projection", true); // another version might draw other numbers
    for (const SiteInfo& info : targets)
        parts.changes.push_back(
            {info,
             std::make_shared<VeraDelta>(
                 shared, info, reader.tensor(peftName(info.module, "vera_lambda_d"), {rank}),
                 reader.tensor(peftName(info.module, "vera_lambda_b"), {info.out}), dropout)});
    return parts;
}

} // namespace

void registerVera(Registry<AdapterReader>& registry)
{
    registry.add({"vera",
                  QT_TRANSLATE_NOOP("adapter", "VeRA"),
                  "VERA",
                  {"r", "projection_prng_key", "save_projection", "vera_dropout", "d_initial",
                   "init_weights"},
                  read});
}

} // namespace tw
