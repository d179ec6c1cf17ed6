// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/method_step.h"

#include "app/gui/file_dialog.h"
#include "app/gui/pages/tune/design_view.h"
#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/pages/tune/method_cards.h"
#include "app/gui/pages/tune/method_settings.h"
#include "app/gui/pages/tune/presets.h"
#include "app/gui/pages/tune/site_designer.h"
#include "app/gui/pages/tune/step_card.h"
#include "widgets/basic/button.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {

MethodStep::MethodStep(DraftEditor& editor, StepCard& card)
    : QObject(&card)
    , m_editor(editor)
    , m_cards(new MethodCards(&card))
    , m_designer(new SiteDesigner(&card))
{
    card.addTool(m_cards->tools());
    card.body()->addWidget(m_cards);
    card.body()->addWidget(makeLine(Qt::Horizontal, &card));
    card.body()->addWidget(makePresetRow());
    card.body()->addWidget(m_designer);
    connect(m_cards, &MethodCards::chosen, this,
            [this](const QString& method) { chooseMethod(method.toStdString()); });
    connect(&m_designer->grid(), &SiteGrid::edited, this, &MethodStep::attach);
    connect(&m_designer->grid(), &SiteGrid::ownerAsked, this, [this](int owner) {
        takeInHand(
            {m_editor.draft().adaptations.at(static_cast<std::size_t>(owner)).method, owner});
    });
    connect(m_designer, &SiteDesigner::siteClicked, this, [this](int row) {
        SiteGrid& grid = m_designer->grid();
        const SiteGridRow& at = grid.value().rows.at(static_cast<std::size_t>(row));
        const int layer = at.isWhole ? 0 : grid.currentLayer();
        const OwnerSet owners = at.owners.at(static_cast<std::size_t>(layer));
        if (at.isAllowed)
            attach({{row, layer}}, (owners & ownerBit(m_hand.adaptation)) == 0);
        else if (const std::vector<int> there = ownersIn(owners); !there.empty())
            Q_EMIT grid.ownerAsked(there.front());
    });
    connect(m_designer, &SiteDesigner::usualAsked, this, &MethodStep::useUsual);
    connectSettings();
}

void MethodStep::connectSettings()
{
    MethodSettings* settings = &m_designer->settings();
    connect(settings, &MethodSettings::handAsked, this, [this](int adaptation) {
        const auto at = static_cast<std::size_t>(adaptation);
        takeInHand({m_editor.draft().adaptations.at(at).method, adaptation});
    });
    connect(settings, &MethodSettings::removeAsked, this, &MethodStep::remove);
    connect(settings, &MethodSettings::aloneAsked, this, [this] { useHand(true); });
    connect(settings, &MethodSettings::besideAsked, this, [this] { useHand(false); });
    connect(settings, &MethodSettings::anotherAsked, this,
            [this] { takeInHand({m_hand.method, -1}); });
    connect(settings, &MethodSettings::helpAsked, this, &MethodStep::helpAsked);
    connect(settings, &MethodSettings::edited, this, &MethodStep::changeSetting);
    const auto begin = [this](const std::string& from) {
        m_editor.edit(tr("Change where a method begins"), {}, [&](Experiment& e) {
            e.adaptations.at(static_cast<std::size_t>(m_hand.adaptation)).from = from;
        });
    };
    connect(settings, &MethodSettings::startAsked, this,
            [begin](const QString& from) { begin(from.toStdString()); });
    connect(settings, &MethodSettings::startFolderAsked, this, [this, begin] {
        showSettings(); // nothing is chosen yet
        auto* dialog = new QFileDialog(m_designer->window(), tr("Choose an adapter"));
        dialog->setFileMode(QFileDialog::Directory);
        ask(dialog, this, [begin](const QString& folder) { begin(folder.toStdString()); });
    });
    connect(settings, &MethodSettings::rateEdited, this, [this, settings] {
        const QString key = QStringLiteral("adaptations[%1].rate").arg(m_hand.adaptation);
        m_editor.edit(tr("Change a learning rate"), key, [this, settings](Experiment& e) {
            e.adaptations.at(static_cast<std::size_t>(m_hand.adaptation)).rate = settings->rate();
        });
    });
}

