// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/virtual_tokens.h"

#include "core/adaptation/peft_config.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {

TokenNumbers::TokenNumbers(at::Tensor stored)
    : m_count(stored.size(0))
    , m_parameters {{kPromptEmbeddings, stored.requires_grad_()}}
{
}

TokenNumbers::TokenNumbers(std::int64_t count,
                           NamedTensors parameters,
                           std::function<at::Tensor()> make)
    : m_count(count)
    , m_parameters(std::move(parameters))
    , m_make(std::move(make))
{
    for (const auto& [name, tensor] : m_parameters)
        m_tensors.push_back(tensor.requires_grad_());
}

at::Tensor TokenNumbers::values() const
{
    return areMade() ? m_made.get(m_tensors, m_make) : m_parameters.front().second;
}

PromptTokens::PromptTokens(std::shared_ptr<const TokenNumbers> numbers)
    : m_numbers(std::move(numbers))
{
}

PrefixTokens::PrefixTokens(std::shared_ptr<const TokenNumbers> numbers,
                           std::int64_t keyWidth,
                           bool movesText)
    : m_numbers(std::move(numbers))
    , m_keyWidth(keyWidth)
    , m_movesText(movesText)
{
}

at::Tensor PrefixTokens::valuesFor(std::size_t layer) const
{
    if (!m_numbers->areMade() || !at::GradMode::is_enabled())
        return m_numbers->values();
    // One pass over the layers asks the network once: its last layer is as large as the prefix of
    // all of them.
    if (layer == 0 || !m_ofPass.defined())
        m_ofPass = m_numbers->values();
    return m_ofPass;
}

std::pair<at::Tensor, at::Tensor> PrefixTokens::keysAndValues(std::size_t layer) const
{
    const at::Tensor all = valuesFor(layer);
    const std::int64_t start = 2 * m_keyWidth * static_cast<std::int64_t>(layer);
    return {all.narrow(1, start, m_keyWidth).contiguous(),
            all.narrow(1, start + m_keyWidth, m_keyWidth).contiguous()};
}

AdapterParts tokenParts(const std::shared_ptr<const TokenNumbers>& numbers,
                        std::shared_ptr<const VirtualTokens> tokens)
{
    AdapterParts parts;
    parts.virtualTokens = std::move(tokens);
    if (numbers->areMade())
        parts.written = [numbers] {
            const at::NoGradGuard noGradients;
            return NamedTensors {{kPromptEmbeddings, numbers->values()}};
        };
    return parts;
}

} // namespace tw
