// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/pages/tune/design.h"
#include "app/gui/pages/tune/design_problems.h"

#include <QWidget>

#include <cstdint>

class QPushButton;

namespace tw {

class ChoiceBox;
class MethodTabs;
class ParamForm;
class TextLabel;

/// What the settings column shows.
struct SettingsValue
{
    const Design& design;
    const Experiment& experiment;
    const Hand& hand;
    const Problems& problems;
    const std::vector<std::int64_t>& trained; ///< parameters by adaptation; may be shorter
    std::vector<std::string> earlier = {}; ///< names of the stages whose results are there by then
};

/// The methods of the experiment, and the settings of the one in hand: its form, or how it gets
/// into the experiment.
class MethodSettings final : public QWidget
{
    Q_OBJECT

public:
    explicit MethodSettings(QWidget* parent = nullptr);
    void show(const SettingsValue& value);
    const ParamValues& values() const; ///< of the method's settings
    double rate() const; ///< learning rate of the method in hand, as a multiple of the run's

Q_SIGNALS:
    void handAsked(int adaptation);
    void removeAsked(int adaptation);
    void aloneAsked(); ///< the method in hand instead of all others
    void besideAsked(); ///< the method in hand on its usual sites, beside the others
    void anotherAsked(); ///< the method in hand once more, with settings of its own
    void helpAsked(const QString& method);
    void edited(const QString& setting);
    void rateEdited();
    /// To begin afresh (empty), or from the result of a stage ("stage:NAME").
    void startAsked(const QString& from);
    void startFolderAsked(); ///< to begin from an adapter that the person looks for

private:
    void makeEntry();
    void makeStart();
    void showTabs(const SettingsValue& value);
    void showForm(const SettingsValue& value);
    void showStart(const SettingsValue& value, const std::string& from);

    MethodTabs* m_tabs = nullptr;
    QWidget* m_entry = nullptr;
    TextLabel* m_entryWords = nullptr;
    TextLabel* m_stored = nullptr; ///< of a method that goes on from an adapter
    QWidget* m_startRow = nullptr;
    ChoiceBox* m_start = nullptr;
    ParamForm* m_form = nullptr;
    ParamForm* m_rate = nullptr;
    QPushButton* m_another = nullptr;
    QPushButton* m_help = nullptr;
    std::string m_shown; ///< method of the form
    std::string m_hand;
};

} // namespace tw
