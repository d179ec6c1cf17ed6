// SPDX-License-Identifier: Apache-2.0
#include "core/report/drawing.h"
#include "core/report/palette.h"

#include <cmath>

namespace tw {
namespace {

constexpr double kRange = 3.0; // nats at which the colour is full
constexpr double kUnshaded = 0.35;

/// Line ends are seen as well as made.
std::string visible(const std::string& text)
{
    std::string out;
    for (const char c : html::escaped(text))
        out += c == '\n' ? std::string("↵\n") : std::string(1, c);
    return out;
}

} // namespace

std::string shadedText(const ShadedText& text)
{
    std::string out = "<p class=\"shaded\">";
    for (const ShadedText::Span& span : text.spans) {
        if (std::abs(span.weight) < kUnshaded) {
            out += visible(span.text);
            continue;
        }
        out += "<span class=\"d" + std::to_string(palette::changeStep(span.weight, kRange))
            + "\" title=\"" + (span.weight > 0 ? "+" : "") + html::number(span.weight, 2) + "\">"
            + visible(span.text) + "</span>";
    }
    return out + "</p>\n";
}

std::string shadeLegend(const std::string& left, const std::string& right)
{
    std::string out = "<p class=\"legend\"><span>" + html::escaped(left)
        + "</span><span class=\"scale\" aria-hidden=\"true\">";
    for (int step = 0; step < palette::kChangeSteps; step += 2)
        out += "<i class=\"d" + std::to_string(step) + "\"></i>";
    return out + "</span><span>" + html::escaped(right) + "</span></p>\n";
}

} // namespace tw
