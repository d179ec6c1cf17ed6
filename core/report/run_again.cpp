// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

std::string body(const ReportInput& input)
{
    std::string out;
    if (!input.runCommand.empty())
        out += "<div class=\"again\"><b>To run it again</b> &nbsp; <code>"
            + html::escaped(input.runCommand) + "</code></div>\n";
    if (!input.experiment.empty())
        out += "<p>Save this document as a file and run it, with the model and the data that it "
               "names in place: no other setting influences the "
               "result.</p><details><summary>Experiment "
               "document</summary><pre>"
            + html::escaped(input.experiment)
            + "</pre></details>\n<script type=\"application/json\" id=\"experiment\">"
            + html::escapedJson(input.experiment) + "</script>\n";
    if (!input.versions.empty())
        out += "<h3>Versions</h3>" + html::facts(input.versions);
    return out;
}

} // namespace

void registerRunAgain(Registry<ReportSection>& registry)
{
    registry.add(
        {"run-again", QT_TRANSLATE_NOOP("report", "How to run it again"),
         QT_TRANSLATE_NOOP("report", "The experiment document, the command and the versions."),
         body});
}

} // namespace tw