QWidget* MethodStep::makePresetRow()
{
    auto* room = new QWidget;
    auto* row = new QHBoxLayout(room);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(8));
    row->addWidget(new TextLabel(tr("Presets"), TextType::Table, TextInk::Ink2));
    m_presetRoom = new QWidget(room);
    m_presetRow = new QHBoxLayout(m_presetRoom);
    m_presetRow->setContentsMargins(0, 0, 0, 0);
    m_presetRow->setSpacing(px(8));
    row->addWidget(m_presetRoom);
    auto* hint = (new TextLabel(TextType::Caption, TextInk::Ink3))->elided();
    hint->setFullText(tr("Click or drag. Shift: row, Ctrl: column"));
    hint->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row->addWidget(hint, 1);
    return room;
}

void MethodStep::setMethods(const std::vector<PluginInfo>& adaptations)
{
    m_methods = adaptations;
    m_cards->setMethods(adaptations);
    setModel(m_model);
}

void MethodStep::setModel(const ModelSummary& model)
{
    m_model = model;
    m_design = Design(model, m_methods);
    show();
}

void MethodStep::setUsualTrained(const std::map<std::string, std::int64_t>& trained)
{
    m_cards->setTrained(trained);
}

void MethodStep::showSettings()
{
    SettingsValue value {m_design, m_editor.draft(), m_hand, m_problems, m_trained, {}};
    const std::vector<Stage>& stages = m_editor.whole().stages;
    for (int i = 0; i < m_editor.stage(); ++i)
        value.earlier.push_back(stages[static_cast<std::size_t>(i)].name);
    m_designer->settings().show(value);
}

void MethodStep::setPlan(const Plan& plan)
{
    if (plan.trainedByAdaptation == m_trained)
        return;
    m_trained = plan.trainedByAdaptation;
    showSettings();
}

/// Undo, redo and other documents leave nothing in hand that is not there.
void MethodStep::settleHand()
{
    const std::vector<AdaptationChoice>& all = m_editor.draft().adaptations;
    const int count = static_cast<int>(all.size());
    if (m_hand.adaptation >= 0
        && (m_hand.adaptation >= count
            || all[static_cast<std::size_t>(m_hand.adaptation)].method != m_hand.method)) {
        const auto same = std::find_if(all.begin(), all.end(), [&](const AdaptationChoice& choice) {
            return choice.method == m_hand.method;
        });
        m_hand.adaptation = same == all.end() ? -1 : static_cast<int>(same - all.begin());
        if (same == all.end())
            m_hand.method.clear();
    }
    if (m_hand.method.empty() && count > 0)
        m_hand = {all.front().method, 0};
}

void MethodStep::show()
{
    settleHand();
    const Experiment& draft = m_editor.draft();
    const std::vector<DesignProblem> problems = designProblems(m_problems);
    const SiteGridValue grid = gridValue(m_design, draft, m_hand, problems);
    m_designer->show(grid, m_design, m_model.block);
    m_designer->setProblems(problems, grid);
    showSettings();
    std::vector<std::string> used;
    for (const AdaptationChoice& choice : draft.adaptations)
        used.push_back(choice.method);
    m_cards->setUse(used, grid.owners);
    m_cards->setInHand(m_hand.method);
    showPresets();
}

void MethodStep::showPresets()
{
    const std::vector<Preset> presets = presetsFor(m_design);
    const std::vector<AdaptationChoice>& now = m_editor.draft().adaptations;
    while (m_presetRow->count() > static_cast<int>(presets.size())) {
        QLayoutItem* item = m_presetRow->takeAt(m_presetRow->count() - 1);
        item->widget()->deleteLater();
        delete item;
    }
    for (int i = 0; i < static_cast<int>(presets.size()); ++i) {
        if (i >= m_presetRow->count()) {
            QPushButton* chip = makeButton({}, ButtonKind::Chip);
            connect(chip, &QPushButton::clicked, this, [this, i] {
                const Preset preset = presetsFor(m_design).at(static_cast<std::size_t>(i));
                m_editor.edit(tr("Preset: %1").arg(preset.title), {}, [&](Experiment& e) {
                    e.adaptations = choicesOf(preset, m_design, e.adaptations);
                });
                takeInHand({m_editor.draft().adaptations.front().method, 0});
            });
            m_presetRow->addWidget(chip);
            chip->show(); // a layout would do so later
        }
        auto* chip = qobject_cast<QPushButton*>(m_presetRow->itemAt(i)->widget());
        const Preset& preset = presets[static_cast<std::size_t>(i)];
        chip->setText(preset.title);
        chip->setToolTip(preset.help);
        chip->setChecked(isSameDesign(choicesOf(preset, m_design, now), now, m_design));
    }
}

