// SPDX-License-Identifier: Apache-2.0
#include "core/model/virtual_rows.h"

#include <ATen/ATen.h>

namespace tw {

VirtualRows::VirtualRows(const PackedInput& input, const VirtualTokens* tokens)
    : m_given(input)
    , m_tokens(tokens)
{
    if (tokens == nullptr)
        return;
    const std::int64_t count = tokens->count();
    std::vector<at::Tensor> virtualPlaces;
    std::vector<at::Tensor> givenPlaces;
    m_read.starts = {0};
    for (std::size_t row = 0; row + 1 < input.starts.size(); ++row) {
        const std::int64_t start = m_read.starts.back();
        const std::int64_t end = start + count + input.starts[row + 1] - input.starts[row];
        virtualPlaces.push_back(at::arange(start, start + count));
        givenPlaces.push_back(at::arange(start + count, end));
        m_read.starts.push_back(end);
    }
    m_read.noise = input.noise;
    m_virtualPlaces = at::cat(virtualPlaces);
    m_givenPlaces = at::cat(givenPlaces);
    const at::Tensor room = at::zeros({m_read.starts.back()}, at::kLong);
    m_read.ids = room.index_copy(0, m_givenPlaces, input.ids);
    m_read.positions = room.index_copy(0, m_givenPlaces, input.positions + tokens->positions());
    if (input.types.defined())
        m_read.types = room.index_copy(0, m_givenPlaces, input.types);
    for (const std::int64_t prefix : input.sight.prefixes)
        m_read.sight.prefixes.push_back(count + prefix);
    if (input.sight.unseen.defined())
        m_read.sight.unseen = at::zeros({m_read.starts.back()}, at::kByte)
                                  .index_copy(0, m_givenPlaces, input.sight.unseen);
    if (tokens->embeddings().defined())
        m_read.positions = put(m_read.positions, at::arange(count));
}

at::Tensor VirtualRows::put(const at::Tensor& into, const at::Tensor& values) const
{
    std::vector<std::int64_t> repeats(static_cast<std::size_t>(values.dim()), 1);
    repeats.front() = static_cast<std::int64_t>(m_given.starts.size()) - 1;
    return into.index_copy(0, m_virtualPlaces, values.repeat(repeats));
}

at::Tensor VirtualRows::embedded(const at::Tensor& x) const
{
    const at::Tensor values = m_tokens == nullptr ? at::Tensor() : m_tokens->embeddings();
    return values.defined() ? put(x, values) : x;
}

void VirtualRows::putPrefix(std::size_t layer,
                            const RotaryTable& table,
                            std::int64_t headSize,
                            at::Tensor& k,
                            at::Tensor& v) const
{
    if (m_tokens == nullptr)
        return;
    auto [keys, values] = m_tokens->keysAndValues(layer);
    if (!keys.defined())
        return;
    if (table.cosines.defined()) {
        // At position 0 turning only multiplies the turned dimensions by the table's scale.
        const std::int64_t turned = 2 * table.cosines.size(1);
        const double scale = table.cosines.max().item<double>();
        const at::Tensor heads = keys.view({keys.size(0), -1, headSize});
        keys =
            at::cat(
                {heads.narrow(2, 0, turned) / scale, heads.narrow(2, turned, headSize - turned)}, 2)
                .view(keys.sizes());
    }
    k = put(k, keys);
    v = put(v, values);
}

at::Tensor VirtualRows::asked(const at::Tensor& hidden) const
{
    if (m_tokens == nullptr || (m_given.showsVirtualTokens && m_tokens->embeddings().defined()))
        return hidden;
    return hidden.index_select(0, m_givenPlaces);
}

} // namespace tw
