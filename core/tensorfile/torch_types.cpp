// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/torch_types.h"

#include <algorithm>
#include <array>

namespace tw {
namespace {

struct NamedDtype
{
    std::string_view name;
    std::string_view dtype;
};
constexpr std::array<NamedDtype, 13> kStorages {{{"torch.DoubleStorage", "F64"},
                                                 {"torch.FloatStorage", "F32"},
                                                 {"torch.HalfStorage", "F16"},
                                                 {"torch.BFloat16Storage", "BF16"},
                                                 {"torch.LongStorage", "I64"},
                                                 {"torch.IntStorage", "I32"},
                                                 {"torch.ShortStorage", "I16"},
                                                 {"torch.CharStorage", "I8"},
                                                 {"torch.ByteStorage", "U8"},
                                                 {"torch.BoolStorage", "BOOL"},
                                                 {"torch.ComplexFloatStorage", "C64"},
                                                 {"torch.ComplexDoubleStorage", "C128"},
                                                 {"torch.storage.UntypedStorage", ""}}};
constexpr std::array<NamedDtype, 28> kDtypes {{{"torch.float64", "F64"},
                                               {"torch.double", "F64"},
                                               {"torch.float32", "F32"},
                                               {"torch.float", "F32"},
                                               {"torch.float16", "F16"},
                                               {"torch.half", "F16"},
                                               {"torch.bfloat16", "BF16"},
                                               {"torch.float8_e4m3fn", "F8_E4M3"},
                                               {"torch.float8_e5m2", "F8_E5M2"},
                                               {"torch.float8_e8m0fnu", "F8_E8M0"},
                                               {"torch.float8_e4m3fnuz", "F8_E4M3FNUZ"},
                                               {"torch.float8_e5m2fnuz", "F8_E5M2FNUZ"},
                                               {"torch.int64", "I64"},
                                               {"torch.long", "I64"},
                                               {"torch.int32", "I32"},
                                               {"torch.int", "I32"},
                                               {"torch.int16", "I16"},
                                               {"torch.short", "I16"},
                                               {"torch.int8", "I8"},
                                               {"torch.uint8", "U8"},
                                               {"torch.uint16", "U16"},
                                               {"torch.uint32", "U32"},
                                               {"torch.uint64", "U64"},
                                               {"torch.bool", "BOOL"},
                                               {"torch.complex64", "C64"},
                                               {"torch.cfloat", "C64"},
                                               {"torch.complex128", "C128"},
                                               {"torch.cdouble", "C128"}}};
/// Types that are only named, never called: of tensors, and of a defaultdict's values.
constexpr std::array<std::string_view, 10> kTypes {"torch.Tensor",   "torch.nn.parameter.Parameter",
                                                   "builtins.dict",  "__builtin__.dict",
                                                   "builtins.list",  "__builtin__.list",
                                                   "builtins.int",   "__builtin__.int",
                                                   "builtins.float", "__builtin__.float"};

template <std::size_t kCount>
std::optional<std::string_view> findIn(const std::array<NamedDtype, kCount>& list,
                                       std::string_view name)
{
    const auto it = std::find_if(list.begin(), list.end(),
                                 [&](const NamedDtype& entry) { return entry.name == name; });
    return it == list.end() ? std::nullopt : std::optional(it->dtype);
}

} // namespace

std::optional<std::string_view> torchStorageDtype(std::string_view name)
{
    return findIn(kStorages, name);
}

std::optional<std::string_view> torchDtype(std::string_view name)
{
    return findIn(kDtypes, name);
}

bool isTorchType(std::string_view name)
{
    return torchStorageDtype(name) || torchDtype(name)
        || std::find(kTypes.begin(), kTypes.end(), name) != kTypes.end();
}

} // namespace tw
