// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/layer_range.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>

namespace tw {
namespace {

int numberIn(const std::string& text, int fallback)
{
    int value = fallback;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

std::vector<bool> layersFrom(const std::string& text, int layers)
{
    std::vector<bool> isOn(static_cast<std::size_t>(std::max(0, layers)), false);
    for (const std::string& part : split(text, ',')) {
        const std::string range = trimmed(part);
        if (range.empty())
            continue;
        const auto dash = range.find('-');
        const int first = numberIn(range, 0);
        const int last =
            dash == std::string::npos ? first : numberIn(trimmed(range.substr(dash + 1)), first);
        for (int layer = std::max(0, first); layer <= std::min(last, layers - 1); ++layer)
            isOn[static_cast<std::size_t>(layer)] = true;
    }
    return isOn;
}

std::string layersText(const std::vector<bool>& isOn)
{
    std::string text;
    for (std::size_t at = 0; at < isOn.size(); ++at) {
        if (!isOn[at])
            continue;
        const std::size_t first = at;
        while (at + 1 < isOn.size() && isOn[at + 1])
            ++at;
        text += (text.empty() ? "" : ",") + std::to_string(first);
        if (at > first)
            text += "-" + std::to_string(at);
    }
    return text;
}

} // namespace tw
