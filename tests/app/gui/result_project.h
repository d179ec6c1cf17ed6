// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gui/session.h"
#include "core/store/project_file.h"
#include "core/store/run_log.h"

#include <QCoreApplication>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <cmath>
#include <string>

/// The project that the tests of what a run left behind look at.
namespace tw {

inline Experiment experimentNamed(const std::string& name, std::int64_t rank)
{
    Experiment experiment;
    experiment.name = name;
    experiment.model = "/models/tiny";
    experiment.train.path = "/data/answers.csv";
    experiment.steps = 4;
    experiment.adaptations[0].settings["rank"] = rank;
    return experiment;
}

/// Two blocks of two modules; mlp.down of block 1 moved and has one intruder (best match 0.3).
inline XrayResult xrayOf(const std::string& adapter)
{
    XrayResult result;
    result.base = {"/models/tiny", ""};
    result.tuned = {"/models/tiny", adapter};
    result.layers = 2;
    result.sites = {"attn.q", "mlp.down"};
    for (const std::string& site : result.sites) {
        for (std::int64_t layer = 0; layer < 2; ++layer) {
            const bool isLoud = site == "mlp.down" && layer == 1;
            XrayCell cell;
            cell.site = site;
            cell.layer = layer;
            cell.rows = cell.columns = 4;
            cell.baseNorm = 10.0;
            cell.changeNorm = isLoud ? 0.3 : 0.1;
            cell.effectiveRank = 1.0;
            cell.changeValues = {cell.changeNorm};
            cell.baseValues = {3.0, 2.0};
            cell.tunedValues = {3.1, 2.1};
            cell.bestMatch = {0.9, isLoud ? 0.3 : 0.8};
            cell.bestMatchIndex = {0, 1};
            cell.similaritySize = 2;
            cell.similarity = {0.9, 0.1, 0.1, isLoud ? 0.3 : 0.8};
            result.cells.push_back(cell);
        }
    }
    return result;
}

inline ContrastToken tokenOf(const std::string& text, double contrast)
{
    ContrastToken token;
    token.text = text;
    token.contrast = contrast;
    token.logTuned = -0.5;
    token.logBase = token.logTuned - contrast;
    return token;
}

/// A project with one finished run (X-rayed, with texts), one that failed, and one that waits.
inline void makeProject(const QString& folder)
{
    const auto project = Project::create(folder.toStdString(), "Support bot");
    const auto file = ProjectFile::open(folder.toStdString());
    const std::int64_t finished = project->addRun(experimentNamed("rank 8", 8));
    RunLog log(file, finished);
    log.begin(0);
    for (int step = 0; step <= 4; ++step) {
        if (step > 0)
            log.metric(step, "loss", 3.0 - 0.25 * step);
        log.metric(step, "heldOut.loss", 3.0 - 0.125 * step);
        log.metric(step, "general.loss", 2.5 + 0.01 * step);
        log.progress(step, step * 0.5);
    }
    log.sample(0, "Can I return boots?", "Yes.", "Boots are shoes.");
    log.sample(4, "Can I return boots?", "Yes.", "Yes, within 30 days.");
    const std::string adapter = (file->runFolder(finished) / "adapter").string();
    log.setAdapter(adapter);
    log.setState(RunState::Finished);
    project->addXray(finished, xrayOf(adapter));
    ContrastSample text;
    text.tokens = {tokenOf("Yes", 1.0), tokenOf(" prepaid", 2.0), tokenOf(" prepaid", 1.0)};
    project->addContrastSamples(finished, {text});

    const std::int64_t failed = project->addRun(experimentNamed("rank 16", 16));
    RunLog second(file, failed);
    second.begin(0);
    second.metric(1, "loss", std::nan(""));
    second.progress(1, 0.5);
    second.setState(RunState::Failed,
                    "Stopped at step 1: the loss became NaN.\nTry a learning rate of 2e-5.");
    project->addRun(experimentNamed("waiting", 4));
}

/// The project of makeProject() in a folder of its own, open in a session.
struct OpenResults
{
    QTemporaryDir folder;
    Session session;

    OpenResults()
    {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("tunewright-tests"));
        const QString place = folder.filePath(QStringLiteral("project"));
        makeProject(place);
        session.openProject(place);
    }
};

} // namespace tw
