// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/method_step.h"

#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/pages/tune/layer_range.h"
#include "app/gui/pages/tune/method_card.h"
#include "app/gui/pages/tune/step_card.h"
#include "widgets/basic/button.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/segmented_choice.h"
#include "widgets/basic/text_label.h"
#include "widgets/form/param_form.h"
#include "widgets/grid/block_drawing.h"
#include "widgets/theme/icon.h"

#include <QButtonGroup>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace tw {
namespace {

const AdaptationChoice& choiceOf(const Experiment& experiment)
{
    static const AdaptationChoice none;
    return experiment.adaptations.empty() ? none : experiment.adaptations.front();
}

AdaptationChoice& choiceOf(Experiment& experiment)
{
    if (experiment.adaptations.empty())
        experiment.adaptations.emplace_back();
    return experiment.adaptations.front();
}

QString textOf(const std::string& words)
{
    return QString::fromStdString(words);
}

TextLabel* smallHead(const QString& text)
{
    return new TextLabel(text, TextType::TableStrong);
}

} // namespace

MethodStep::MethodStep(DraftEditor& editor, StepCard& card)
    : QObject(&card)
    , m_editor(editor)
{
    makeHead(card);
    m_cardRoom = new QWidget(&card);
    m_cardRow = new QHBoxLayout(m_cardRoom);
    m_cardRow->setContentsMargins(0, 0, 0, 0);
    m_cardRow->setSpacing(px(8));
    m_cardRow->addStretch(1);
    m_group = new QButtonGroup(this);
    connect(m_group, &QButtonGroup::idClicked, this, &MethodStep::chooseMethod);
    card.body()->addWidget(m_cardRoom);
    card.body()->addWidget(makeLine(Qt::Horizontal, &card));
    card.body()->addWidget(makePresets());
    card.body()->addWidget(makeDesigner());
}

void MethodStep::makeHead(StepCard& card)
{
    m_search = new QLineEdit(&card);
    m_search->setPlaceholderText(tr("Find a method"));
    m_search->setAccessibleName(tr("Find a method"));
    m_search->addAction(lineIcon(QStringLiteral("search"), IconTone::Quiet),
                        QLineEdit::LeadingPosition);
    m_search->setProperty("small", true);
    m_search->setFixedWidth(px(128));
    connect(m_search, &QLineEdit::textChanged, this, &MethodStep::filterCards);
    m_filter = new SegmentedChoice({tr("All"), tr("Merges")}, tr("Which methods"), &card);
    connect(m_filter, &SegmentedChoice::chosen, this, &MethodStep::filterCards);
    card.addTool(m_search);
    card.addTool(m_filter);
}

QWidget* MethodStep::makePresets()
{
    auto* room = new QWidget;
    auto* row = new QHBoxLayout(room);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(8));
    row->addWidget(new TextLabel(tr("Presets"), TextType::Table, TextInk::Ink2));
    m_presets = new QButtonGroup(this);
    m_presets->setExclusive(false);
    const std::vector<QString> names {tr("q, v"), tr("All linear"), tr("Attention"), tr("MLP"),
                                      tr("Last 10 blocks")};
    for (int i = 0; i < static_cast<int>(names.size()); ++i) {
        QPushButton* chip = makeButton(names[static_cast<std::size_t>(i)], ButtonKind::Chip);
        m_presets->addButton(chip, i);
        row->addWidget(chip);
    }
    connect(m_presets, &QButtonGroup::idClicked, this, [this](int id) {
        const QStringList all = allowedSites();
        const auto of = [&](const QString& group) { return all.filter(group); };
        const int last = static_cast<int>(std::max<std::int64_t>(0, m_model.layers - 10));
        switch (id) {
        case 0:
            return applyPreset(
                {QStringLiteral("attn.q"), QStringLiteral("attn.v"), QStringLiteral("attn.qkv")},
                0);
        case 1:
            return applyPreset(all, 0);
        case 2:
            return applyPreset(of(QStringLiteral("attn.")), 0);
        case 3:
            return applyPreset(of(QStringLiteral("mlp.")), 0);
        default:
            return applyPreset(all, last);
        }
    });
    row->addStretch(1);
    row->addWidget(new TextLabel(
        tr("Click or drag to attach. Shift-click takes a whole row, a number its column."),
        TextType::Caption, TextInk::Ink3));
    return room;
}

