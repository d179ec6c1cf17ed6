// SPDX-License-Identifier: Apache-2.0
// With n the input, t = drop(n) A^T and u = scale dY B:
//     Y = n W^T + b + scale t B^T        dW = dY^T n      dB = scale dY^T t      dA = u^T drop(n)
//     dn = sum over layers of dY W + undrop(u A)

#include "core/model/linear_group.h"

#include "core/model/packed_matrix.h"
#include "core/model/row_kernels.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <limits>
#include <utility>

namespace tw {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Tensors that the function deals with, in this order: first, second, residual, then four for each
// layer. Not all of them are there, and autograd takes none that are not: GroupState::places says
// which of its variables is which.
enum Variable : std::size_t
{
    First,
    Second,
    Residual,
    Layers
};
enum Part : std::size_t
{
    Weight,
    Bias,
    A,
    B,
    Parts
};

/// What of a layer is no tensor.
struct LayerNumbers
{
    double scale = 1.0;
    double dropout = 0.0; ///< 0 where nothing is trained
    std::int64_t seed = 0; ///< of the dropout: the mask is made again from it
};

/// Everything backward needs besides tensors.
struct GroupState final : torch::CustomClassHolder
{
    GroupInput::Kind kind = GroupInput::Kind::Plain;
    double epsilon = 0.0;
    std::vector<LayerNumbers> layers;
    std::vector<std::size_t> places; ///< of each variable of the function among First, Second ...
    at::Tensor factors; ///< of the norm, [T]
    std::vector<at::Tensor> narrow; ///< t of each layer [T, rank]; undefined without a delta
};

at::Tensor madeInput(const GroupInput& input, at::Tensor* factors)
{
    if (input.kind == GroupInput::Kind::Plain)
        return input.first;
    if (input.kind == GroupInput::Kind::Gated)
        return gateRows(input.first, input.second);
    auto [normed, found] = normaliseRows(input.first, input.second, input.epsilon);
    if (factors != nullptr)
        *factors = found;
    return normed;
}

/// input W^T; few rows wait for memory, so weights in fewer bytes are taken where there are any.
at::Tensor frozenProduct(const at::Tensor& input, const Linear& layer)
{
    const bool isFew = input.size(0) <= kFewRows && layer.weight.is_cpu();
    if (isFew && layer.packed)
        return layer.packed->product(input);
    if (isFew && layer.weight.is_contiguous())
        return fewRowsProduct(input, layer.weight);
    return at::mm(input, layer.weight.t());
}

/// The group where no gradient is asked for: nothing is kept for a backward pass.
std::vector<at::Tensor> frozenGroup(const GroupInput& given,
                                    const std::vector<const Linear*>& layers,
                                    const at::Tensor& residual)
{
    const at::Tensor n = madeInput(given, nullptr);
    std::vector<at::Tensor> outputs;
    for (const Linear* layer : layers) {
        at::Tensor y = frozenProduct(n, *layer);
        if (layer->bias.defined())
            y.add_(layer->bias);
        if (residual.defined())
            y.add_(residual);
        if (!layer->deltas.empty()) {
            const LowRank delta = layer->deltas.front()->lowRank().value_or(LowRank());
            y.addmm_(at::mm(n, delta.A.t()), delta.B.t(), 1.0, delta.scale);
        }
        outputs.push_back(std::move(y));
    }
    return outputs;
}

at::Tensor layerOutput(const at::Tensor& n, const at::Tensor* parts, const at::Tensor& residual)
{
    const at::Tensor transposed = parts[Weight].t();
    at::Tensor y = residual.defined() ? at::addmm(residual, n, transposed) : at::mm(n, transposed);
    if (parts[Bias].defined())
        y.add_(parts[Bias]);
    return y;
}

/// Where the columns of each layer's delta lie within all deltas of the group side by side.
struct Columns
{
    std::vector<std::int64_t> first;
    std::int64_t total = 0;

