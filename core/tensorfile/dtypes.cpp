// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/dtypes.h"

#include <algorithm>
#include <array>

namespace tw {
namespace {

struct Pair
{
    std::string_view dtype;
    at::ScalarType type;
};
// The last three are in no safetensors file; PyTorch's own checkpoints may have them.
constexpr std::array<Pair, 20> kPairs {{{"BOOL", at::kBool},
                                        {"U8", at::kByte},
                                        {"I8", at::kChar},
                                        {"F8_E5M2", at::kFloat8_e5m2},
                                        {"F8_E4M3", at::kFloat8_e4m3fn},
                                        {"F8_E8M0", at::kFloat8_e8m0fnu},
                                        {"I16", at::kShort},
                                        {"U16", at::kUInt16},
                                        {"F16", at::kHalf},
                                        {"BF16", at::kBFloat16},
                                        {"I32", at::kInt},
                                        {"U32", at::kUInt32},
                                        {"F32", at::kFloat},
                                        {"C64", at::kComplexFloat},
                                        {"F64", at::kDouble},
                                        {"I64", at::kLong},
                                        {"U64", at::kUInt64},
                                        {"C128", at::kComplexDouble},
                                        {"F8_E4M3FNUZ", at::kFloat8_e4m3fnuz},
                                        {"F8_E5M2FNUZ", at::kFloat8_e5m2fnuz}}};

} // namespace

std::optional<at::ScalarType> scalarTypeOf(std::string_view dtype)
{
    const auto it = std::find_if(kPairs.begin(), kPairs.end(),
                                 [&](const Pair& pair) { return pair.dtype == dtype; });
    return it == kPairs.end() ? std::nullopt : std::optional(it->type);
}

std::string_view dtypeNameOf(at::ScalarType type)
{
    const auto it = std::find_if(kPairs.begin(), kPairs.end(),
                                 [&](const Pair& pair) { return pair.type == type; });
    return it == kPairs.end() ? std::string_view() : it->dtype;
}

} // namespace tw
