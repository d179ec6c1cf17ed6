// SPDX-License-Identifier: Apache-2.0
#include "core/data/labels.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace tw {
namespace {

constexpr std::int64_t kMostClasses = 1000; // ImageNet's; more look like a column of texts
constexpr std::size_t kMostNamed = 8; // in a sentence

std::optional<double> numberIn(std::string_view text)
{
    double value = 0.0;
    const char* const end = text.data() + text.size();
    const auto [read, failure] = std::from_chars(text.data(), end, value);
    const bool isNumber = failure == std::errc() && read == end && std::isfinite(value);
    return isNumber ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> wholeNumberIn(std::string_view text)
{
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [read, failure] = std::from_chars(text.data(), end, value);
    const bool isWhole = failure == std::errc() && read == end;
    return isWhole ? std::optional(value) : std::nullopt;
}

/// "a, b, c and 12 more"
std::string named(const std::vector<std::string>& texts)
{
    const std::size_t shown = std::min(texts.size(), kMostNamed);
    const std::string all = join(
        std::vector<std::string>(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(shown)),
        ", ");
    return shown == texts.size() ? all
                                 : all + " and " + std::to_string(texts.size() - shown) + " more";
}

/// As Transformers calls classes that nobody named.
bool isUnnamed(const std::vector<std::string>& classes)
{
    for (std::size_t i = 0; i < classes.size(); ++i) {
        if (classes[i] != "LABEL_" + std::to_string(i))
            return false;
    }
    return true;
}

std::string textOf(const Json& item)
{
    if (item.is_string())
        return item.get<std::string>();
    if (!item.is_number() && !item.is_boolean())
        throw Error("A list holds something that is neither a text nor a number.",
                    "Lists look like [\"B-PER\", \"O\"] or [1, 0].");
    return item.dump();
}

void checkCount(std::int64_t classes)
{
    if (classes > kMostClasses)
        throw Error("There are " + groupedDigits(classes) + " different labels.",
                    "Is this column really the label? Choose another, or an objective that learns "
                    "numbers.");
}

} // namespace

std::int64_t LabelList::numberOf(const std::string& label) const
{
    const std::string wanted = trimmed(label);
    const auto it = std::ranges::find(classes, wanted);
    if (it != classes.end())
        return it - classes.begin();
    const std::optional<std::int64_t> number = wholeNumberIn(wanted);
    const bool areNamed = std::ranges::none_of(
        classes, [](const auto& name) { return wholeNumberIn(name).has_value(); });
    if (areNamed && number && *number >= 0 && *number < static_cast<std::int64_t>(classes.size()))
        return *number;
    if (wanted.empty())
        throw Error("The row has no label.", "Fill it in, or leave the row out.");
    throw Error("The label \"" + wanted + "\" is not known.",
                "Known: " + named(classes) + ". Mend it, or train a head that has it.");
}

std::vector<double> LabelList::valuesOf(const std::string& cell) const
{
    if (!areNumbers)
        return {static_cast<double>(numberOf(cell))};
    std::vector<double> values;
    for (const std::string& text : listedTexts(cell)) {
        const std::optional<double> value = numberIn(text);
        if (!value)
            throw Error("The label \"" + text + "\" is no number.",
                        "Give a number such as 3.5, or choose an objective that learns classes.");
        values.push_back(*value);
    }
    if (values.empty())
        throw Error("The row has no label.", "Fill it in, or leave the row out.");
    const std::size_t wanted = std::max<std::size_t>(classes.size(), 1);
    if (values.size() != wanted)
        throw Error("The row has " + std::to_string(values.size()) + " labels, the first row "
                        + std::to_string(wanted) + ".",
                    "Each row needs as many numbers.");
    return values;
}

std::vector<std::string> blankParted(const std::string& text)
{
    std::vector<std::string> found;
    std::string word;
    for (const char c : text + " ") {
        const bool isBlank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!isBlank)
            word += c;
        else if (!word.empty())
            found.push_back(std::exchange(word, {}));
    }
    return found;
}

std::vector<std::string> listedTexts(const std::string& cell)
{
    const std::string text = trimmed(cell);
    if (!text.starts_with('['))
        return blankParted(text);
    const Json json = parseJson(text, "the list");
    std::vector<std::string> texts;
    for (const Json& item : json)
        texts.push_back(textOf(item));
    return texts;
}

std::vector<std::string> distinctLabels(const std::vector<std::string>& labels)
{
    std::vector<std::string> distinct;
    for (const std::string& label : labels) {
        if (std::string text = trimmed(label); !text.empty())
            distinct.push_back(std::move(text));
    }
    std::ranges::sort(distinct, [](const std::string& a, const std::string& b) {
        const auto x = numberIn(a);
        const auto y = numberIn(b);
        if (x.has_value() != y.has_value())
            return x.has_value();
        return x && *x != *y ? *x < *y : a < b;
    });
    const auto repeated = std::ranges::unique(distinct);
    distinct.erase(repeated.begin(), repeated.end());
    return distinct;
}

bool areNumbers(const std::vector<std::string>& labels)
{
    return std::ranges::all_of(labels,
                               [](const auto& label) { return numberIn(label).has_value(); });
}

bool areWholeNumbers(const std::vector<std::string>& labels)
{
    return std::ranges::all_of(labels,
                               [](const auto& label) { return wholeNumberIn(label).has_value(); });
}

LabelList classesFor(const std::vector<std::string>& distinct,
                     const std::vector<std::string>& ofModel)
{
    checkCount(static_cast<std::int64_t>(distinct.size()));
    if (ofModel.empty())
        return {distinct, false};
    const LabelList own {ofModel, false};
    for (const std::string& label : distinct) {
        try {
            own.numberOf(label);
        } catch (const Error&) {
            if (isUnnamed(ofModel) && distinct.size() == ofModel.size())
                return {distinct, false};
            throw Error(
                "The model's head does not have the label \"" + label + "\".",
                "It tells apart: " + named(ofModel)
                    + ". Rename the labels, begin with a new head (a setting of the objective), "
                      "or choose a model without one.");
        }
    }
    return own;
}

LabelList numbersLike(const std::vector<std::string>& cells)
{
    const auto filled =
        std::ranges::find_if(cells, [](const auto& cell) { return !trimmed(cell).empty(); });
    LabelList numbers;
    numbers.areNumbers = true;
    const std::size_t count = filled == cells.end() ? 1 : listedTexts(*filled).size();
    checkCount(static_cast<std::int64_t>(count));
    for (std::size_t i = 0; i < count && count > 1; ++i)
        numbers.classes.push_back("LABEL_" + std::to_string(i)); // as Transformers counts them
    return numbers;
}

LabelList numberedClasses(const std::vector<std::string>& distinct)
{
    LabelList all;
    const std::int64_t highest =
        distinct.empty() ? -1 : wholeNumberIn(distinct.back()).value_or(kMostClasses);
    checkCount(highest);
    for (std::int64_t i = 0; i <= highest; ++i)
        all.classes.push_back(std::to_string(i));
    return all;
}

} // namespace tw
