// SPDX-License-Identifier: Apache-2.0
#include "core/objective/denoised_rows.h"

#include <algorithm>

namespace tw {

DenoisedRows::DenoisedRows(const Model& model, const Tokenizer& tokenizer)
    : m_special(tokenizer.specialTokens())
    , m_hasEncoder(model.config().decoderLayers > 0)
    , m_startId(std::max<std::int64_t>(0, model.config().startId))
    , m_context(model.config().contextLength)
{
}

std::vector<std::int64_t> DenoisedRows::textOf(const Batch& batch, std::int64_t row) const
{
    const auto at = static_cast<std::size_t>(row);
    std::vector<std::int64_t> text(batch.ids.begin() + batch.rowStarts[at],
                                   batch.ids.begin() + batch.rowStarts[at + 1]);
    if (!text.empty() && m_special.bos && text.front() == *m_special.bos)
        text.erase(text.begin());
    if (!text.empty() && m_special.eos && text.back() == *m_special.eos)
        text.pop_back();
    return text;
}

DenoisedLimits DenoisedRows::limitsOf(std::int64_t source, std::int64_t mode) const
{
    const std::int64_t end = m_special.eos ? 1 : 0;
    const std::int64_t start = m_special.bos ? 1 : 0;
    DenoisedLimits limits;
    limits.source = limits.target = source;
    limits.both = m_hasEncoder ? 0 : m_context;
    limits.sourceExtra = mode + (m_hasEncoder ? end : start);
    limits.targetExtra = end;
    return limits;
}

void DenoisedRows::put(const std::vector<SourceAndTarget>& rows, Batch& batch) const
{
    batch.ids.clear();
    batch.positions.clear();
    batch.targets.clear();
    batch.weights.clear();
    batch.types.clear();
    batch.sourceIds.clear();
    batch.rowStarts = {0};
    if (m_hasEncoder)
        batch.sourceStarts = {0};
    for (const SourceAndTarget& row : rows) {
        if (m_hasEncoder)
            putBeside(row, batch);
        else
            putInOne(row, batch);
        for (std::int64_t at = batch.rowStarts.back(); at < batch.tokenCount(); ++at)
            batch.positions.push_back(at - batch.rowStarts.back());
        batch.rowStarts.push_back(batch.tokenCount());
    }
}

void DenoisedRows::openSources(Batch& batch) const
{
    if (m_hasEncoder)
        return;
    batch.prefixes.clear();
    for (std::int64_t row = 0; row < batch.rowCount(); ++row) {
        const auto first = batch.targets.begin() + batch.rowStarts[static_cast<std::size_t>(row)];
        const auto end = batch.targets.begin() + batch.rowStarts[static_cast<std::size_t>(row) + 1];
        // The last token of the source is the one that has to tell the first of the target.
        const auto told =
            std::find_if(first, end, [](std::int64_t target) { return target != -100; });
        batch.prefixes.push_back(told - first + (told == end ? 0 : 1));
    }
}

void DenoisedRows::putBeside(const SourceAndTarget& row, Batch& batch) const
{
    batch.sourceIds.insert(batch.sourceIds.end(), row.source.begin(), row.source.end());
    if (m_special.eos)
        batch.sourceIds.push_back(*m_special.eos);
    batch.sourceStarts.push_back(static_cast<std::int64_t>(batch.sourceIds.size()));
    std::vector<std::int64_t> target = row.target;
    if (m_special.eos)
        target.push_back(*m_special.eos);
    batch.ids.push_back(m_startId);
    if (target.empty()) {
        batch.targets.push_back(-100);
        return;
    }
    batch.ids.insert(batch.ids.end(), target.begin(), target.end() - 1);
    batch.targets.insert(batch.targets.end(), target.begin(), target.end());
}

void DenoisedRows::putInOne(const SourceAndTarget& row, Batch& batch) const
{
    std::vector<std::int64_t> ids = row.source;
    if (m_special.bos)
        ids.insert(ids.begin(), *m_special.bos);
    const std::size_t read = ids.size();
    ids.insert(ids.end(), row.target.begin(), row.target.end());
    if (m_special.eos)
        ids.push_back(*m_special.eos);
    batch.ids.insert(batch.ids.end(), ids.begin(), ids.end());
    for (std::size_t i = 1; i <= ids.size(); ++i)
        batch.targets.push_back(i >= read && i < ids.size() ? ids[i] : -100);
}

std::vector<std::int64_t>
stretchOf(const std::vector<std::int64_t>& text, std::int64_t length, RandomStream& random)
{
    const auto count = static_cast<std::int64_t>(text.size());
    if (count <= length)
        return text;
    const auto first =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(count - length + 1)));
    return {text.begin() + first, text.begin() + first + length};
}

} // namespace tw
