// SPDX-License-Identifier: Apache-2.0
#include "core/data/weights.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <cmath>

namespace tw {
namespace {

constexpr double kHighest = 1e6; // our choice: beyond it one token drowns all others

} // namespace

void checkWeight(double weight)
{
    if (!std::isfinite(weight) || weight < 0.0 || weight > kHighest)
        throw Error("A weight is " + toText(weight) + ".",
                    "Weights are numbers from 0 (not learned) to 1,000,000.");
}

std::vector<float> weightsIn(const std::string& cell)
{
    if (trimmed(cell).empty())
        return {};
    const Json json = parseJson(cell, "the weights");
    std::vector<float> weights;
    for (const Json& item : json.is_array() ? json : Json::array({json})) {
        if (!item.is_number())
            throw Error("The weights hold something that is no number.",
                        "A weight is a number such as 0.5, or a list of them.");
        checkWeight(item.get<double>());
        weights.push_back(item.get<float>());
    }
    return weights;
}

float rowWeight(const std::string& cell)
{
    const std::vector<float> weights = weightsIn(cell);
    if (weights.size() > 1)
        throw Error("The row has one answer and " + std::to_string(weights.size()) + " weights.",
                    "Give one weight for the row.");
    return weights.empty() ? 1.0F : weights.front();
}

} // namespace tw