    Columns(at::TensorList parts, std::size_t layers)
    {
        for (std::size_t i = 0; i < layers; ++i) {
            first.push_back(total);
            const at::Tensor& a = parts[i * Parts + A];
            total += a.defined() ? a.size(0) : 0;
        }
    }
};

/// All A below each other [total rank, in].
at::Tensor stackedA(at::TensorList parts, std::size_t layers)
{
    std::vector<at::Tensor> all;
    for (std::size_t i = 0; i < layers; ++i)
        if (parts[i * Parts + A].defined())
            all.push_back(parts[i * Parts + A]);
    return all.empty() ? at::Tensor() : all.size() == 1 ? all.front() : at::cat(all);
}

bool dropsAnywhere(const GroupState& state)
{
    for (const LayerNumbers& layer : state.layers)
        if (layer.dropout > 0.0)
            return true;
    return false;
}

at::Tensor dropped(const at::Tensor& x, const LayerNumbers& layer)
{
    return layer.dropout > 0.0 ? dropRows(x, layer.dropout, static_cast<std::uint64_t>(layer.seed))
                               : x;
}

/// t of each layer, in state.narrow.
void makeNarrow(GroupState& state, const at::Tensor& n, at::TensorList parts)
{
    const std::size_t count = state.layers.size();
    state.narrow.resize(count);
    if (!dropsAnywhere(state)) { // then one product reads the input once for all layers
        const at::Tensor all = stackedA(parts, count);
        const at::Tensor narrow = all.defined() ? at::mm(n, all.t()) : at::Tensor();
        const Columns columns(parts, count);
        for (std::size_t i = 0; i < count; ++i)
            if (const at::Tensor& a = parts[i * Parts + A]; a.defined())
                state.narrow[i] = narrow.narrow(1, columns.first[i], a.size(0));
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const at::Tensor& a = parts[i * Parts + A];
        if (!a.defined())
            continue;
        state.narrow[i] = at::mm(dropped(n, state.layers[i]), a.t());
    }
}

/// The function's variables at their places; what is not there is undefined.
std::vector<at::Tensor> spread(const GroupState& state, at::TensorList variables)
{
    std::vector<at::Tensor> all(Layers + state.layers.size() * Parts);
    for (std::size_t i = 0; i < variables.size(); ++i)
        all[state.places[i]] = variables[i];
    return all;
}

/// One backward pass over a group.
class GroupBackward
{
public:
    GroupBackward(AutogradContext& context, const GroupState& state, const variable_list& outer)
        : m_state(state)
        , m_saved(spread(state, context.get_saved_variables()))
        , m_outer(outer)
        , m_parts(at::TensorList(m_saved).slice(Layers))
        , m_isNeeded(m_saved.size())
        , m_gradients(m_saved.size())
    {
        for (std::size_t i = 0; i < state.places.size(); ++i)
            m_isNeeded[state.places[i]] = context.needs_input_grad(i);
    }

    variable_list run()
    {
        const GroupInput input {m_state.kind, m_saved[First], m_saved[Second], m_state.epsilon};
        if (anyNeeds(Weight) || anyNeeds(A))
            m_n = madeInput(input, nullptr);
        if (m_isNeeded[Residual])
            m_gradients[Residual] = m_outer.front();
        makeU();
        for (std::size_t i = 0; i < m_state.layers.size(); ++i)
            layerGradients(i);
        if (m_isNeeded[First] || m_isNeeded[Second])
            inputGradients(input, gradientOfN());
        variable_list found;
        for (const std::size_t place : m_state.places)
            found.push_back(m_gradients[place]);
        return found;
    }

private:
    bool needs(std::size_t layer, Part part) const
    {
        return m_isNeeded[Layers + layer * Parts + part];
    }
    const at::Tensor& part(std::size_t layer, Part which) const
    {
        return m_parts[layer * Parts + which];
    }
    at::Tensor& gradient(std::size_t layer, Part which)
    {
        return m_gradients[Layers + layer * Parts + which];
    }

    bool anyNeeds(Part which) const
    {
        for (std::size_t i = 0; i < m_state.layers.size(); ++i)
            if (needs(i, which))
                return true;
        return false;
    }

    /// u of all layers side by side, [T, total rank].
    void makeU()
    {
        const Columns columns(m_parts, m_state.layers.size());
        if (columns.total == 0)
            return;
        m_u = at::empty({m_outer.front().size(0), columns.total}, m_outer.front().options());
        for (std::size_t i = 0; i < m_state.layers.size(); ++i) {
            if (!part(i, A).defined())
                continue;
            at::Tensor mine = m_u.narrow(1, columns.first[i], part(i, A).size(0));
            at::addmm_out(mine, mine, m_outer[i], part(i, B), 0.0, m_state.layers[i].scale);
        }
        if (anyNeeds(A) && !dropsAnywhere(m_state))
            m_dA = at::mm(m_u.t(), m_n);
    }

    at::Tensor uOf(std::size_t layer) const
    {
        const Columns columns(m_parts, m_state.layers.size());
        return m_u.narrow(1, columns.first[layer], part(layer, A).size(0));
    }

    void layerGradients(std::size_t i)
    {
        const at::Tensor& dY = m_outer[i];
        if (needs(i, Weight))
            gradient(i, Weight) = at::mm(dY.t(), m_n);
        if (needs(i, Bias))
            gradient(i, Bias) = dY.sum(0);
        if (needs(i, B))
            gradient(i, B) = at::mm(dY.t(), m_state.narrow[i]).mul_(m_state.layers[i].scale);
        if (!needs(i, A))
            return;
        if (m_dA.defined())
            gradient(i, A) = m_dA.narrow(0, Columns(m_parts, m_state.layers.size()).first[i],
                                         part(i, A).size(0));
        else
            gradient(i, A) = at::mm(uOf(i).t(), dropped(m_n, m_state.layers[i]));
    }

    at::Tensor gradientOfN() const
    {
        at::Tensor dn = at::mm(m_outer[0], part(0, Weight));
        for (std::size_t i = 1; i < m_state.layers.size(); ++i)
            dn.addmm_(m_outer[i], part(i, Weight));
        if (!m_u.defined())
            return dn;
        if (!dropsAnywhere(m_state))
            return dn.addmm_(m_u, stackedA(m_parts, m_state.layers.size()));
        for (std::size_t i = 0; i < m_state.layers.size(); ++i) {
            if (part(i, A).defined())
                dn.add_(dropped(at::mm(uOf(i), part(i, A)), m_state.layers[i]));
        }
        return dn;
    }

