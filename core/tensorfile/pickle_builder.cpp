// SPDX-License-Identifier: Apache-2.0
// What torch.save writes into a pickle beside plain values: names of storages and number formats,
// and calls of a few functions of torch._utils. Nothing is looked up or run: each name has one
// meaning here, and a name without one is refused.
#include "core/tensorfile/pickle_builder.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/torch_types.h"

#include <algorithm>
#include <array>

namespace tw {
namespace {

constexpr const char* kDamaged = "The file is damaged or not complete: download or copy it again.";
constexpr const char* kCode =
    "Nothing of it was run. Ask for the weights as safetensors, or, where you trust the file, load "
    "it in Python and save only its state_dict().";

constexpr std::uint64_t kAllowance = 40U << 20U;

} // namespace

struct PickleBuilder::Function
{
    std::string_view name;
    Maker make;
};

const PickleBuilder::Function* PickleBuilder::functionNamed(std::string_view name)
{
    using B = PickleBuilder;
    static constexpr std::array<Function, 18> kFunctions {{
        {"collections.OrderedDict", &B::makeDict},
        {"collections.defaultdict", &B::makeDict},
        {"collections.Counter", &B::makeDict},
        {"torch._utils._rebuild_tensor", &B::makeTensor},
        {"torch._utils._rebuild_tensor_v2", &B::makeTensor},
        {"torch._utils._rebuild_tensor_v3", &B::makeTensor},
        {"torch._utils._rebuild_parameter", &B::makeParameter},
        {"torch._utils._rebuild_parameter_with_state", &B::makeParameter},
        {"torch._tensor._rebuild_from_type_v2", &B::makeFromType},
        {"torch.Size", &B::makeSequence},
        {"builtins.set", &B::makeSequence},
        {"__builtin__.set", &B::makeSequence},
        {"builtins.complex", &B::makeBytes},
        {"__builtin__.complex", &B::makeBytes},
        {"builtins.bytearray", &B::makeBytes},
        {"__builtin__.bytearray", &B::makeBytes},
        {"_codecs.encode", &B::makeBytes},
        {"torch.device", &B::makeFirst},
    }};
    const auto* const it =
        std::find_if(kFunctions.begin(), kFunctions.end(),
                     [&](const Function& function) { return function.name == name; });
    return it == kFunctions.end() ? nullptr : it;
}

PickleBuilder::PickleBuilder(std::uint64_t pickleBytes, const std::string& where)
    : m_where(where)
    , m_budget(pickleBytes + kAllowance)
{
}

void PickleBuilder::fail(const std::string& what) const
{
    fail(what, kDamaged);
}

void PickleBuilder::fail(const std::string& what, const char* hint) const
{
    throw Error(m_where + ": " + what + ".", hint);
}

void PickleBuilder::charge(std::uint64_t bytes)
{
    if (bytes > m_budget)
        fail("its pickle holds far more values than a checkpoint of its size has",
             "Save only the state_dict() of the model.");
    m_budget -= bytes;
}

PickleValue PickleBuilder::text(std::string_view text)
{
    charge(2 * sizeof text);
    m_document.texts.push_back(text);
    return PickleValue::of(Kind::Text, m_document.texts.size() - 1);
}

PickleValue PickleBuilder::decodedText(std::string text)
{
    charge(sizeof text + text.size());
    return this->text(m_document.decoded.emplace_back(std::move(text)));
}

PickleValue PickleBuilder::sequence(Arguments items)
{
    charge(sizeof items + 2 * items.size() * sizeof(PickleValue));
    m_document.sequences.push_back(std::move(items));
    return PickleValue::of(Kind::Sequence, m_document.sequences.size() - 1);
}

PickleValue PickleBuilder::dict()
{
    charge(sizeof m_document.dicts.front());
    m_document.dicts.emplace_back();
    return PickleValue::of(Kind::Dict, m_document.dicts.size() - 1);
}

void PickleBuilder::append(PickleValue sequence, PickleValue item)
{
    if (sequence.kind != Kind::Sequence)
        fail("its pickle adds an item to something that is no list");
    charge(2 * sizeof item);
    m_document.sequences[sequence.index].push_back(item);
}

void PickleBuilder::put(PickleValue dict, PickleValue key, PickleValue value)
{
    if (dict.kind != Kind::Dict)
        fail("its pickle puts a key into something that is no dictionary");
    charge(4 * sizeof value);
    m_document.dicts[dict.index].emplace_back(key, value);
}

PickleValue PickleBuilder::name(std::string_view module, std::string_view name)
{
    std::string full = std::string(module.substr(0, 200)) + "." + std::string(name.substr(0, 200));
    if (!isTorchType(full) && functionNamed(full) == nullptr)
        fail("its pickle calls " + repairedUtf8(full)
                 + ", which is no part of a file of tensors and could do anything",
             kCode);
    charge(sizeof full + full.size() + 2 * sizeof(std::string_view));
    m_document.names.push_back(m_document.decoded.emplace_back(std::move(full)));
    return PickleValue::of(Kind::Name, m_document.names.size() - 1);
}

PickleValue PickleBuilder::storage(PickleValue id)
{
    const Arguments& parts = itemsOf(id);
    if (parts.size() != 5 || parts[1].kind != Kind::Name || parts[4].kind != Kind::Integer
        || parts[4].integer < 0 || textOf(parts[0]) != "storage")
        fail("its pickle refers to something outside that is no storage of a tensor");
    const std::string_view type = m_document.names[parts[1].index];
    const auto dtype = torchStorageDtype(type);
    if (!dtype)
        fail("its pickle uses " + std::string(type) + " as the storage of a tensor");
    charge(2 * sizeof(PickledStorage));
    m_document.storages.push_back(
        {textOf(parts[2]), *dtype, static_cast<std::uint64_t>(parts[4].integer)});
    return PickleValue::of(Kind::Storage, m_document.storages.size() - 1);
}

PickleValue PickleBuilder::call(PickleValue function, PickleValue arguments)
{
    if (function.kind != Kind::Name)
        fail("its pickle calls something that is no function");
    const std::string_view called = m_document.names[function.index];
    const Function* const known = functionNamed(called);
    if (known == nullptr)
        fail("its pickle calls " + std::string(called) + ", which a file of tensors never does",
             kCode);
    return (this->*known->make)(called, itemsOf(arguments));
}

std::string_view PickleBuilder::textOf(PickleValue value) const
{
    if (value.kind != Kind::Text)
        fail("its pickle has something else where a text belongs");
    return m_document.texts[value.index];
}

const PickleBuilder::Arguments& PickleBuilder::itemsOf(PickleValue value) const
{
    if (value.kind != Kind::Sequence)
        fail("its pickle has something else where a list belongs");
    return m_document.sequences[value.index];
}

// collections.OrderedDict(), or with one list of pairs (protocols 0 and 1); collections.Counter();
// collections.defaultdict(type).
PickleValue PickleBuilder::makeDict(std::string_view /*function*/, const Arguments& arguments)
{
    const PickleValue made = dict();
    if (arguments.empty() || arguments.back().kind == Kind::Name)
        return made;
    if (arguments.back().kind == Kind::Dict) {
        charge(m_document.dicts[arguments.back().index].size() * 4 * sizeof(PickleValue));
        m_document.dicts[made.index] = m_document.dicts[arguments.back().index];
        return made;
    }
    for (const PickleValue pair : itemsOf(arguments.back())) {
        const Arguments& parts = itemsOf(pair);
        if (parts.size() != 2)
            fail("its pickle makes a dictionary of something else than pairs");
        put(made, parts[0], parts[1]);
    }
    return made;
}

std::vector<std::int64_t> PickleBuilder::lengths(PickleValue value, const char* what) const
{
    constexpr std::size_t kMaxDimensions = 64; // LibTorch's own limit
    const Arguments& items = itemsOf(value);
    if (items.size() > kMaxDimensions)
        fail("a tensor has more than 64 dimensions");
    std::vector<std::int64_t> numbers;
    for (const PickleValue item : items) {
        if (item.kind != Kind::Integer || item.integer < 0)
            fail(std::string("a tensor has a ") + what
                 + " that is no whole number, or is negative");
        numbers.push_back(item.integer);
    }
    return numbers;
}

std::string_view PickleBuilder::dtypeNamed(PickleValue value) const
{
    const auto dtype =
        value.kind == Kind::Name ? torchDtype(m_document.names[value.index]) : std::nullopt;
    if (!dtype)
        fail("a tensor has a number format that cannot be read",
             "Convert it to float32 in Python and save it again.");
    return *dtype;
}

void PickleBuilder::readFlags(PickledTensor& tensor, PickleValue metadata) const
{
    if (metadata.kind != Kind::Dict)
        return;
    for (const auto& [key, value] : m_document.dicts[metadata.index]) {
        const bool isSet = value.kind == Kind::Bool && value.integer != 0;
        const std::string_view flag = textOf(key);
        if (flag == "conj")
            tensor.isConjugate = isSet;
        else if (flag == "neg")
            tensor.isNegative = isSet;
        else
            fail("a tensor is marked as \"" + repairedUtf8(flag.substr(0, 100))
                 + "\", which is not known");
    }
}

// _rebuild_tensor(storage, first, shape, strides),
// _rebuild_tensor_v2(storage, first, shape, strides, requires_grad, hooks[, metadata]),
// _rebuild_tensor_v3(storage, first, shape, strides, requires_grad, hooks, dtype[, metadata])
PickleValue PickleBuilder::makeTensor(std::string_view function, const Arguments& arguments)
{
    const bool saysDtype = function.ends_with("_v3");
    const std::size_t metadata = saysDtype ? 7 : 6;
    if (arguments.size() < (function.ends_with("tensor") ? 4 : metadata)
        || arguments[0].kind != Kind::Storage || arguments[1].kind != Kind::Integer
        || arguments[1].integer < 0)
        fail("its pickle calls " + std::string(function) + " with other values than PyTorch does");
    PickledTensor tensor;
    tensor.storage = arguments[0].index;
    tensor.dtype = saysDtype ? dtypeNamed(arguments[6]) : m_document.storages[tensor.storage].dtype;
    if (tensor.dtype.empty())
        fail("its pickle does not say which numbers a tensor holds");
    tensor.first = static_cast<std::uint64_t>(arguments[1].integer);
    tensor.shape = lengths(arguments[2], "length");
    tensor.strides = lengths(arguments[3], "stride");
    if (tensor.shape.size() != tensor.strides.size())
        fail("a tensor has " + std::to_string(tensor.shape.size()) + " dimensions, but "
             + std::to_string(tensor.strides.size()) + " strides");
    if (arguments.size() > metadata)
        readFlags(tensor, arguments[metadata]);
    charge(2 * sizeof tensor + tensor.shape.size() * 4 * sizeof(std::int64_t));
    m_document.tensors.push_back(std::move(tensor));
    return PickleValue::of(Kind::Tensor, m_document.tensors.size() - 1);
}

PickleValue PickleBuilder::makeParameter(std::string_view function, const Arguments& arguments)
{
    if (arguments.empty() || arguments[0].kind != Kind::Tensor)
        fail("its pickle calls " + std::string(function) + " with something that is no tensor");
    return arguments[0];
}

// _rebuild_from_type_v2(function, type, arguments, state): a tensor with attributes of its own
PickleValue PickleBuilder::makeFromType(std::string_view function, const Arguments& arguments)
{
    if (arguments.size() < 3)
        fail("its pickle calls " + std::string(function) + " with other values than PyTorch does");
    const PickleValue inner = arguments[0];
    if (inner.kind == Kind::Name && m_document.names[inner.index] == function)
        fail("its pickle calls " + std::string(function) + " on itself");
    const PickleValue tensor = call(inner, arguments[2]);
    if (tensor.kind != Kind::Tensor)
        fail("its pickle calls " + std::string(function) + " with something that is no tensor");
    return tensor;
}

PickleValue PickleBuilder::makeSequence(std::string_view /*function*/, const Arguments& arguments)
{
    return arguments.empty() ? sequence({}) : sequence(itemsOf(arguments[0]));
}

PickleValue PickleBuilder::makeBytes(std::string_view /*function*/, const Arguments& /*arguments*/)
{
    return PickleValue::of(Kind::Bytes, 0);
}

PickleValue PickleBuilder::makeFirst(std::string_view /*function*/, const Arguments& arguments)
{
    return arguments.empty() ? PickleValue() : arguments[0];
}

} // namespace tw
