// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/project.h"
#include "core/workbench/values.h"

#include <QWidget>

#include <map>
#include <optional>

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
    void addRuns(const Project& project);
    void addFiles(const Project& project);
    void followRun();

    Session& m_session;
    ChoiceBox* m_a;
    ChoiceBox* m_b;
    std::map<QString, Tuned> m_tuned; ///< by the choice's id
};

} // namespace tw