    void inputGradients(const GroupInput& input, const at::Tensor& dn)
    {
        if (input.kind == GroupInput::Kind::Gated) {
            std::tie(m_gradients[First], m_gradients[Second]) =
                gateRowsBackward(input.first, input.second, dn);
            return;
        }
        if (input.kind == GroupInput::Kind::Normed) {
            if (m_isNeeded[Second])
                m_gradients[Second] = (dn * input.first * m_state.factors.unsqueeze(1)).sum(0);
            normaliseRowsBackward(input.first, input.second, m_state.factors, dn);
        }
        m_gradients[First] = dn;
    }

    const GroupState& m_state;
    std::vector<at::Tensor> m_saved;
    const variable_list& m_outer; ///< gradients of the outputs
    at::TensorList m_parts;
    std::vector<bool> m_isNeeded;
    std::vector<at::Tensor> m_gradients;
    at::Tensor m_n;
    at::Tensor m_u;
    at::Tensor m_dA; ///< of all layers below each other
};

class GroupFunction final : public torch::autograd::Function<GroupFunction>
{
public:
    static variable_list forward(AutogradContext* context,
                                 at::TensorList variables,
                                 const c10::intrusive_ptr<GroupState>& state)
    {
        const std::vector<at::Tensor> all = spread(*state, variables);
        const at::TensorList parts = at::TensorList(all).slice(Layers);
        const at::Tensor n =
            madeInput({state->kind, all[First], all[Second], state->epsilon}, &state->factors);
        makeNarrow(*state, n, parts);
        variable_list outputs;
        for (std::size_t i = 0; i < state->layers.size(); ++i) {
            at::Tensor y = layerOutput(n, &parts[i * Parts], all[Residual]);
            if (state->narrow[i].defined())
                y.addmm_(state->narrow[i], parts[i * Parts + B].t(), 1.0, state->layers[i].scale);
            outputs.push_back(std::move(y));
        }
        variable_list saved;
        for (std::size_t i = 0; i < variables.size(); ++i) // the residual's values are not needed
            saved.push_back(state->places[i] == Residual ? at::Tensor() : variables[i]);
        context->save_for_backward(std::move(saved));
        context->saved_data["state"] = c10::IValue::make_capsule(state);
        return outputs;
    }

    static variable_list backward(AutogradContext* context, variable_list outer)
    {
        const auto held = context->saved_data["state"].toCapsule();
        const auto& state = *static_cast<const GroupState*>(held.get());
        for (at::Tensor& gradient : outer)
            gradient = gradient.contiguous();
        variable_list gradients = GroupBackward(*context, state, outer).run();
        gradients.emplace_back(); // of the state
        return gradients;
    }
};

LayerNumbers numbersOf(const LowRank& delta)
{
    LayerNumbers numbers {delta.scale, 0.0, 0};
    // Gradient mode is on only where something is trained, and only then may dropout act.
    // LibTorch's generator gives the seed, so a checkpoint of its state makes the masks of a
    // resumed run the same.
    if (delta.dropout > 0.0 && at::GradMode::is_enabled()) {
        numbers.dropout = delta.dropout;
        numbers.seed = at::randint(std::numeric_limits<std::int64_t>::max(), {1}, at::kLong)
                           .item<std::int64_t>();
    }
    return numbers;
}

} // namespace

bool canFold(const Linear& layer)
{
    return layer.deltas.empty()
        || (layer.deltas.size() == 1 && layer.deltas.front()->lowRank().has_value());
}

std::vector<at::Tensor> linearGroup(const GroupInput& input,
                                    const std::vector<const Linear*>& layers,
                                    const at::Tensor& residual)
{
    if (!at::GradMode::is_enabled())
        return frozenGroup({input.kind, input.first.contiguous(),
                            input.second.defined() ? input.second.contiguous() : at::Tensor(),
                            input.epsilon},
                           layers, residual);
    auto state = c10::make_intrusive<GroupState>();
    state->kind = input.kind;
    state->epsilon = input.epsilon;
    std::vector<at::Tensor> all {input.first.contiguous(),
                                 input.second.defined() ? input.second.contiguous() : at::Tensor(),
                                 residual};
    for (const Linear* layer : layers) {
        const LowRank delta = layer->deltas.empty()
            ? LowRank()
            : layer->deltas.front()->lowRank().value_or(LowRank());
        all.insert(all.end(), {layer->weight, layer->bias, delta.A, delta.B});
        state->layers.push_back(numbersOf(delta));
    }
    std::vector<at::Tensor> variables;
    for (std::size_t place = 0; place < all.size(); ++place)
        if (all[place].defined()) {
            variables.push_back(all[place]);
            state->places.push_back(place);
        }
    return GroupFunction::apply(at::TensorList(variables), state);
}

} // namespace tw
