// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adaptation.h"

#include <algorithm>

namespace tw {

const char* traitId(Trait trait)
{
    switch (trait) {
    case Trait::Merges:
        return "merges";
    case Trait::KeepsKnowledge:
        return "keepsKnowledge";
    case Trait::SmallMemory:
        return "smallMemory";
    case Trait::PromptLike:
        return "promptLike";
    }
    return "";
}

bool Adaptation::has(Trait trait) const
{
    return std::ranges::find(traits, trait) != traits.end();
}

std::vector<Treatment> Adapter::treatments() const
{
    return std::vector<Treatment>(parameters().size());
}

} // namespace tw
