// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/parts.h"

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/data/splits.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string_view>
#include <unordered_set>

namespace tw {
namespace {

std::size_t fingerprintOf(const TokenizedRow& row)
{
    const std::string_view bytes(reinterpret_cast<const char*>(row.ids.data()),
                                 row.ids.size() * sizeof(std::int64_t));
    return std::hash<std::string_view>()(bytes);
}

bool isTrained(const TokenizedRow& row)
{
    // The first token is predicted from nothing, so it cannot be a target.
    return std::find(row.isTrained.begin() + (row.isTrained.empty() ? 0 : 1), row.isTrained.end(),
                     1)
        != row.isTrained.end();
}

std::int64_t trainedTokens(const TokenizedRow& row)
{
    return row.isTrained.empty()
        ? 0
        : std::count(row.isTrained.begin() + 1, row.isTrained.end(), std::uint8_t {1});
}

} // namespace

ColumnRoles rolesOf(const DataPart& part, const Dataset& dataset)
{
    if (part.roles.empty())
        return guessRoles(dataset);
    ColumnRoles roles;
    const auto& columns = dataset.columns();
    for (const auto& [column, role] : part.roles) {
        if (std::find(columns.begin(), columns.end(), column) == columns.end())
            throw Error(part.path + " has no column \"" + column + "\".",
                        "Its columns: " + join(columns, ", ") + ".");
        roles[column] = roleFrom(role);
    }
    return roles;
}

DataSlice openSlice(const DataPart& part, const DatasetOpener& open)
{
    DataSlice slice;
    slice.dataset = open(part.path);
    slice.roles = rolesOf(part, *slice.dataset);
    slice.rows.resize(static_cast<std::size_t>(slice.dataset->rowCount()));
    std::iota(slice.rows.begin(), slice.rows.end(), std::int64_t {0});
    for (const auto& [column, value] : part.where) {
        std::vector<std::int64_t> both;
        std::ranges::set_intersection(slice.rows, rowsWith(*slice.dataset, column, value),
                                      std::back_inserter(both));
        slice.rows = std::move(both);
    }
    if (slice.rows.empty() && !part.where.empty())
        throw Error("No row of " + part.path + " has all of what \"where\" asks for.",
                    "Give fewer columns, or values that stand in one row.");
    if (part.limit > 0 && static_cast<std::size_t>(part.limit) < slice.rows.size())
        slice.rows.resize(static_cast<std::size_t>(part.limit));
    return slice;
}

std::pair<DataSlice, DataSlice> splitSlice(const DataSlice& slice, double share, std::uint64_t seed)
{
    const auto count = static_cast<std::int64_t>(slice.rows.size());
    std::int64_t apart = std::llround(static_cast<double>(count) * std::clamp(share, 0.0, 1.0));
    if (share > 0 && count >= 2)
        apart = std::clamp<std::int64_t>(apart, 1, count - 1);
    std::vector<std::int64_t> order = RandomStream(seed, "held-out").permutation(count);
    std::sort(order.begin(), order.begin() + apart);
    std::sort(order.begin() + apart, order.end());
    DataSlice kept {slice.dataset, slice.roles, {}};
    DataSlice heldOut = kept;
    for (std::int64_t i = 0; i < count; ++i)
        (i < apart ? heldOut : kept)
            .rows.push_back(
                slice.rows[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
    return {std::move(kept), std::move(heldOut)};
}

ExperimentData openData(const Experiment& experiment, const DatasetOpener& open)
{
    ExperimentData data;
    data.train = openSlice(experiment.train, open);
    if (!experiment.heldOut.path.empty()) {
        data.heldOut = openSlice(experiment.heldOut, open);
    } else {
        auto [train, heldOut] = splitSlice(data.train, experiment.heldOutShare,
                                           static_cast<std::uint64_t>(experiment.seed));
        data.train = std::move(train);
        data.heldOut = std::move(heldOut);
    }
    if (!experiment.general.path.empty())
        data.general = openSlice(experiment.general, open);
    return data;
}

RowTokenizer rowTokenizer(const Experiment& experiment,
                          const ColumnRoles& roles,
                          std::shared_ptr<const Tokenizer> tokenizer,
                          const RowTemplates& templates)
{
    LayoutOptions options;
    options.layout = layoutFrom(experiment.layout);
    options.system = experiment.system;
    options.chatTemplate = templates.plain;
    options.toolTemplate = templates.withTools;
    options.maxLength = experiment.maxLength;
    return RowTokenizer(std::move(tokenizer), roles, std::move(options));
}

RowTokenizer generalTokenizer(const Experiment& experiment,
                              const ColumnRoles& roles,
                              std::shared_ptr<const Tokenizer> tokenizer)
{
    LayoutOptions options;
    options.layout = Layout::Plain;
    options.maxLength = experiment.maxLength;
    return RowTokenizer(std::move(tokenizer), roles, std::move(options));
}

TokenizedSlice
tokenizeSlice(const DataSlice& slice, const RowTokenizer& tokenizer, JobControl& control)
{
    TokenizedSlice out;
    TokenProof& proof = out.proof;
    proof.rows = static_cast<std::int64_t>(slice.rows.size());
    std::unordered_set<std::size_t> seen;
    for (std::int64_t i = 0; i < proof.rows; ++i) {
        control.report("tokenizing", i, proof.rows);
        control.throwIfCancelled();
        try {
            TokenizedRow row =
                tokenizer.tokenize(*slice.dataset, slice.rows[static_cast<std::size_t>(i)]);
            proof.tokens += static_cast<std::int64_t>(row.ids.size());
            proof.trainedTokens += trainedTokens(row);
            proof.lengths.push_back(static_cast<std::int32_t>(row.ids.size())
                                    + static_cast<std::int32_t>(row.cutTokens));
            if (row.cutTokens > 0)
                proof.truncated.push_back(i);
            out.fingerprints.push_back(fingerprintOf(row));
            if (!seen.insert(out.fingerprints.back()).second)
                proof.duplicates.push_back(i);
            if (isTrained(row))
                out.rows.push_back(std::move(row));
            else
                proof.nothingTrained.push_back(i);
        } catch (const Error& error) { // counted, shown with its row, and left out of the training
            if (proof.failed.empty())
                proof.firstFailure = error.what();
            proof.failed.push_back(i);
            proof.lengths.push_back(0);
            out.fingerprints.push_back(0);
        }
    }
    return out;
}

} // namespace tw