QWidget* MethodStep::makeDesigner()
{
    auto* room = new QWidget;
    auto* row = new QHBoxLayout(room);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(16));
    const auto column = [row](int stretch, TextLabel* title, TextLabel* fact, QWidget* part) {
        auto* box = new QVBoxLayout;
        box->setSpacing(px(4));
        auto* head = new QHBoxLayout;
        head->setSpacing(px(6));
        head->addWidget(title);
        head->addWidget(fact);
        head->addStretch(1);
        box->addLayout(head);
        box->addWidget(part);
        box->addStretch(1);
        row->addLayout(box, stretch);
    };
    m_sitesFact = new TextLabel(TextType::Table, TextInk::Ink2);
    m_grid = new SiteGrid(room);
    column(1, smallHead(tr("Sites")), m_sitesFact, m_grid);
    m_blockTitle = smallHead({});
    m_blockFact = new TextLabel(TextType::Table, TextInk::Ink2);
    m_drawing = new BlockDrawing(room);
    column(0, m_blockTitle, m_blockFact, m_drawing);
    m_settingsFact = new TextLabel(TextType::Table, TextInk::Ink2);
    m_form = new ParamForm(room);
    m_form->setFixedWidth(px(172));
    column(0, smallHead(tr("Settings")), m_settingsFact, m_form);

    connect(m_grid, &SiteGrid::edited, this, &MethodStep::attach);
    connect(m_grid, &SiteGrid::currentChanged, this, &MethodStep::showBlock);
    connect(m_drawing, &BlockDrawing::siteClicked, this, [this](const QString& site) {
        const std::vector<SiteGridRow>& rows = m_grid->rows();
        for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
            const SiteGridRow& entry = rows[static_cast<std::size_t>(i)];
            const int layer = m_grid->current().layer;
            if (entry.site == site)
                attach({{i, layer}}, !entry.isOn[static_cast<std::size_t>(layer)]);
        }
    });
    connect(m_form, &ParamForm::edited, this, [this](const QString& id) {
        m_editor.edit(tr("Change a setting"), QStringLiteral("settings.") + id,
                      [this](Experiment& e) { choiceOf(e).settings = m_form->values(); });
    });
    return room;
}

void MethodStep::setMethods(const std::vector<PluginInfo>& adaptations)
{
    m_methods = adaptations;
    qDeleteAll(m_cards);
    m_cards.clear();
    for (std::size_t i = 0; i < m_methods.size(); ++i) {
        const PluginInfo& info = m_methods[i];
        const QByteArray context = QByteArray::fromStdString(info.id);
        auto* card =
            new MethodCard(QCoreApplication::translate(context.constData(), info.title.c_str()),
                           QCoreApplication::translate(context.constData(), info.summary.c_str()),
                           info.mergesIntoWeights ? tr("merges") : QString(), m_cardRoom);
        m_group->addButton(card, static_cast<int>(i));
        m_cardRow->insertWidget(static_cast<int>(i), card);
        m_cards.push_back(card);
    }
    m_filter->setText(0, tr("All %1").arg(m_methods.size()));
    const bool isWorthSearching = m_methods.size() > 5;
    m_search->setVisible(isWorthSearching);
    m_filter->setVisible(isWorthSearching);
    show();
}

void MethodStep::setModel(const ModelSummary& model)
{
    m_model = model;
    show();
}

const PluginInfo* MethodStep::method() const
{
    const std::string& id = choiceOf(m_editor.draft()).method;
    const auto found = std::find_if(m_methods.begin(), m_methods.end(),
                                    [&](const PluginInfo& m) { return m.id == id; });
    return found == m_methods.end() ? nullptr : &*found;
}

QStringList MethodStep::allowedSites() const
{
    QStringList allowed;
    const PluginInfo* info = method();
    for (const SiteRow& row : m_model.linearSites) {
        if (info != nullptr
            && std::find(info->sites.begin(), info->sites.end(), row.site) != info->sites.end())
            allowed << textOf(row.site);
    }
    return allowed;
}

std::vector<SiteGridRow> MethodStep::rows() const
{
    const AdaptationChoice& choice = choiceOf(m_editor.draft());
    const QStringList allowed = allowedSites();
    const int layers = static_cast<int>(m_model.layers);
    std::vector<SiteGridRow> rows;
    for (const SiteRow& site : m_model.linearSites) {
        if (site.site == "embed" || site.site == "head")
            continue; // not in a block, so not in a grid of blocks
        SiteGridRow row {textOf(site.site), textOf(site.site), allowed.contains(textOf(site.site)),
                         std::vector<bool>(static_cast<std::size_t>(layers), false)};
        if (const auto found = choice.sites.find(site.site); found != choice.sites.end())
            row.isOn = layersFrom(found->second, layers);
        rows.push_back(std::move(row));
    }
    return rows;
}

void MethodStep::show()
{
    const PluginInfo* info = method();
    if (info != nullptr && m_shownMethod != info->id) {
        m_form->setSpecs(info->params, textOf(info->id));
        m_shownMethod = info->id;
    }
    m_form->setValues(choiceOf(m_editor.draft()).settings);
    m_grid->setRows(rows(), static_cast<int>(m_model.layers));
    showBlock();
    showCards();
}

