// SPDX-License-Identifier: Apache-2.0
#include "core/model/padded_rows.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

at::Tensor rowsFrom(const Tensors& inputs, const std::string& name)
{
    const auto it = inputs.find(name);
    if (it == inputs.end())
        return {};
    const at::Tensor rows = it->second.dim() == 1 ? it->second.unsqueeze(0) : it->second;
    if (rows.dim() != 2)
        throw Error("\"" + name + "\" is no table of rows.", "Write [[1, 2, 3], [4, 5, 6]].");
    return rows.to(at::kLong);
}

void checkSameShape(const at::Tensor& rows, const at::Tensor& ids, const std::string& name)
{
    if (rows.defined() && rows.sizes() != ids.sizes())
        throw Error("\"" + name + "\" has another shape than the ids.",
                    "Give one number for each id.");
}

void checkVocabulary(const at::Tensor& ids, std::int64_t size)
{
    const auto [lowest, highest] = at::aminmax(ids);
    if (lowest.item<std::int64_t>() < 0 || highest.item<std::int64_t>() >= size)
        throw Error("There are ids outside of the model's vocabulary of " + std::to_string(size)
                        + " tokens.",
                    "Use ids from 0 to " + std::to_string(size - 1)
                        + ", from the tokenizer that belongs to this model.");
}

} // namespace

PaddedRows::PaddedRows(const Tensors& inputs, const ModelConfig& config, const std::string& prefix)
    : m_paddingId(config.paddingId)
{
    const at::Tensor ids = rowsFrom(inputs, prefix + "input_ids");
    if (!ids.defined() || ids.numel() == 0)
        throw Error("There are no \"" + prefix + "input_ids\".",
                    "Give the model at least one token.");
    at::Tensor mask = rowsFrom(inputs, prefix + "attention_mask");
    const at::Tensor types = rowsFrom(inputs, prefix + "token_type_ids");
    checkSameShape(mask, ids, prefix + "attention_mask");
    checkSameShape(types, ids, prefix + "token_type_ids");
    checkVocabulary(ids, config.vocabularySize);
    if (!mask.defined())
        mask = at::ones_like(ids);
    mask = mask.ne(0);
    m_rows = ids.size(0);
    m_length = ids.size(1);
    m_places = mask.reshape({-1}).nonzero().squeeze(1);
    const auto seen = [&](const at::Tensor& all) {
        return all.reshape({-1}).index_select(0, m_places);
    };
    m_packed = {seen(ids), seen(positionsOf(ids, mask, config)), {0}, {}};
    if (types.defined())
        m_packed.types = seen(types);
    const at::Tensor counts = mask.sum(1).contiguous();
    for (std::int64_t row = 0; row < m_rows; ++row)
        m_packed.starts.push_back(m_packed.starts.back() + counts[row].item<std::int64_t>());
}

void PaddedRows::showVirtualTokens(std::int64_t count)
{
    const std::int64_t length = count + m_length;
    std::vector<at::Tensor> places;
    for (std::int64_t row = 0; row < m_rows; ++row) {
        const auto at = static_cast<std::size_t>(row);
        const std::int64_t first = m_packed.starts[at];
        const at::Tensor own = m_places.narrow(0, first, m_packed.starts[at + 1] - first);
        places.push_back(at::arange(row * length, row * length + count));
        places.push_back(own + (row + 1) * count);
    }
    m_places = at::cat(places);
    m_length = length;
    m_packed.showsVirtualTokens = true;
}

at::Tensor PaddedRows::positionsOf(const at::Tensor& ids,
                                   const at::Tensor& mask,
                                   const ModelConfig& config) const
{
    if (config.positionCount == PositionCount::Columns)
        return at::arange(m_length).expand({m_rows, m_length});
    const at::Tensor counted =
        config.positionCount == PositionCount::Attended ? mask : ids.ne(config.paddingId);
    const at::Tensor numbers = counted.to(at::kLong).cumsum(1) - 1;
    return numbers.masked_fill(counted.logical_not(), -1);
}

void PaddedRows::checkNoHoles() const
{
    for (std::size_t row = 0; row + 1 < m_packed.starts.size(); ++row) {
        const std::int64_t first = m_packed.starts[row];
        const std::int64_t last = m_packed.starts[row + 1] - 1;
        if (last <= first)
            continue;
        if (m_places[last].item<std::int64_t>() - m_places[first].item<std::int64_t>()
            != last - first)
            throw Error("Row " + std::to_string(row)
                            + " has padding between attended tokens, which a model of relative "
                              "positions cannot read here.",
                        "Let its attention_mask leave out tokens at the ends only.");
    }
}

at::Tensor PaddedRows::spread(const at::Tensor& perToken) const
{
    std::vector<std::int64_t> shape = perToken.sizes().vec();
    shape[0] = m_rows * m_length;
    at::Tensor all = at::zeros(shape, perToken.options());
    all.index_copy_(0, m_places, perToken);
    shape[0] = m_length;
    shape.insert(shape.begin(), m_rows);
    return all.view(shape);
}

at::Tensor PaddedRows::firstOf(const at::Tensor& perToken) const
{
    std::vector<std::int64_t> firsts(m_packed.starts.begin(), m_packed.starts.end() - 1);
    for (std::size_t row = 0; row + 1 < m_packed.starts.size(); ++row)
        if (m_packed.starts[row] == m_packed.starts[row + 1])
            throw Error("Row " + std::to_string(row) + " has no attended token.",
                        "Leave it out, or correct its attention_mask.");
    return perToken.index_select(0, at::tensor(firsts, at::kLong));
}

at::Tensor PaddedRows::lastOf(const at::Tensor& perToken) const
{
    std::vector<std::int64_t> lasts;
    for (std::size_t row = 0; row + 1 < m_packed.starts.size(); ++row) {
        std::int64_t last = m_packed.starts[row + 1] - 1;
        while (m_paddingId >= 0 && last > m_packed.starts[row]
               && m_packed.ids[last].item<std::int64_t>() == m_paddingId)
            --last;
        if (last < m_packed.starts[row])
            throw Error("Row " + std::to_string(row) + " has no attended token.",
                        "Leave it out, or correct its attention_mask.");
        lasts.push_back(last);
    }
    return perToken.index_select(0, at::tensor(lasts, at::kLong));
}

} // namespace tw
