// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// A number with the interval that holds the true one in 95 of 100 such measurements.
struct Estimate
{
    double value = 0.0;
    double low = 0.0;
    double high = 0.0;
    std::int64_t count = 0;

    bool operator==(const Estimate&) const = default;
};

/// Share of successes with Wilson's score interval (1927), which stays within [0, 1] and is right
/// for few rows.
Estimate shareOf(std::int64_t successes, std::int64_t count);
/// Mean with its normal interval; of fewer than 2 values the interval is the value.
Estimate meanOf(const std::vector<double>& values);

/// Lower case, without punctuation and articles, single spaces: SQuAD's normalisation (Rajpurkar et
/// al. 2016).
std::string normalisedAnswer(std::string_view text);
/// Equal after normalisation.
bool isExactMatch(std::string_view answer, std::string_view target);
/// Harmonic mean of the precision and recall of words after normalisation (SQuAD's F1), 0 to 1.
double wordF1(std::string_view answer, std::string_view target);
/// F-measure of the longest common subsequence of words (Lin 2004), 0 to 1.
double rougeL(std::string_view answer, std::string_view target);

} // namespace tw
