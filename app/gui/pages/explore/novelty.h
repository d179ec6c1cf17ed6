// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/job_watcher.h"
#include "app/gui/pages/pair_chooser.h"
#include "core/workbench/values.h"
#include "widgets/shade/shaded_list.h"

#include <QWidget>

#include <memory>
#include <vector>

class QLineEdit;
class QSlider;
class QSpinBox;
class QStackedWidget;
class QVBoxLayout;

namespace tw {

class ChangeLegend;
class FactList;
class Meter;
class Panel;
class Session;
class TextLabel;

/// "What is new in it?": texts that B finds likely and A does not, written without any training
/// data.
class Novelty final : public QWidget
{
    Q_OBJECT

public:
    explicit Novelty(Session& session, QWidget* parent = nullptr);
    void setPair(const ModelRef& base, const PairChooser::Tuned& tuned);
    void start();
    void stop(); ///< what was written so far is kept
    bool isRunning() const { return m_job.isRunning(); }
    const std::vector<ContrastSample>& samples() const { return m_samples; }

Q_SIGNALS:
    void stateChanged();
    void failed(const QString& what, const QString& hint);

private:
    QWidget* makeTexts();
    QWidget* makeSide();
    QSlider* addSlider(QVBoxLayout& column,
                       const QString& label,
                       int lowest,
                       int highest,
                       int value,
                       const QString& tip);
    ContrastOptions options() const;
    void take(const std::vector<ContrastSample>& fresh);
    void keep();
    void show();

    Session& m_session;
    ModelRef m_base;
    PairChooser::Tuned m_tuned;
    std::shared_ptr<Project> m_project; ///< the one that the pair and its texts are of
    std::vector<ContrastSample> m_samples;
    bool m_isOtherQuestion = false; ///< the list still shows the texts of an earlier one
    std::size_t m_kept = 0; ///< so many of them are in the project
    std::size_t m_wanted = 0;
    LatestJob m_job;
    Panel* m_panel = nullptr;
    ChangeLegend* m_legend = nullptr;
    QStackedWidget* m_stack = nullptr;
    ShadedList* m_list = nullptr;
    QWidget* m_progress = nullptr;
    Meter* m_meter = nullptr;
    TextLabel* m_words = nullptr;
    FactList* m_most = nullptr;
    QSlider* m_strength = nullptr;
    QSlider* m_likely = nullptr;
    QSpinBox* m_texts = nullptr;
    QSpinBox* m_length = nullptr;
    QSpinBox* m_seed = nullptr;
    QLineEdit* m_prefix = nullptr;
};

/// The tokens that B wants most over A, on average over at least two places; the strongest first.
struct WantedToken
{
    QString text;
    double mean = 0.0; ///< nats
    int count = 0;

    bool operator==(const WantedToken&) const = default;
};
std::vector<WantedToken> wantedMost(const std::vector<ContrastSample>& samples, std::size_t most);
ShadedRow shadedRow(const ContrastSample& sample);

} // namespace tw
