// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/text.h"
#include "core/data/registry.h"

#include <cstdlib>
#include <string>

/// Reads text with the reader that a function registers. Whatever it promises has to be there:
/// every row, all of its cells, well-formed text. Aborts where something is not.
inline void readAll(void (*registerReader)(tw::Registry<tw::DataReader>&), const std::string& text)
{
    tw::Registry<tw::DataReader> registry("data reader");
    registerReader(registry);
    try {
        const tw::DataReader& reader = *registry.all().front();
        const auto data = reader.open(std::make_shared<tw::SourceText>(text, "input"));
        const std::int64_t firstLine = reader.id == "json" ? 0 : 1; // 0: it stands inside an object
        for (std::int64_t i = 0; i < data->rowCount(); ++i) {
            const auto cells = data->row(i);
            if (cells.size() != data->columns().size() || data->lineOf(i) < firstLine)
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
