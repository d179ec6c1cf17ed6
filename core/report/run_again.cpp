// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

/// The document twice: to be read, and for programs that open the page.
std::string documentOf(const ReportExperiment& experiment, const std::string& id)
{
    const std::string name =
        experiment.name.empty() ? std::string() : " of " + html::escaped(experiment.name);
    return "<details><summary>Experiment document" + name + "</summary><pre>"
        + html::escaped(experiment.document)
        + "</pre></details>\n<script type=\"application/json\" id=\"" + id + "\">"
        + html::escapedJson(experiment.document) + "</script>\n";
}

std::string body(const ReportInput& input)
{
    std::string out;
    if (!input.runCommand.empty())
        out += "<div class=\"again\"><b>To run it again</b> &nbsp; <code>"
            + html::escaped(input.runCommand) + "</code></div>\n";
    if (!input.experiments.empty())
        out += "<p>Save a document as a file and run it, with the model and the data that it "
               "names in place: no other setting influences the result.</p>";
    for (std::size_t i = 0; i < input.experiments.size(); ++i)
        out += documentOf(input.experiments[i],
                          "experiment" + (i == 0 ? std::string() : "-" + std::to_string(i + 1)));
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