void MethodStep::showCards()
{
    for (std::size_t i = 0; i < m_methods.size(); ++i)
        m_cards[i]->setChecked(&m_methods[i] == method());
    int trained = 0;
    int possible = 0;
    std::set<int> layers;
    for (const SiteGridRow& row : m_grid->rows()) {
        possible += row.isAllowed ? m_grid->layers() : 0;
        for (int layer = 0; layer < static_cast<int>(row.isOn.size()); ++layer) {
            if (row.isOn[static_cast<std::size_t>(layer)]) {
                ++trained;
                layers.insert(layer);
            }
        }
    }
    m_sitesFact->setText(trained == 0 ? tr("none of %1 chosen").arg(possible)
                                      : tr("%1 of %2 linear, blocks %3 to %4")
                                            .arg(trained)
                                            .arg(possible)
                                            .arg(*layers.begin())
                                            .arg(*layers.rbegin()));
    m_settingsFact->setText(tr("%n site(s)", nullptr, trained));
}

void MethodStep::showBlock()
{
    QStringList sites;
    QStringList trained;
    const int layer = m_grid->current().layer;
    for (const SiteGridRow& row : m_grid->rows()) {
        sites << row.site;
        if (layer < static_cast<int>(row.isOn.size()) && row.isOn[static_cast<std::size_t>(layer)])
            trained << row.site;
    }
    m_drawing->setBlock(sites, trained, allowedSites());
    m_blockTitle->setText(tr("Block %1").arg(layer));
    m_blockFact->setText(trained.isEmpty()
                             ? tr("nothing trained")
                             : tr("%n site(s) trained", nullptr, static_cast<int>(trained.size())));
}

void MethodStep::setProblems(const Problems& problems)
{
    m_form->setProblems(problems, QStringLiteral("adaptations[0].settings."));
}

QString MethodStep::inWords() const
{
    const PluginInfo* info = method();
    if (info == nullptr)
        return tr("No method chosen");
    QStringList sites;
    const AdaptationChoice& choice = choiceOf(m_editor.draft());
    for (const auto& [site, layers] : choice.sites)
        sites << textOf(site);
    const QString name = QCoreApplication::translate(info->id.c_str(), info->title.c_str());
    const QStringList allowed = allowedSites();
    const bool isAll = !allowed.isEmpty()
        && std::all_of(allowed.begin(), allowed.end(),
                       [&](const QString& s) { return sites.contains(s); });
    if (sites.isEmpty())
        return name;
    return isAll ? tr("%1 on all linear layers").arg(name)
                 : tr("%1 on %2").arg(name, sites.join(QStringLiteral(", ")));
}

void MethodStep::filterCards()
{
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        const bool isFound = m_cards[i]->text().contains(m_search->text(), Qt::CaseInsensitive)
            || m_cards[i]->accessibleDescription().contains(m_search->text(), Qt::CaseInsensitive);
        m_cards[i]->setVisible(isFound
                               && (m_filter->current() == 0 || m_methods[i].mergesIntoWeights));
    }
}

void MethodStep::chooseMethod(int index)
{
    const PluginInfo& info = m_methods.at(static_cast<std::size_t>(index));
    const std::string all = m_model.layers > 0
        ? layersText(std::vector<bool>(static_cast<std::size_t>(m_model.layers), true))
        : std::string();
    m_editor.edit(tr("Choose a method"), {}, [&](Experiment& e) {
        AdaptationChoice choice;
        choice.method = info.id;
        for (const std::string& site : info.defaultSites)
            choice.sites[site] = all;
        e.adaptations = {choice};
    });
}

void MethodStep::applyPreset(const QStringList& sites, int firstLayer)
{
    std::vector<bool> layers(static_cast<std::size_t>(m_model.layers), false);
    std::fill(layers.begin() + firstLayer, layers.end(), true);
    const QStringList allowed = allowedSites();
    m_editor.edit(tr("Choose sites"), {}, [&](Experiment& e) {
        AdaptationChoice& choice = choiceOf(e);
        choice.sites.clear();
        for (const QString& site : sites) {
            if (allowed.contains(site))
                choice.sites[site.toStdString()] = layersText(layers);
        }
    });
    for (QAbstractButton* chip : m_presets->buttons())
        chip->setChecked(false);
}

void MethodStep::attach(const std::vector<SiteGrid::Cell>& cells, bool isOn)
{
    std::vector<SiteGridRow> rows = m_grid->rows();
    for (const SiteGrid::Cell cell : cells)
        rows[static_cast<std::size_t>(cell.row)].isOn[static_cast<std::size_t>(cell.layer)] = isOn;
    m_editor.edit(isOn ? tr("Attach sites") : tr("Detach sites"), {}, [&](Experiment& e) {
        AdaptationChoice& choice = choiceOf(e);
        choice.sites.clear();
        for (const SiteGridRow& row : rows) {
            const std::string layers = layersText(row.isOn);
            if (!layers.empty())
                choice.sites[row.site.toStdString()] = layers;
        }
    });
}

} // namespace tw
