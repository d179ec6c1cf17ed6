// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tw {

/// A value of a pickle. Small ones stand in it, the others in the pools of their PickleDocument, at
/// `index`.
struct PickleValue
{
    enum class Kind : std::uint8_t
    {
        None,
        Bool, ///< integer is 0 or 1
        Integer,
        Real,
        Text,
        Bytes, ///< what they are does not matter to us: not kept
        Sequence, ///< list, tuple or set
        Dict,
        Name, ///< of a type, a function or a number format that we know; index into names
        Storage, ///< a piece of memory that tensors look into
        Tensor,
        Mark ///< only while reading: where a list of arguments begins
    };

    Kind kind = Kind::None;
    union {
        std::int64_t integer = 0;
        double real;
        std::uint64_t index;
    };

    static PickleValue of(Kind kind, std::uint64_t index)
    {
        PickleValue value;
        value.kind = kind;
        value.index = index;
        return value;
    }
};

/// One piece of memory of a checkpoint, kept in a file of its own.
struct PickledStorage
{
    std::string_view key; ///< name of that file
    std::string_view dtype; ///< as safetensors spells it; empty where each tensor says it itself
    std::uint64_t elements = 0; ///< bytes where dtype is empty
};

/// A view of a storage. Counts are of elements.
struct PickledTensor
{
    std::uint64_t storage = 0;
    std::string_view dtype;
    std::uint64_t first = 0;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;
    bool isConjugate = false; ///< of complex numbers, to be conjugated when read
    bool isNegative = false; ///< to be negated when read
};

/// What a pickle holds, as data. Lists and dictionaries may hold themselves, as in Python.
struct PickleDocument
{
    PickleValue root;
    std::deque<std::string_view> texts; ///< look into the pickle, or into decoded
    std::deque<std::string> decoded;
    std::deque<std::vector<PickleValue>> sequences;
    std::deque<std::vector<std::pair<PickleValue, PickleValue>>> dicts;
    std::deque<std::string_view> names;
    std::deque<PickledStorage> storages;
    std::deque<PickledTensor> tensors;
};

/// Reads a pickle (protocols 0 to 5) of plain values and PyTorch's tensors without running any of
/// it: whatever else it would call or build is refused by its name. Memory stays below the pickle's
/// size and 40 MiB. `pickle` has to stay; throws Error with `where`.
PickleDocument readPickle(std::span<const std::byte> pickle, const std::string& where);

/// True where the bytes begin as a pickle of protocol 2 or later does.
bool looksLikePickle(std::span<const std::byte> bytes);

} // namespace tw
