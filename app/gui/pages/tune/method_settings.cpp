// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/method_settings.h"

#include "app/gui/pages/tune/design_view.h"
#include "app/gui/pages/tune/method_tabs.h"
#include "app/gui/session.h"
#include "core/base/text.h"
#include "widgets/basic/button.h"
#include "widgets/basic/choice_box.h"
#include "widgets/basic/text_label.h"
#include "widgets/form/param_form.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

/// What the choice of an adapter's folder is called inside.
const QString& folderId()
{
    static const QString id = QStringLiteral("?");
    return id;
}

/// The one setting that every method has: it stands in the document beside them.
const std::vector<ParamSpec>& rateSpecs()
{
    static const std::vector<ParamSpec> specs = [] {
        ParamSpec spec;
        spec.id = "rate";
        spec.title = QT_TRANSLATE_NOOP("MethodSettings", "Learning rate");
        spec.help = QT_TRANSLATE_NOOP("MethodSettings",
                                      "Of this method, as a multiple of the run's. Virtual tokens "
                                      "and scales learn best with ten to a hundred times as much.");
        spec.type = ParamType::Real;
        spec.defaultValue = 1.0;
        spec.minimum = 1e-6;
        spec.maximum = 1e6;
        spec.unit = QT_TRANSLATE_NOOP("MethodSettings", "times");
        return std::vector<ParamSpec> {spec};
    }();
    return specs;
}

} // namespace

MethodSettings::MethodSettings(QWidget* parent)
    : QWidget(parent)
    , m_tabs(new MethodTabs(this))
    , m_stored((new TextLabel(TextType::Table, TextInk::Ink2))->wrapped())
    , m_form(new ParamForm(this))
    , m_rate(new ParamForm(this))
    , m_another(makeButton({}, ButtonKind::Flat, QStringLiteral("plus")))
    , m_help(makeButton({}, ButtonKind::Flat, QStringLiteral("help")))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(8));
    column->addWidget(m_tabs);
    makeEntry();
    column->addWidget(m_entry);
    makeStart();
    column->addWidget(m_startRow);
    column->addWidget(m_stored);
    column->addWidget(m_form);
    m_rate->setSpecs(rateSpecs(), QStringLiteral("MethodSettings"));
    column->addWidget(m_rate);
    auto* links = new QVBoxLayout;
    links->setSpacing(0);
    links->addWidget(m_another, 0, Qt::AlignLeft);
    links->addWidget(m_help, 0, Qt::AlignLeft);
    column->addLayout(links);
    connect(m_tabs, &MethodTabs::chosen, this, &MethodSettings::handAsked);
    connect(m_tabs, &MethodTabs::removeAsked, this, &MethodSettings::removeAsked);
    connect(m_form, &ParamForm::edited, this, &MethodSettings::edited);
    connect(m_rate, &ParamForm::edited, this, &MethodSettings::rateEdited);
    connect(m_another, &QPushButton::clicked, this, &MethodSettings::anotherAsked);
    connect(m_help, &QPushButton::clicked, this,
            [this] { Q_EMIT helpAsked(QString::fromStdString(m_hand)); });
}

void MethodSettings::makeEntry()
{
    m_entry = new QWidget(this);
    auto* column = new QVBoxLayout(m_entry);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(6));
    m_entryWords = (new TextLabel(TextType::Table, TextInk::Ink2))->wrapped();
    column->addWidget(m_entryWords);
    QPushButton* beside = makeButton(tr("Add on its usual sites"), ButtonKind::Small);
    QPushButton* alone = makeButton(tr("Use it alone"), ButtonKind::Small);
    column->addWidget(beside);
    column->addWidget(alone);
    connect(beside, &QPushButton::clicked, this, &MethodSettings::besideAsked);
    connect(alone, &QPushButton::clicked, this, &MethodSettings::aloneAsked);
}

void MethodSettings::makeStart()
{
    m_startRow = new QWidget(this);
    auto* row = new QHBoxLayout(m_startRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(8));
    auto* title = new TextLabel(tr("Begins"), TextType::Table, TextInk::Ink2);
    m_start = new ChoiceBox(tr("Where the method begins"));
    m_start->setSmall();
    m_start->setObjectName(QStringLiteral("begins"));
    title->setBuddy(m_start);
    title->setToolTip(tr("Afresh, or from what an adapter or an earlier stage has learned."));
    row->addWidget(title);
    row->addWidget(m_start, 1);
    connect(m_start, &ChoiceBox::chosen, this, [this](const QString& id) {
        if (id == folderId())
            Q_EMIT startFolderAsked();
        else
            Q_EMIT startAsked(id);
    });
}

