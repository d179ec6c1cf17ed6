// SPDX-License-Identifier: Apache-2.0
#include "core/evaluation/classification.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>

namespace tw {
namespace {

/// Decisions about one class: right, said wrongly, missed.
struct Counts
{
    std::int64_t right = 0;
    std::int64_t wrong = 0;
    std::int64_t missed = 0;

    Counts& operator+=(const Counts& other)
    {
        right += other.right;
        wrong += other.wrong;
        missed += other.missed;
        return *this;
    }
    bool occurs() const { return right + wrong + missed > 0; }
};

double shareOf(std::int64_t part, std::int64_t whole)
{
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

Found foundFrom(const Counts& counts)
{
    return {shareOf(counts.right, counts.right + counts.wrong),
            shareOf(counts.right, counts.right + counts.missed),
            shareOf(2 * counts.right, 2 * counts.right + counts.wrong + counts.missed)};
}

Found meanOf(const std::vector<Counts>& all)
{
    Found mean;
    std::int64_t count = 0;
    for (const Counts& counts : all) {
        if (!counts.occurs())
            continue;
        const Found found = foundFrom(counts);
        mean.precision += found.precision;
        mean.recall += found.recall;
        mean.f1 += found.f1;
        ++count;
    }
    const double divisor = static_cast<double>(std::max<std::int64_t>(1, count));
    return {mean.precision / divisor, mean.recall / divisor, mean.f1 / divisor};
}

template <typename Truth, typename Said>
void checkLengths(const Truth& truth, const Said& said)
{
    if (truth.size() != said.size())
        throw Error("There are " + std::to_string(said.size()) + " answers for "
                        + std::to_string(truth.size()) + " rows.",
                    "Give one answer for each row.");
}

ClassificationScores
scoresFrom(const std::vector<Counts>& classes, std::int64_t rightRows, std::int64_t rows)
{
    ClassificationScores scores;
    scores.count = rows;
    scores.accuracy = shareOf(rightRows, rows);
    Counts all;
    for (const Counts& counts : classes) {
        scores.classes.push_back({foundFrom(counts), counts.right + counts.missed});
        all += counts;
    }
    scores.macro = meanOf(classes);
    scores.micro = foundFrom(all);
    return scores;
}

/// "B-PER" as 'B' and "PER".
struct Tag
{
    char place = 'O';
    std::string type;
};

Tag tagFrom(const std::string& label)
{
    return label.size() > 2 && label[1] == '-' ? Tag {label[0], label.substr(2)} : Tag {};
}

/// Row, first word, word behind the last one, type.
using Entity = std::tuple<std::size_t, std::size_t, std::size_t, std::string>;

void addEntities(const std::vector<std::string>& labels, std::size_t row, std::set<Entity>& all)
{
    Tag before;
    std::size_t first = 0;
    const auto end = [&](std::size_t place) {
        if (before.place != 'O')
            all.emplace(row, first, place, before.type);
    };
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const Tag tag = tagFrom(labels[i]);
        const bool goesOn = (tag.place == 'I' || tag.place == 'E')
            && (before.place == 'B' || before.place == 'I') && tag.type == before.type;
        if (!goesOn) {
            end(i);
            first = i;
        }
        before = tag;
    }
    end(labels.size());
}

double correlation(const std::vector<double>& a, const std::vector<double>& b)
{
    const auto count = static_cast<double>(a.size());
    const double meanA = std::accumulate(a.begin(), a.end(), 0.0) / count;
    const double meanB = std::accumulate(b.begin(), b.end(), 0.0) / count;
    double both = 0.0;
    double ofA = 0.0;
    double ofB = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        both += (a[i] - meanA) * (b[i] - meanB);
        ofA += (a[i] - meanA) * (a[i] - meanA);
        ofB += (b[i] - meanB) * (b[i] - meanB);
    }
    return ofA > 0 && ofB > 0 ? both / std::sqrt(ofA * ofB)
                              : std::numeric_limits<double>::quiet_NaN();
}

/// From 1; equal values share the mean of theirs.
std::vector<double> ranksOf(const std::vector<double>& values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t {0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t end = first + 1;
        while (end < order.size() && values[order[end]] == values[order[first]])
            ++end;
        for (std::size_t i = first; i < end; ++i)
            ranks[order[i]] = 0.5 * static_cast<double>(first + 1 + end);
        first = end;
    }
    return ranks;
}

} // namespace

