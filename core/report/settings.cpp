// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

std::string row(const ReportSetting& setting)
{
    const bool differs = !setting.defaultValue.empty() && setting.defaultValue != setting.value;
    return "<div><dt>" + html::escaped(setting.label) + "</dt><dd>"
        + (differs ? "<del>" + html::escaped(setting.defaultValue) + "</del> <b>"
                   + html::escaped(setting.value) + "</b>"
                   : html::escaped(setting.value))
        + "</dd></div>\n";
}

std::string body(const ReportInput& input)
{
    std::string out;
    for (std::size_t i = 0; i < input.settings.size(); ++i) {
        const std::string& group = input.settings[i].group;
        if (i == 0 || group != input.settings[i - 1].group)
            out += (i == 0 ? "" : "</dl>\n") + ("<h3>" + html::escaped(group))
                + "</h3><dl class=\"facts\">\n";
        out += row(input.settings[i]);
    }
    return out.empty() ? out : out + "</dl>\n";
}

} // namespace

void registerSettings(Registry<ReportSection>& registry)
{
    registry.add(
        {"settings", QT_TRANSLATE_NOOP("report", "Settings"),
         QT_TRANSLATE_NOOP(
             "report",
             "Every value that influences the result; what differs from the defaults is marked."),
         body});
}

} // namespace tw