/// What is chosen already stands in the list, whatever it is.
void MethodSettings::showStart(const SettingsValue& value, const std::string& from)
{
    m_start->clear();
    m_start->addChoice(tr("afresh"), {});
    for (const std::string& stage : value.earlier)
        m_start->addChoice(tr("from what “%1” trained").arg(text(stage)),
                           text(kStagePrefix + stage));
    if (!from.empty() && !m_start->setCurrentId(text(from)))
        m_start->addChoice(tr("from %1").arg(baseName(from)), text(from));
    m_start->addChoice(tr("from an adapter…"), folderId());
    m_start->setCurrentId(text(from));
}

const ParamValues& MethodSettings::values() const
{
    return m_form->values();
}

double MethodSettings::rate() const
{
    return std::get<double>(valueOf(rateSpecs().front(), m_rate->values()));
}

void MethodSettings::show(const SettingsValue& value)
{
    m_hand = value.hand.method;
    const QString title = methodTitle(value.design, m_hand);
    const bool isNew = value.hand.adaptation < 0;
    m_entry->setVisible(isNew && !m_hand.empty());
    m_entryWords->setText(
        tr("%1 is in hand: click or drag over the sites where it shall sit, or").arg(title));
    m_another->setVisible(!isNew);
    m_another->setText(tr("Another %1").arg(title));
    m_another->setToolTip(
        tr("Takes %1 in hand once more, for other sites with settings of their own.").arg(title));
    m_help->setVisible(!m_hand.empty());
    m_help->setText(tr("About %1").arg(title));
    showTabs(value);
    showForm(value);
}

void MethodSettings::showTabs(const SettingsValue& value)
{
    const std::vector<SiteOwner> owners = ownersOf(value.design, value.experiment);
    const std::vector<DesignProblem> problems = designProblems(value.problems);
    std::vector<MethodTab> tabs;
    for (std::size_t i = 0; i < owners.size(); ++i) {
        const int sites = countOf(value.design.placesOf(value.experiment.adaptations[i]));
        MethodTab tab {owners[i], tr("%n site(s)", nullptr, sites), {}, false};
        if (i < value.trained.size() && value.trained[i] > 0)
            tab.fact =
                tr("%1, %2").arg(tab.fact, QString::fromStdString(countInWords(value.trained[i])));
        for (const DesignProblem& problem : problems) {
            if (problem.adaptation != static_cast<int>(i) || !tab.problem.isEmpty())
                continue;
            tab.problem = problem.words;
            tab.isWarning = problem.isWarning;
        }
        tabs.push_back(std::move(tab));
    }
    m_tabs->setTabs(tabs, value.hand.adaptation);
}

void MethodSettings::showForm(const SettingsValue& value)
{
    const std::vector<AdaptationChoice>& all = value.experiment.adaptations;
    const bool isNew = value.hand.adaptation < 0;
    const AdaptationChoice choice =
        isNew ? AdaptationChoice() : all.at(static_cast<std::size_t>(value.hand.adaptation));
    const PluginInfo* info = value.design.method(m_hand);
    const bool isStored = !choice.from.empty();
    const bool hasForm = !isNew && !isStored && info != nullptr; // null: check() says what is wrong
    // Each part is shown or hidden once: whoever types in a field goes on typing.
    m_startRow->setVisible(!isNew);
    if (!isNew)
        showStart(value, choice.from);
    m_stored->setVisible(isStored);
    m_form->setVisible(hasForm);
    m_rate->setVisible(!isNew && (all.size() > 1 || choice.rate != 1.0));
    m_stored->setText(tr("What it goes on from settles its sites and settings."));
    m_stored->setToolTip(text(choice.from));
    const QString prefix = QStringLiteral("adaptations[%1].").arg(value.hand.adaptation);
    m_rate->setValues({{"rate", choice.rate}});
    m_rate->setProblems(value.problems, prefix);
    if (!hasForm)
        return;
    if (m_shown != m_hand)
        m_form->setSpecs(info->params, QString::fromStdString(m_hand));
    m_shown = m_hand;
    m_form->setValues(choice.settings);
    const QString ofSettings = prefix + QStringLiteral("settings.");
    m_form->setProblems(value.problems, ofSettings);
    const auto isFolded = [&](const Problem& problem) {
        return std::any_of(info->params.begin(), info->params.end(), [&](const ParamSpec& spec) {
            return spec.isAdvanced && problem.field == ofSettings.toStdString() + spec.id;
        });
    };
    if (std::any_of(value.problems.begin(), value.problems.end(), isFolded))
        m_form->setAdvancedShown(true);
}

} // namespace tw
