// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/project.h"
#include "core/workbench/values.h"

#include <QWidget>

#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace tw {

class ChoiceBox;
class Session;

/// Two models side by side in a page's head: A, the base, and B, a run, a checkpoint, an adapter or
/// another model.
class PairChooser final : public QWidget
{
    Q_OBJECT

public:
    struct Tuned
    {
        ModelRef ref;
        QString name; ///< "run 12, step 400"
        std::int64_t run = 0; ///< 0: of no run
        bool isNewest = false; ///< the run's newest adapter: what results are kept for

        bool operator==(const Tuned&) const = default;
    };

    explicit PairChooser(Session& session, QWidget* parent = nullptr);
    /// Reads the project again; keeps what is chosen where it still exists.
    void refresh();
    void chooseRun(std::int64_t run);
    bool isEmpty() const { return m_tuned.empty(); }
    ModelRef base() const;
    QString baseName() const;
    std::optional<Tuned> tuned() const;

Q_SIGNALS:
    void changed();

private:
    using Choices = std::vector<std::pair<QString, QString>>; ///< words and id

    static void fill(ChoiceBox& box, const Choices& choices);
    static void addChoice(Choices& choices, const QString& words, const QString& id);
    static bool isUnderWay(const RunSummary& run);
    void readRuns(const Project& project);
    void addRuns(Choices& a, Choices& b, std::map<QString, Tuned>& tuned) const;
    static void
    addFiles(const Project& project, Choices& a, Choices& b, std::map<QString, Tuned>& tuned);
    void followRun();

    Session& m_session;
    ChoiceBox* m_a;
    ChoiceBox* m_b;
    std::map<QString, Tuned> m_tuned; ///< by the choice's id
    struct Known
    {
        std::string created;
        std::string model; ///< path, from the run's document
        RunState state = RunState::Queued;
        std::int64_t step = -1;
        std::vector<Checkpoint> checkpoints;
    };
    struct
    {
        std::filesystem::path project;
        std::map<std::int64_t, Known> runs;
        std::vector<RunSummary> summaries;
    } m_known;
};

} // namespace tw
