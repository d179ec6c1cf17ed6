// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/text.h"
#include "core/data/registry.h"

#include <cstdlib>
#include <string>

/// Whatever a data set promises has to be there: every row, all of its cells, well-formed text.
/// Aborts where something is not. firstLine: the least line of a row, 0 where lines mean nothing.
inline void readAll(const tw::Dataset& data, std::int64_t firstLine)
{
    constexpr std::int64_t kMost = 10'000; // a small file may promise millions of empty rows
    for (std::int64_t i = 0; i < std::min(kMost, data.rowCount()); ++i) {
        const auto cells = data.row(i);
        if (cells.size() != data.columns().size() || data.lineOf(i) < firstLine)
            std::abort();
        for (const std::string& cell : cells) {
            if (!tw::isUtf8(cell))
                std::abort();
        }
    }
    tw::guessRoles(data);
}

using RegisterReader = void (*)(tw::Registry<tw::DataReader>&);

/// Reads text with the reader that a function registers.
inline void readText(RegisterReader registerReader, const std::string& text)
{
    tw::Registry<tw::DataReader> registry("data reader");
    registerReader(registry);
    try {
        const tw::DataReader& reader = *registry.all().front();
        const auto data = reader.open(std::make_shared<tw::SourceText>(text, "input"));
        readAll(*data, reader.id == "json" ? 0 : 1); // 0: it stands inside an object
    } catch (const tw::Error&) { // refused, as it should be
    }
}

/// Reads a file that is no text.
inline void readPath(const tw::DataReader& reader, const std::filesystem::path& path)
{
    try {
        readAll(*reader.openPath(path), 0);
    } catch (const tw::Error&) { // refused, as it should be
    }
}
