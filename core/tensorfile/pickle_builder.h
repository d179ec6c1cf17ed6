// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/pickle.h"

#include <optional>

namespace tw {

/// Makes the values of a PickleDocument and counts the memory that they take.
class PickleBuilder
{
public:
    using Kind = PickleValue::Kind;
    using Arguments = std::vector<PickleValue>;

    PickleBuilder(std::uint64_t pickleBytes, const std::string& where);

    PickleDocument& document() { return m_document; }
    [[noreturn]] void fail(const std::string& what) const;
    [[noreturn]] void fail(const std::string& what, const char* hint) const;
    /// Throws where the values so far and `bytes` more take more than a checkpoint needs.
    void charge(std::uint64_t bytes);

    PickleValue text(std::string_view text); ///< a view that stays
    PickleValue decodedText(std::string text);
    PickleValue sequence(Arguments items);
    PickleValue dict();
    void append(PickleValue sequence, PickleValue item);
    void put(PickleValue dict, PickleValue key, PickleValue value);
    /// The type or function module.name; refuses all that a checkpoint of tensors does not need.
    PickleValue name(std::string_view module, std::string_view name);
    /// The piece of memory that ("storage", type, key, place, elements) stands for.
    PickleValue storage(PickleValue id);
    /// What `function` makes of arguments, for the few functions that we know.
    PickleValue call(PickleValue function, PickleValue arguments);

    std::string_view textOf(PickleValue value) const; ///< throws where it is none
    const Arguments& itemsOf(PickleValue value) const; ///< throws where it is no sequence

private:
    struct Function;
    static const Function* functionNamed(std::string_view name);
    using Maker = PickleValue (PickleBuilder::*)(std::string_view function, const Arguments&);

    PickleValue makeDict(std::string_view function, const Arguments& arguments);
    PickleValue makeTensor(std::string_view function, const Arguments& arguments);
    PickleValue makeParameter(std::string_view function, const Arguments& arguments);
    PickleValue makeFromType(std::string_view function, const Arguments& arguments);
    PickleValue makeSequence(std::string_view function, const Arguments& arguments);
    PickleValue makeBytes(std::string_view function, const Arguments& arguments);
    PickleValue makeFirst(std::string_view function, const Arguments& arguments);

    std::vector<std::int64_t> lengths(PickleValue value, const char* what) const;
    void readFlags(PickledTensor& tensor, PickleValue metadata) const;
    std::string_view dtypeNamed(PickleValue value) const;

    PickleDocument m_document;
    const std::string& m_where;
    std::uint64_t m_budget;
};

} // namespace tw
