// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/job_watcher.h"
#include "app/gui/pages/pair_chooser.h"
#include "core/workbench/values.h"

#include <QWidget>

class QCheckBox;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace tw {

class Panel;
class SegmentedChoice;
class Session;

/// The same question to A and to B, with the same settings and seed; the answers grow as they are
/// written.
class SideBySide final : public QWidget
{
    Q_OBJECT

public:
    explicit SideBySide(Session& session, QWidget* parent = nullptr);
    void setPair(const ModelRef& base, const QString& baseName, const PairChooser::Tuned& tuned);
    /// What the run wrote before and after its training: shown until somebody asks. Where the pair
    /// is not that of the run, only the question is offered.
    void setSamples(const std::vector<RunSample>& samples, bool arePairs);
    void start();
    void stop();
    bool isRunning() const { return m_a.job.isRunning() || m_b.job.isRunning(); }

Q_SIGNALS:
    void stateChanged();
    void failed(const QString& what, const QString& hint);

private:
    struct Side
    {
        Panel* panel = nullptr;
        QPlainTextEdit* text = nullptr;
        LatestJob job;
    };
    QWidget* makeAnswers();
    QWidget* makeSettings();
    void ask(Side& side, const ModelRef& model);
    void append(Side& side, const std::vector<std::string>& parts);
    GenerateOptions options() const;

    Session& m_session;
    ModelRef m_base;
    ModelRef m_tuned;
    Side m_a;
    Side m_b;
    QPlainTextEdit* m_prompt = nullptr;
    QLineEdit* m_system = nullptr;
    QSpinBox* m_length = nullptr;
    QSpinBox* m_seed = nullptr;
    SegmentedChoice* m_way = nullptr;
    QCheckBox* m_isChat = nullptr;
};

} // namespace tw
