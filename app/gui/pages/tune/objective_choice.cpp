// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/objective_choice.h"

#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/choice_box.h"
#include "widgets/basic/text_label.h"
#include "widgets/form/param_form.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

QString translated(const PluginInfo& info, const std::string& text)
{
    return QCoreApplication::translate(info.id.c_str(), text.c_str());
}

} // namespace

ObjectiveChoice::ObjectiveChoice(DraftEditor& editor, QWidget* parent)
    : QWidget(parent)
    , m_editor(editor)
    , m_box(new ChoiceBox(tr("Objective")))
    , m_summary((new TextLabel(TextType::Table, TextInk::Ink2))->elided())
    , m_notice(new QWidget(this))
    , m_noticeWords((new TextLabel(TextType::Table, TextInk::Warn))->wrapped())
    , m_other(makeButton(tr("Use another objective"), ButtonKind::Small))
    , m_problem((new TextLabel(TextType::Caption, TextInk::Error))->wrapped())
    , m_form(new ParamForm(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(6));
    auto* title = new TextLabel(tr("Objective"), TextType::Table, TextInk::Ink2);
    title->setBuddy(m_box);
    title->setToolTip(tr("What the rows teach: answers, labels, preferences between answers …"));
    column->addWidget(title);
    auto* row = new QHBoxLayout;
    row->setSpacing(px(12));
    m_box->setObjectName(QStringLiteral("objective"));
    m_box->setMinimumWidth(px(220));
    row->addWidget(m_box);
    row->addWidget(m_summary, 1);
    column->addLayout(row);
    auto* notice = new QHBoxLayout(m_notice);
    notice->setContentsMargins(0, 0, 0, 0);
    notice->setSpacing(px(12));
    notice->addWidget(m_noticeWords, 1);
    notice->addWidget(m_other, 0, Qt::AlignTop);
    column->addWidget(m_notice);
    column->addWidget(m_problem);
    m_form->setMaximumWidth(px(420)); // beside a summary, fields of the whole width look lost
    column->addWidget(m_form);
    m_notice->hide();
    m_problem->hide();
    m_form->hide();
    connect(m_box, &ChoiceBox::chosen, this,
            [this](const QString& id) { choose(id.toStdString()); });
    connect(m_other, &QPushButton::clicked, this, [this] { choose(m_otherId); });
    connect(m_form, &ParamForm::edited, this, [this](const QString& id) {
        m_editor.edit(tr("Change the objective"), QStringLiteral("objective.") + id,
                      [this](Experiment& e) { e.objective.settings = m_form->values(); });
    });
}

void ObjectiveChoice::choose(const std::string& objective)
{
    m_editor.edit(tr("Choose an objective"), {}, [&](Experiment& e) {
        if (e.objective.method != objective)
            e.objective = {objective, {}}; // settings of another one mean nothing here
    });
}

const PluginInfo* ObjectiveChoice::infoOf(const std::string& id) const
{
    const auto found = std::ranges::find(m_objectives, id, &PluginInfo::id);
    return found == m_objectives.end() ? nullptr : &*found;
}

void ObjectiveChoice::setObjectives(const std::vector<PluginInfo>& objectives)
{
    m_objectives = objectives;
    fillBox();
    show();
}

void ObjectiveChoice::setFits(const std::vector<ObjectiveFit>& fits)
{
    if (fits == m_fits)
        return;
    m_fits = fits;
    fillBox();
    show();
}

void ObjectiveChoice::fillBox()
{
    std::vector<ObjectiveFit> order = m_fits;
    if (order.empty())
        for (const PluginInfo& info : m_objectives)
            order.push_back({info.id, true, {}, {}});
    m_box->clear();
    for (const ObjectiveFit& fit : order) {
        const PluginInfo* info = infoOf(fit.objective);
        if (info == nullptr)
            continue;
        m_box->addChoice(translated(*info, info->title), text(info->id));
        const int at = m_box->count() - 1;
        m_box->setItemData(at, translated(*info, info->summary), Qt::ToolTipRole);
        if (fit.fits)
            continue;
        m_box->setItemData(at, Theme::current().ink3, Qt::ForegroundRole);
        m_box->setItemData(at, text(fit.whyNot + " " + fit.hint), Qt::ToolTipRole);
    }
}

void ObjectiveChoice::show()
{
    const PluginChoice& chosen = m_editor.draft().objective;
    m_box->setCurrentId(text(chosen.method));
    const PluginInfo* info = infoOf(chosen.method);
    m_summary->setFullText(info == nullptr ? QString() : translated(*info, info->summary));
    const bool hasForm = info != nullptr && !info->params.empty();
    if (hasForm && m_shown != info->id) {
        m_form->setSpecs(info->params, text(info->id));
        m_shown = info->id;
    }
    if (hasForm)
        m_form->setValues(chosen.settings);
    m_form->setVisible(hasForm);
    showFit();
}

/// Where the chosen one does not suit the rows, another one that does is a click away.
void ObjectiveChoice::showFit()
{
    const auto own =
        std::ranges::find(m_fits, m_editor.draft().objective.method, &ObjectiveFit::objective);
    const bool isUnfit = own != m_fits.end() && !own->fits;
    m_notice->setVisible(isUnfit);
    if (!isUnfit)
        return;
    m_noticeWords->setText(text(own->whyNot));
    const PluginInfo* other = m_fits.front().fits ? infoOf(m_fits.front().objective) : nullptr;
    m_other->setVisible(other != nullptr);
    if (other == nullptr)
        return;
    m_otherId = other->id;
    m_other->setText(tr("Use: %1").arg(translated(*other, other->title)));
    m_other->setToolTip(tr("It suits this model and these rows."));
}

void ObjectiveChoice::setProblems(const Problems& problems)
{
    QString words;
    for (const Problem& problem : problems)
        if (problem.field == "objective" || problem.field == "objective.method"
            || problem.field == "objective.settings")
            words = text(problem.what + " " + problem.hint).trimmed();
    m_problem->setText(words);
    m_problem->setVisible(!words.isEmpty());
    m_form->setProblems(problems, QStringLiteral("objective.settings."));
}

void ObjectiveChoice::setAdvancedShown(bool isShown)
{
    m_form->setAdvancedShown(isShown);
}

} // namespace tw
