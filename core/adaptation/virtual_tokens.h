// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/remembered.h"

#include <functional>
#include <memory>

namespace tw {

/// What virtual tokens consist of, [count, width]: numbers that are trained themselves, or what a
/// small network makes of them while they are trained.
class TokenNumbers
{
public:
    /// stored: [count, width], made to require gradients.
    explicit TokenNumbers(at::Tensor stored);
    /// What make() gives, [count, width]; it is differentiable in parameters, all of which are made
    /// to require gradients.
    TokenNumbers(std::int64_t count, NamedTensors parameters, std::function<at::Tensor()> make);

    std::int64_t count() const { return m_count; }
    bool areMade() const { return m_make != nullptr; }
    at::Tensor values() const;
    const NamedTensors& trainable() const { return m_parameters; }

private:
    std::int64_t m_count;
    NamedTensors m_parameters;
    std::vector<at::Tensor> m_tensors; ///< of m_parameters
    std::function<at::Tensor()> m_make; ///< empty: the one parameter itself
    Remembered m_made;
};

/// Embeddings of prompt tuning and p-tuning: width is that of the model's.
class PromptTokens final : public VirtualTokens
{
public:
    explicit PromptTokens(std::shared_ptr<const TokenNumbers> numbers);

    std::int64_t count() const override { return m_numbers->count(); }
    at::Tensor embeddings() const override { return m_numbers->values(); }
    NamedTensors trainable() const override { return m_numbers->trainable(); }

private:
    std::shared_ptr<const TokenNumbers> m_numbers;
};

/// Keys and values of prefix tuning, as PEFT stores them: width is layers * 2 * keyWidth, of each
/// layer the keys, then the values.
class PrefixTokens final : public VirtualTokens
{
public:
    /// movesText: whether the text's positions begin behind them, as in PEFT.
    PrefixTokens(std::shared_ptr<const TokenNumbers> numbers,
                 std::int64_t keyWidth,
                 bool movesText = true);

    std::int64_t count() const override { return m_numbers->count(); }
    std::int64_t positions() const override { return m_movesText ? count() : 0; }
    std::pair<at::Tensor, at::Tensor> keysAndValues(std::size_t layer) const override;
    NamedTensors trainable() const override { return m_numbers->trainable(); }

private:
    at::Tensor valuesFor(std::size_t layer) const;

    std::shared_ptr<const TokenNumbers> m_numbers;
    std::int64_t m_keyWidth; ///< kvHeads * headSize
    bool m_movesText;
    mutable at::Tensor m_ofPass; ///< what a network made for the pass under way
};

/// Parts of an adapter with these tokens, which are written in the form that PEFT reads.
AdapterParts tokenParts(const std::shared_ptr<const TokenNumbers>& numbers,
                        std::shared_ptr<const VirtualTokens> tokens);

} // namespace tw
