// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/registry.h"
#include "tests/contract/tiny_tokenizer.h"

namespace tw {

/// How a test asks for a batch to be corrupted.
struct Corruption
{
    std::string objective;
    ParamValues settings = {};
    BatchMoment moment = {};
    std::uint64_t seed = 1;
};

inline Batch corrupted(Batch batch, const Model& model, const Corruption& how)
{
    RandomStream random(how.seed, "test");
    objectives().at(how.objective).corrupt(batch, model, how.settings, how.moment, random);
    return batch;
}

} // namespace tw