void MethodStep::setProblems(const Problems& problems)
{
    if (problems == m_problems)
        return;
    m_problems = problems;
    show();
}

QString MethodStep::inWords() const
{
    return designInWords(m_design, m_editor.draft());
}

void MethodStep::takeInHand(const Hand& hand)
{
    m_hand = hand;
    show();
}

void MethodStep::chooseMethod(const std::string& method)
{
    const std::vector<AdaptationChoice>& all = m_editor.draft().adaptations;
    const auto known = std::find_if(all.begin(), all.end(), [&](const AdaptationChoice& choice) {
        return choice.method == method;
    });
    takeInHand({method, known == all.end() ? -1 : static_cast<int>(known - all.begin())});
}

void MethodStep::attach(const std::vector<SiteGrid::Cell>& cells, bool isOn)
{
    std::vector<DesignPlace> places;
    for (const SiteGrid::Cell cell : cells)
        places.push_back({cell.row, cell.layer});
    const DesignRow& first = m_design.rows().at(static_cast<std::size_t>(places.front().row));
    if (!m_design.canSit(m_hand.method, first)) // room for virtual tokens
        chooseMethod(m_design.firstFor(first));
    const QString title = methodTitle(m_design, m_hand.method);
    if (!isOn)
        return m_editor.edit(tr("Detach %1").arg(title), {},
                             [&](Experiment& e) { m_design.detach(e, m_hand.adaptation, places); });
    // Set before the page hears of the change.
    m_editor.edit(tr("Attach %1").arg(title), {},
                  [&](Experiment& e) { m_hand.adaptation = m_design.attach(e, m_hand, places); });
}

void MethodStep::useHand(bool isAlone)
{
    const QString title = methodTitle(m_design, m_hand.method);
    const DesignFlags usual = m_design.usual(m_hand.method);
    if (isAlone) {
        m_editor.edit(tr("Use %1 alone").arg(title), {}, [&](Experiment& e) {
            e.adaptations = {m_design.choice(m_hand.method, usual)};
            m_hand.adaptation = 0;
        });
        return;
    }
    std::vector<DesignPlace> places;
    for (std::size_t row = 0; row < usual.size(); ++row) {
        for (std::size_t layer = 0; layer < usual[row].size(); ++layer) {
            if (usual[row][layer])
                places.push_back({static_cast<int>(row), static_cast<int>(layer)});
        }
    }
    m_editor.edit(tr("Add %1").arg(title), {},
                  [&](Experiment& e) { m_hand.adaptation = m_design.attach(e, m_hand, places); });
}

void MethodStep::remove(int adaptation)
{
    const auto at = static_cast<std::size_t>(adaptation);
    const QString title = methodTitle(m_design, m_editor.draft().adaptations.at(at).method);
    m_editor.edit(tr("Remove %1").arg(title), {}, [&](Experiment& e) {
        e.adaptations.erase(e.adaptations.begin() + adaptation);
        const int next = std::min(adaptation, static_cast<int>(e.adaptations.size()) - 1);
        m_hand =
            next < 0 ? Hand() : Hand {e.adaptations[static_cast<std::size_t>(next)].method, next};
    });
}

void MethodStep::useUsual(int adaptation)
{
    m_editor.edit(tr("Use the usual sites"), {}, [&](Experiment& e) {
        AdaptationChoice& choice = e.adaptations.at(static_cast<std::size_t>(adaptation));
        choice.sites = m_design.choice(choice.method, m_design.usual(choice.method)).sites;
    });
}

void MethodStep::changeSetting(const QString& setting)
{
    const QString key = QStringLiteral("adaptations[%1].%2").arg(m_hand.adaptation).arg(setting);
    m_editor.edit(tr("Change a setting"), key, [this](Experiment& e) {
        e.adaptations.at(static_cast<std::size_t>(m_hand.adaptation)).settings =
            m_designer->settings().values();
    });
}

} // namespace tw
