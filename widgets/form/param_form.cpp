// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/form/param_form.h"

#include "widgets/basic/button.h"
#include "widgets/form/param_row.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/type.h"

#include <QGridLayout>
#include <QPushButton>

#include <algorithm>

namespace tw {

ParamForm::ParamForm(QWidget* parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
    , m_fold(makeButton({}, ButtonKind::Flat, QStringLiteral("chevron-right"), this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(px(8));
    m_grid->setVerticalSpacing(px(2));
    // Shares rather than what the words need: forms that stand one above the other line up.
    m_grid->setColumnStretch(0, 5);
    m_grid->setColumnStretch(1, 6);
    m_fold->hide();
    connect(m_fold, &QPushButton::clicked, this, [this] { setAdvancedShown(!m_isAdvancedShown); });
}

ParamForm::~ParamForm() = default;

void ParamForm::setSpecs(const std::vector<ParamSpec>& specs, const QString& context)
{
    m_rows.clear();
    m_specs = specs;
    m_values.clear();
    m_grid->removeWidget(m_fold);
    std::stable_sort(m_specs.begin(), m_specs.end(), [](const ParamSpec& a, const ParamSpec& b) {
        return !a.isAdvanced && b.isAdvanced;
    });
    int row = 0;
    bool hasFold = false;
    for (const ParamSpec& spec : m_specs) {
        if (spec.isAdvanced && !hasFold) {
            m_grid->addWidget(m_fold, row++, 0, 1, 2, Qt::AlignLeft);
            hasFold = true;
        }
        m_rows.push_back(std::make_unique<ParamRow>(
            spec, context, *m_grid, row,
            [this, id = spec.id](const ParamValue& value) { take(id, value); }));
        row += ParamRow::kGridRows;
    }
    m_grid->setRowStretch(row, 1);
    showRows();
}

void ParamForm::setValues(const ParamValues& values)
{
    m_values = values;
    for (const auto& row : m_rows)
        row->setValue(valueOf(row->spec(), m_values));
    showRows();
}

void ParamForm::setProblems(const Problems& problems, const QString& prefix)
{
    for (const auto& row : m_rows) {
        QString words;
        bool isWarning = false;
        for (const Problem& problem : problems) {
            if (QString::fromStdString(problem.field)
                != prefix + QString::fromStdString(row->spec().id))
                continue;
            words = QString::fromStdString(
                problem.hint.empty() ? problem.what : problem.what + " " + problem.hint);
            isWarning = problem.isWarning;
        }
        row->setProblem(words, isWarning);
    }
}

void ParamForm::setAdvancedShown(bool isShown)
{
    m_isAdvancedShown = isShown;
    showRows();
}

QWidget* ParamForm::editor(const std::string& id) const
{
    for (const auto& row : m_rows) {
        if (row->spec().id == id)
            return row->editor();
    }
    return nullptr;
}

void ParamForm::take(const std::string& id, const ParamValue& value)
{
    m_values[id] = value;
    showRows();
    Q_EMIT edited(QString::fromStdString(id));
}

void ParamForm::showRows()
{
    const auto advanced = std::count_if(m_specs.begin(), m_specs.end(),
                                        [](const ParamSpec& s) { return s.isAdvanced; });
    m_fold->setVisible(advanced > 0);
    m_fold->setText(tr("Advanced, %1").arg(advanced));
    m_fold->setIcon(lineIcon(m_isAdvancedShown ? QStringLiteral("chevron-down")
                                               : QStringLiteral("chevron-right"),
                             IconTone::Accent));
    for (const auto& row : m_rows)
        row->setVisible(isShown(row->spec()));
}

bool ParamForm::isShown(const ParamSpec& spec) const
{
    if (spec.isAdvanced && !m_isAdvancedShown)
        return false;
    if (spec.shownWhen.empty())
        return true;
    const auto equals = spec.shownWhen.find('=');
    const std::string other = spec.shownWhen.substr(0, equals);
    const auto found = std::find_if(m_specs.begin(), m_specs.end(),
                                    [&](const ParamSpec& s) { return s.id == other; });
    return found != m_specs.end()
        && toText(valueOf(*found, m_values)) == spec.shownWhen.substr(equals + 1);
}

} // namespace tw
