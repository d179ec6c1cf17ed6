// SPDX-License-Identifier: Apache-2.0
#pragma once

// For .cpp files of core/adaptation only: it shows the JSON library.
#include "core/base/json.h"
#include "core/base/param.h"
#include "core/base/translate.h"

#include <cstdint>

namespace tw {

/// Settings that LyCORIS's methods (LoHa, LoKr) share; theirs are derived from them.
struct LycorisOptions
{
    std::int64_t rank = 8;
    double alpha = 8.0;
    double rankDropout = 0.0;
    double moduleDropout = 0.0;

    double scale() const { return alpha / static_cast<double>(rank); }
};

template <typename Options>
void addLycorisParams(ParamTable<Options>& table)
{
    const auto add = [&table]<typename T>(T LycorisOptions::* field, const char* id,
                                          const char* title) {
        return table.add(static_cast<T Options::*>(field), id, title);
    };
    add(&LycorisOptions::rank, "rank", QT_TRANSLATE_NOOP("lycoris", "Rank"))
        .help(QT_TRANSLATE_NOOP("lycoris", "Width of the factors; memory grows in proportion."))
        .range(1, 1024)
        .source("PEFT's default");
    add(&LycorisOptions::alpha, "alpha", QT_TRANSLATE_NOOP("lycoris", "Scale (alpha)"))
        .help(QT_TRANSLATE_NOOP(
            "lycoris",
            "The update is multiplied by alpha / rank. Larger learns faster and less calmly."))
        .range(0, 4096)
        .source("PEFT's default");
    add(&LycorisOptions::rankDropout, "rankDropout", QT_TRANSLATE_NOOP("lycoris", "Dropout"))
        .help(QT_TRANSLATE_NOOP(
            "lycoris",
            "Share of a layer's outputs that the update does not reach in a step; helps on small "
            "data."))
        .range(0, 0.9)
        .source("PEFT's rank_dropout");
    add(&LycorisOptions::moduleDropout, "moduleDropout",
        QT_TRANSLATE_NOOP("lycoris", "Dropout of layers"))
        .help(QT_TRANSLATE_NOOP(
            "lycoris", "How often a layer goes without its update in a step, as a share of 1."))
        .range(0, 0.9)
        .source("PEFT's module_dropout")
        .advanced();
}

/// Every key that PEFT 0.21 writes for both.
Json lycorisKeys(const LycorisOptions& options);

} // namespace tw
