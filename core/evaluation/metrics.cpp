// SPDX-License-Identifier: Apache-2.0
#include "core/evaluation/metrics.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace tw {
namespace {

constexpr double kNormal95 = 1.959963984540054; // two-sided 95 % of the normal distribution

bool isAsciiPunctuation(char32_t c)
{
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96)
        || (c >= 123 && c <= 126);
}

std::vector<std::string> wordsOf(std::string_view text)
{
    std::vector<std::string> words;
    for (const std::string& word : split(normalisedAnswer(text), ' '))
        if (!word.empty())
            words.push_back(word);
    return words;
}

double harmonicMean(double common, std::size_t answered, std::size_t wanted)
{
    if (answered == 0 || wanted == 0)
        return answered == wanted ? 1.0 : 0.0; // both empty: right, as SQuAD counts it
    return 2.0 * common / static_cast<double>(answered + wanted);
}

} // namespace

Estimate shareOf(std::int64_t successes, std::int64_t count)
{
    if (count <= 0)
        return {};
    const double n = static_cast<double>(count);
    const double p = static_cast<double>(successes) / n;
    const double z2 = kNormal95 * kNormal95;
    const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double reach = kNormal95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    return {p, std::max(0.0, middle - reach), std::min(1.0, middle + reach), count};
}

Estimate meanOf(const std::vector<double>& values)
{
    if (values.empty())
        return {};
    const double n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0.0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    const double reach = values.size() < 2 ? 0.0 : kNormal95 * std::sqrt(squares / (n - 1) / n);
    return {mean, mean - reach, mean + reach, static_cast<std::int64_t>(values.size())};
}

std::string normalisedAnswer(std::string_view text)
{
    std::u32string kept;
    for (char32_t c : toCodePoints(text)) {
        if (isAsciiPunctuation(c))
            continue;
        if (c >= U'A' && c <= U'Z')
            c += U'a' - U'A';
        kept += c == U'\n' || c == U'\t' || c == U'\r' || c == U'\u00a0' ? U' ' : c;
    }
    std::vector<std::string> words;
    for (const std::string& word : split(toUtf8(kept), ' '))
        if (!word.empty() && word != "a" && word != "an" && word != "the")
            words.push_back(word);
    return join(words, " ");
}

bool isExactMatch(std::string_view answer, std::string_view target)
{
    return normalisedAnswer(answer) == normalisedAnswer(target);
}

double wordF1(std::string_view answer, std::string_view target)
{
    const auto answered = wordsOf(answer);
    const auto wanted = wordsOf(target);
    std::map<std::string, int> left;
    for (const std::string& word : wanted)
        ++left[word];
    double common = 0.0;
    for (const std::string& word : answered)
        if (const auto it = left.find(word); it != left.end() && it->second-- > 0)
            common += 1.0;
    return harmonicMean(common, answered.size(), wanted.size());
}

double rougeL(std::string_view answer, std::string_view target)
{
    const auto answered = wordsOf(answer);
    const auto wanted = wordsOf(target);
    std::vector<int> longest(wanted.size() + 1,
                             0); // of the answer so far and the target's first j words
    for (const std::string& word : answered) {
        int diagonal = 0;
        for (std::size_t j = 0; j < wanted.size(); ++j) {
            const int above = longest[j + 1];
            longest[j + 1] = word == wanted[j] ? diagonal + 1 : std::max(above, longest[j]);
            diagonal = above;
        }
    }
    return harmonicMean(longest.back(), answered.size(), wanted.size());
}

} // namespace tw
