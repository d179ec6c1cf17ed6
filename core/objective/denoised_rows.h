// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/translate.h"
#include "core/objective/objective.h"
#include "core/objective/span_corruption.h"

namespace tw {

/// Makes texts of a batch anew as a source and a target: for an encoder with its decoder as two
/// rows, for a decoder as one row of both, of which the target is trained.
class DenoisedRows
{
public:
    DenoisedRows(const Model& model, const Tokenizer& tokenizer);

    /// Row `row` of the batch without the tokens that begin and end it.
    std::vector<std::int64_t> textOf(const Batch& batch, std::int64_t row) const;
    /// Where a text and its spans have to end. source: tokens that may be read, of which the mode
    /// takes some.
    DenoisedLimits limitsOf(std::int64_t source, std::int64_t mode) const;
    /// Puts parts in the place of the rows, one for each; the ends are added.
    void put(const std::vector<SourceAndTarget>& rows, Batch& batch) const;
    /// Lets what is read before the target be seen in both directions, as an encoder sees it, in
    /// rows that were put as one (prefix language models; Raffel et al. 2020, section 3.2.1).
    void openSources(Batch& batch) const;

private:
    void putBeside(const SourceAndTarget& row, Batch& batch) const;
    void putInOne(const SourceAndTarget& row, Batch& batch) const;

    SpecialTokens m_special;
    bool m_hasEncoder;
    std::int64_t m_startId; ///< of the decoder behind an encoder
    std::int64_t m_context; ///< tokens that a decoder reads
};

/// The setting that asks for openSources().
template <typename Options>
void addSeesWholeInput(ParamTable<Options>& table, bool Options::*field)
{
    table.add(field, "seesWholeInput", QT_TRANSLATE_NOOP("denoising", "See the whole input"))
        .help(QT_TRANSLATE_NOOP(
            "denoising",
            "Decoders only: each token of the input sees all of it, also what stands behind, and "
            "what is written still sees only what stands before. Off: everything is read from left "
            "to right, as the model will read when it answers."))
        .source("Tay et al. 2022, section 3.1; Raffel et al. 2020, prefix language models")
        .advanced();
}

/// `length` tokens of a text from a place that is drawn, or all of a shorter one.
std::vector<std::int64_t>
stretchOf(const std::vector<std::int64_t>& text, std::int64_t length, RandomStream& random);

} // namespace tw
