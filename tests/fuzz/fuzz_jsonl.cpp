// SPDX-License-Identifier: Apache-2.0
// JSON Lines and JSON: every row that is promised can be read and has all its cells.
#include "core/base/text.h"
#include "core/data/registry.h"

#include <cstdlib>

namespace tw {
void registerJsonl(Registry<DataReader>& registry);
void registerJsonArray(Registry<DataReader>& registry);
} // namespace tw

namespace {

const tw::Registry<tw::DataReader>& readers()
{
    static const tw::Registry<tw::DataReader> filled = [] {
        tw::Registry<tw::DataReader> registry("data reader");
        tw::registerJsonl(registry);
        tw::registerJsonArray(registry);
        return registry;
    }();
    return filled;
}

void readAll(const char* reader, const std::string& text)
{
    try {
        const auto data =
            readers().at(reader).open(std::make_shared<tw::SourceText>(text, "input"));
        for (std::int64_t i = 0; i < data->rowCount(); ++i) {
            const auto cells = data->row(i);
            if (cells.size() != data->columns().size())
                std::abort();
            for (const std::string& cell : cells) {
                if (!tw::isUtf8(cell))
                    std::abort();
            }
        }
        tw::guessRoles(*data);
    } catch (const tw::Error&) { // refused, as it should be
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    readAll("jsonl", text);
    readAll("json", text);
    return 0;
}
