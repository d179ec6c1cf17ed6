// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

std::string body(const ReportInput& input)
{
    std::string out;
    for (const ReportSource& source : input.sources) {
        out += "<div class=\"source\"><h3>" + html::escaped(source.name) + " <small>"
            + html::escaped(source.role) + "</small></h3>";
        std::vector<std::pair<std::string, std::string>> facts = source.facts;
        if (!source.path.empty())
            out += "<p><code>" + html::escaped(source.path) + "</code></p>";
        if (!source.fingerprint.empty())
            out += "<p><small>SHA-256</small> <code>" + html::escaped(source.fingerprint)
                + "</code></p>";
        out += facts.empty() ? std::string("</div>\n") : html::facts(facts) + "</div>\n";
    }
    return out;
}

} // namespace

void registerSources(Registry<ReportSection>& registry)
{
    registry.add({"sources", QT_TRANSLATE_NOOP("report", "Models and data"),
                  QT_TRANSLATE_NOOP("report", "What the results rest on, with fingerprints."),
                  body});
}

} // namespace tw
