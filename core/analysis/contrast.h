// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/analysis/values.h"
#include "core/base/random.h"
#include "core/job/job_control.h"
#include "core/model/model.h"
#include "core/tokenizer/tokenizer.h"

#include <functional>
#include <vector>

namespace tw {

// Contrastive generation (Isonuma and Titov 2024): texts that the tuned model wants more than the
// base does, written without any training data. With log-probabilities p (tuned) and q (base) of
// the next token,
//     K = {v : p(v) >= alpha * max_w p(w)},    score(v) = log p(v) - gamma * log q(v) for v in K,
// a token is drawn from softmax(score). Static: the base stays as it is.

/// The two models, made current one at a time: either two models in memory, or one with its adapter
/// off and on. The reference that base() returned is good until tuned() is called, and the other
/// way round.
struct ContrastPair
{
    std::function<const Model&()> base;
    std::function<const Model&()> tuned;
};
ContrastPair contrastPair(const Model& base, const Model& tuned);
/// Nobody else may use the model meanwhile. The adapter stays on in the end.
ContrastPair contrastPair(const Model& model, Adapter& adapter);

/// The tokens that alpha leaves to choose from, with their scores.
struct Plausible
{
    std::vector<std::int64_t> ids;
    std::vector<double> scores;
};
/// logTuned, logBase: float [vocabulary]. Tokens that are switched off are never plausible and do
/// not count for the maximum. Never empty unless all are switched off.
Plausible plausibleTokens(const at::Tensor& logTuned,
                          const at::Tensor& logBase,
                          double alpha,
                          double gamma,
                          const std::vector<std::int64_t>& switchedOff);

/// A text as it was drawn.
struct DrawnText
{
    std::vector<std::int64_t> ids; ///< new ones only
    double score = 0.0; ///< sum of the steps' scores
};
/// Draws count tokens after `start` (not empty). beams = 1 samples plainly; more sample 2 * beams
/// of all continuations without replacement, keep the best `beams`, and return the best text. Both
/// models keep their caches.
DrawnText drawContrastive(const ContrastPair& pair,
                          const std::vector<std::int64_t>& start,
                          std::int64_t count,
                          const ContrastOptions& options,
                          const std::vector<std::int64_t>& switchedOff,
                          RandomStream& random,
                          JobControl& control);

/// Contrast of every token of `ids` after `start`, each read with all that stands before it (no
/// caches, so it is also the proof of what was drawn), with the likeliest alternatives.
ContrastSample contrastOf(const ContrastPair& pair,
                          const std::vector<std::int64_t>& start,
                          const std::vector<std::int64_t>& ids,
                          const Tokenizer& tokenizer,
                          double alpha);

/// options.texts texts from BOS (EOS where there is none) and options.prefix; the end of text is
/// switched off, so each runs to options.length tokens. onText sees each as soon as it is there.
/// Text i depends on the seed and i only. Stops early, keeping what there is, where control asks
/// for it. Throws Error for a tokenizer that has neither token.
std::vector<ContrastSample>
generateContrastive(const ContrastPair& pair,
                    const Tokenizer& tokenizer,
                    const ContrastOptions& options,
                    JobControl& control,
                    const std::function<void(const ContrastSample&)>& onText);

} // namespace tw
