// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tw {

// What analyses are asked for and what they find: plain comparable values that the window draws and
// the report prints.

/// One model of a comparison: a base, with or without an adapter.
struct ModelRef
{
    std::string model; ///< folder or GGUF file
    std::string adapter; ///< folder in PEFT's layout; empty: none
    std::vector<std::string> furtherAdapters {}; ///< laid over the first one, in this order

    bool operator==(const ModelRef&) const = default;
};

struct XrayOptions
{
    std::int64_t k = 10; ///< leading vectors of the tuned matrix that are looked at
    double epsilon = 0.5; ///< an intruder's best match is below this
    bool plain = false; ///< two full decompositions instead of the cached low-rank route

    bool operator==(const XrayOptions&) const = default;
};

/// One matrix of the X-ray.
struct XrayCell
{
    std::string site; ///< "mlp.down"
    std::int64_t layer = 0;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    double baseNorm = 0.0; ///< Frobenius norm of W
    double changeNorm = 0.0; ///< Frobenius norm of dW
    double effectiveRank = 0.0; ///< of dW (Roy and Vetterli)
    double stableRank = 0.0; ///< |dW|_F^2 / |dW|_2^2
    std::vector<double> changeValues; ///< singular values of dW, those of its rank
    std::vector<double> tunedValues; ///< leading singular values of W + dW
    std::vector<double> baseValues; ///< as many of W
    std::vector<double>
        bestMatch; ///< c_j = max_i |u0_i . u_j|, over all i, for j < k + 10 (or all there are)
    std::vector<std::int64_t> bestMatchIndex; ///< argmax_i
    /// Base vectors whose singular values lie within 0.1 % of each other rotate freely among
    /// themselves; this is c_j with such neighbours of the best match taken together. Equal to
    /// bestMatch where there are none.
    std::vector<double> tiedMatch;
    std::vector<double>
        similarity; ///< |u0_i . u_j|, shown corner, row by row (base down, tuned across)
    std::int64_t similaritySize = 0;

    double relativeChange() const { return baseNorm > 0 ? changeNorm / baseNorm : 0.0; }
    /// How many of the k leading tuned directions were looked at.
    std::int64_t leading(std::int64_t k) const;
    /// Number of j < k with bestMatch < epsilon; any k up to bestMatch.size() answers from what is
    /// there.
    std::int64_t intruders(double epsilon, std::int64_t k = 10) const;
    /// Largest rotation of one of the k leading vectors, in degrees: arccos of the smallest best
    /// match.
    double largestRotation(std::int64_t k = 10) const;
    bool operator==(const XrayCell&) const = default;
};

struct XrayResult
{
    ModelRef base;
    ModelRef tuned;
    XrayOptions options;
    std::int64_t layers = 0;
    std::vector<std::string> sites; ///< rows of the grid
    std::vector<XrayCell> cells; ///< only matrices that changed or were compared
    double seconds = 0.0;

    const XrayCell* cell(const std::string& site, std::int64_t layer) const;
    bool operator==(const XrayResult&) const = default;
};
std::string toJsonText(const XrayResult& result);
/// Throws Error where the text is no X-ray.
XrayResult xrayResultFrom(const std::string& jsonText);
/// The same as numbers, matrices and a summary sentence, for project file and report.
AnalysisResult toAnalysis(const XrayResult& result);

struct ContrastOptions
{
    double alpha = 0.1; ///< plausibility: at least alpha times the top token of the tuned model
    double gamma = 1.0; ///< weight of the base's log-probability
    std::int64_t beams = 1; ///< 1: plain sampling
    std::int64_t length = 64; ///< tokens per text, BOS included
    std::int64_t texts = 6;
    std::int64_t seed = 7;
    std::string prefix; ///< fixed text before; empty: BOS only

    bool operator==(const ContrastOptions&) const = default;
};

/// What else could have come at a place, for the popover of a token.
struct TokenChance
{
    std::int64_t id = 0;
    std::string text;
    double tuned = 0.0; ///< probability
    double base = 0.0;

    bool operator==(const TokenChance&) const = default;
};

struct ContrastToken
{
    std::int64_t id = 0;
    std::string text; ///< decoded; U+FFFD where the bytes are part of a character
    double contrast = 0.0; ///< log p_tuned - log p_base, nats
    double logTuned = 0.0;
    double logBase = 0.0;
    std::int64_t plausible = 0; ///< tokens that alpha left to choose from
    std::vector<TokenChance>
        chances; ///< the tuned model's 20 likeliest tokens here, likeliest first

    bool operator==(const ContrastToken&) const = default;
};

struct ContrastSample
{
    std::vector<ContrastToken> tokens; ///< without BOS and prefix
    double score = 0.0; ///< sum of contrasts

    bool operator==(const ContrastSample&) const = default;
};

std::string toJsonText(const std::vector<ContrastSample>& samples);
/// Throws Error where the text holds no samples.
std::vector<ContrastSample> contrastSamplesFrom(const std::string& jsonText);
/// As shaded texts with a summary sentence, for project file and report.
AnalysisResult toAnalysis(const std::vector<ContrastSample>& samples,
                          const ContrastOptions& options);

} // namespace tw
