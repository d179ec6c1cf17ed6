// SPDX-License-Identifier: Apache-2.0
// GGUF: header, every value, every tensor that can be dequantised.
#include "core/base/error.h"
#include "core/tensorfile/dequantise.h"
#include "core/tensorfile/gguf.h"

#include <cstdlib>
#include <vector>

namespace {

template <typename Work>
void refusing(Work work)
{
    try {
        work();
    } catch (const tw::Error&) { // refused, as it should be
    }
}

void askEverything(const tw::GgufHeader& header)
{
    for (const auto& [key, entry] : header.values()) {
        refusing([&, &k = key] { (void)header.text(k); });
        refusing([&, &k = key] { (void)header.integer(k); });
        refusing([&, &k = key] { (void)header.real(k); });
        refusing([&, &k = key] { (void)header.flag(k); });
        refusing([&, &k = key] { (void)header.texts(k); });
        refusing([&, &k = key] { (void)header.integers(k); });
        refusing([&, &k = key] { (void)header.reals(k); });
    }
}

void readTensors(const tw::GgufHeader& header, std::span<const std::byte> file)
{
    for (const tw::TensorInfo& tensor : header.tensors()) {
        if (tensor.offset > file.size() || tensor.bytes > file.size() - tensor.offset)
            std::abort();
        const tw::Dequantiser dequantise = tw::dequantiserOf(tensor.dtype);
        if (dequantise == nullptr)
            continue;
        const tw::GgmlLayout& layout = *tw::ggmlLayout(tensor.dtype);
        const std::uint64_t blocks = tensor.bytes / layout.bytes;
        std::vector<float> values(blocks * layout.elements);
        dequantise(file.data() + tensor.offset, blocks, values.data());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    refusing([&] {
        const auto file = std::as_bytes(std::span(data, size));
        const tw::GgufHeader header(file, "input");
        askEverything(header);
        readTensors(header, file);
    });
    return 0;
}