ClassificationScores classificationScores(const std::vector<std::int64_t>& truth,
                                          const std::vector<std::int64_t>& said,
                                          std::int64_t classes)
{
    checkLengths(truth, said);
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(0, classes));
    std::vector<std::vector<std::int64_t>> confusion(size, std::vector<std::int64_t>(size));
    std::vector<Counts> counts(size);
    std::int64_t right = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (truth[i] < 0 || truth[i] >= classes || said[i] < 0 || said[i] >= classes)
            throw Error("Row " + std::to_string(i + 1) + " has a class that is none of the "
                            + std::to_string(classes) + ".",
                        "Score rows with the labels of the model that answered them.");
        const auto is = static_cast<std::size_t>(truth[i]);
        const auto was = static_cast<std::size_t>(said[i]);
        ++confusion[is][was];
        if (is == was) {
            ++counts[is].right;
            ++right;
        } else {
            ++counts[was].wrong;
            ++counts[is].missed;
        }
    }
    ClassificationScores scores =
        scoresFrom(counts, right, static_cast<std::int64_t>(truth.size()));
    scores.confusion = std::move(confusion);
    return scores;
}

ClassificationScores flagScores(const std::vector<std::vector<double>>& truth,
                                const std::vector<std::vector<double>>& said)
{
    checkLengths(truth, said);
    std::vector<Counts> counts(truth.empty() ? 0 : truth.front().size());
    std::int64_t right = 0;
    for (std::size_t row = 0; row < truth.size(); ++row) {
        if (truth[row].size() != counts.size() || said[row].size() != counts.size())
            throw Error("Row " + std::to_string(row + 1) + " has another number of labels.",
                        "Give 1 or 0 for each label of each row.");
        bool isRight = true;
        for (std::size_t label = 0; label < counts.size(); ++label) {
            const bool is = truth[row][label] > 0.5;
            const bool was = said[row][label] > 0.5;
            counts[label].right += is && was;
            counts[label].wrong += !is && was;
            counts[label].missed += is && !was;
            isRight = isRight && is == was;
        }
        right += isRight;
    }
    return scoresFrom(counts, right, static_cast<std::int64_t>(truth.size()));
}

bool areEntityTags(const std::vector<std::string>& labels)
{
    static const std::string kPlaces = "BIES";
    const auto isTag = [](const std::string& label) {
        return label == "O"
            || (label.size() > 2 && label[1] == '-' && kPlaces.find(label[0]) != std::string::npos);
    };
    return labels.size() > 1 && std::ranges::all_of(labels, isTag);
}

Found entityScores(const std::vector<std::vector<std::string>>& truth,
                   const std::vector<std::vector<std::string>>& said)
{
    checkLengths(truth, said);
    std::set<Entity> are;
    std::set<Entity> were;
    for (std::size_t row = 0; row < truth.size(); ++row) {
        checkLengths(truth[row], said[row]);
        addEntities(truth[row], row, are);
        addEntities(said[row], row, were);
    }
    Counts counts;
    for (const Entity& entity : were)
        ++(are.contains(entity) ? counts.right : counts.wrong);
    counts.missed = static_cast<std::int64_t>(are.size()) - counts.right;
    return foundFrom(counts);
}

NumberScores numberScores(const std::vector<double>& truth, const std::vector<double>& said)
{
    checkLengths(truth, said);
    NumberScores scores;
    scores.count = static_cast<std::int64_t>(truth.size());
    if (truth.empty())
        return scores;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const double off = said[i] - truth[i];
        scores.squaredError += off * off / static_cast<double>(truth.size());
        scores.absoluteError += std::abs(off) / static_cast<double>(truth.size());
    }
    scores.pearson = correlation(truth, said);
    scores.spearman = correlation(ranksOf(truth), ranksOf(said));
    return scores;
}

} // namespace tw
