// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/core/tensorfile/build_zip.h"

// Pickles put together from their instructions (protocol 2), and checkpoints around them.

inline std::string pickledText(const std::string& text)
{
    return "X" + littleEndian(text.size(), 4) + text;
}

inline std::string pickledNumber(std::uint32_t number)
{
    return "J" + littleEndian(number, 4);
}

/// ("storage", torch.TYPE, key, "cpu", elements), taken as a storage.
inline std::string
pickledStorage(const std::string& type, const std::string& key, std::uint32_t elements)
{
    return "(" + pickledText("storage") + "ctorch\n" + type + "\n" + pickledText(key)
        + pickledText("cpu") + pickledNumber(elements) + "tQ";
}

struct PickledView
{
    std::string type = "FloatStorage";
    std::string key = "0";
    std::uint32_t elements = 4; ///< of the storage
    std::uint32_t first = 0;
    std::vector<std::uint32_t> shape {4};
    std::vector<std::uint32_t> strides {1};
};

inline std::string pickledTuple(const std::vector<std::uint32_t>& numbers)
{
    std::string out = "(";
    for (const std::uint32_t number : numbers)
        out += pickledNumber(number);
    return out + "t";
}

inline std::string pickledTensor(const PickledView& view)
{
    return "ctorch._utils\n_rebuild_tensor_v2\n("
        + pickledStorage(view.type, view.key, view.elements) + pickledNumber(view.first)
        + pickledTuple(view.shape) + pickledTuple(view.strides) + "\x89}tR";
}

/// The checkpoint {"t": value}, with a storage of four float32 called 0.
inline std::string checkpointOf(const std::string& value)
{
    return zipped({{"m/data.pkl", "\x80\x02}" + pickledText("t") + value + "s."},
                   {"m/data/0", std::string(16, '\1')}});
}

/// A checkpoint with that pickle and the same storage.
inline std::string checkpointWith(const std::string& pickle)
{
    return zipped({{"m/data.pkl", pickle}, {"m/data/0", std::string(16, '\1')}});
}
