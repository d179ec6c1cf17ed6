// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/form/param_row.h"

#include "widgets/basic/choice_box.h"
#include "widgets/basic/text_label.h"
#include "widgets/form/number_field.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QGridLayout>
#include <QLineEdit>
#include <QSlider>

#include <cmath>

namespace tw {
namespace {

constexpr double kNotches = 24.0; // of a logarithmic slider, for each doubling

QString translated(const QString& context, const std::string& words)
{
    return QCoreApplication::translate(context.toUtf8().constData(), words.c_str());
}

double numberOf(const ParamValue& value)
{
    return std::holds_alternative<double>(value)
        ? std::get<double>(value)
        : static_cast<double>(std::get<std::int64_t>(value));
}

/// What it does, then the range and where the default comes from.
QString tooltipOf(const ParamSpec& spec, const QString& context)
{
    QString words = translated(context, spec.help);
    if (spec.maximum > spec.minimum)
        words += QLatin1Char('\n')
            + QCoreApplication::translate("ParamForm", "From %1 to %2.")
                  .arg(NumberField::shortest(spec.minimum), NumberField::shortest(spec.maximum));
    if (!spec.source.empty())
        words += QLatin1Char('\n')
            + QCoreApplication::translate("ParamForm", "Default: %1 (%2).")
                  .arg(QString::fromStdString(toText(spec.defaultValue)),
                       translated(context, spec.source));
    return words;
}

} // namespace

ParamRow::ParamRow(
    const ParamSpec& spec, const QString& context, QGridLayout& grid, int row, Changed changed)
    : m_spec(spec)
    , m_changed(std::move(changed))
    , m_label(new TextLabel(translated(context, spec.title), TextType::Table, TextInk::Ink2))
    , m_editor(makeEditor(context))
    , m_problem((new TextLabel(TextType::Caption, TextInk::Error))->wrapped())
{
    const QString tooltip = tooltipOf(spec, context);
    m_label->setToolTip(tooltip);
    m_editor->setToolTip(tooltip);
    m_editor->setAccessibleName(translated(context, spec.title));
    m_editor->setObjectName(QString::fromStdString(spec.id));
    m_label->setBuddy(m_editor);
    if (spec.type == ParamType::Choice || spec.type == ParamType::Text) {
        // Words need the width: the label stands above them.
        grid.addWidget(m_label, row, 0, 1, 2);
        grid.addWidget(m_editor, row + 1, 0, 1, 2);
    } else {
        m_label->wrapped();
        grid.addWidget(m_label, row, 0);
        grid.addWidget(m_editor, row, 1);
    }
    if (m_slider != nullptr) {
        m_slider->setAccessibleName(translated(context, spec.title));
        grid.addWidget(m_slider, row + 1, 1);
    }
    grid.addWidget(m_problem, row + 2, 0, 1, 2);
    m_problem->hide();
    setValue(spec.defaultValue);
}

ParamRow::~ParamRow()
{
    delete m_label;
    delete m_editor;
    delete m_slider;
    delete m_problem;
}

QWidget* ParamRow::makeEditor(const QString& context)
{
    switch (m_spec.type) {
    case ParamType::Bool: {
        auto* box = new QCheckBox;
        connect(box, &QCheckBox::toggled, this, [this](bool isOn) { m_changed(isOn); });
        return box;
    }
    case ParamType::Integer:
    case ParamType::Real:
        return makeNumber(context);
    case ParamType::Choice: {
        auto* box = new ChoiceBox({});
        for (const ParamSpec::Choice& choice : m_spec.choices)
            box->addChoice(translated(context, choice.title), QString::fromStdString(choice.id));
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        connect(box, &ChoiceBox::chosen, this,
                [this](const QString& id) { m_changed(id.toStdString()); });
        return box;
    }
    case ParamType::Text:
        break;
    }
    auto* line = new QLineEdit;
    connect(line, &QLineEdit::textEdited, this,
            [this](const QString& words) { m_changed(words.toStdString()); });
    return line;
}

QWidget* ParamRow::makeNumber(const QString& context)
{
    const bool isInteger = m_spec.type == ParamType::Integer;
    m_number = new NumberField({}, translated(context, m_spec.unit));
    m_number->setRange(m_spec.minimum, m_spec.maximum, isInteger);
    connect(m_number, &NumberField::edited, this, [this, isInteger](double value) {
        setProblem({}, false);
        setValue(isInteger ? ParamValue(static_cast<std::int64_t>(value)) : ParamValue(value));
        m_changed(isInteger ? ParamValue(static_cast<std::int64_t>(value)) : ParamValue(value));
    });
    connect(m_number, &NumberField::refused, this,
            [this](const QString& why) { setProblem(why, false); });
    if (isInteger && !m_spec.isAdvanced && m_spec.minimum >= 1 && m_spec.maximum > m_spec.minimum)
        makeSlider();
    return m_number;
}

void ParamRow::makeSlider()
{
    const auto place = [](double value) {
        return static_cast<int>(std::lround(std::log2(value) * kNotches));
    };
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setRange(place(m_spec.minimum), place(m_spec.maximum));
    m_slider->setPageStep(static_cast<int>(kNotches));
    connect(m_slider, &QSlider::valueChanged, this, [this](int at) {
        const auto value = static_cast<std::int64_t>(std::lround(std::exp2(at / kNotches)));
        m_number->setValue(static_cast<double>(value));
        setProblem({}, false);
        m_changed(value);
    });
}

void ParamRow::setValue(const ParamValue& value)
{
    if (m_number != nullptr) {
        const double number = numberOf(value);
        if (m_number->value() != number || !m_number->hasFocus())
            m_number->setValue(number);
        if (m_slider != nullptr && number >= 1.0) {
            const QSignalBlocker quiet(m_slider);
            m_slider->setValue(static_cast<int>(std::lround(std::log2(number) * kNotches)));
        }
    } else if (auto* box = qobject_cast<QCheckBox*>(m_editor)) {
        const QSignalBlocker quiet(box);
        box->setChecked(std::get<bool>(value));
    } else if (auto* choice = qobject_cast<ChoiceBox*>(m_editor)) {
        choice->setCurrentId(QString::fromStdString(std::get<std::string>(value)));
    } else if (auto* line = qobject_cast<QLineEdit*>(m_editor)) {
        const QString words = QString::fromStdString(std::get<std::string>(value));
        if (line->text() != words)
            line->setText(words);
    }
}

void ParamRow::setProblem(const QString& words, bool isWarning)
{
    m_problem->setInk(isWarning ? TextInk::Warn : TextInk::Error);
    m_problem->setText(words);
    m_problem->setVisible(m_isVisible && !words.isEmpty());
    if (m_number != nullptr)
        m_number->setMarked(words.isEmpty() ? QString()
                                : isWarning ? QStringLiteral("warn")
                                            : QStringLiteral("error"));
    m_editor->setAccessibleDescription(words);
}

void ParamRow::setVisible(bool isVisible)
{
    m_isVisible = isVisible;
    m_label->setVisible(isVisible);
    m_editor->setVisible(isVisible);
    if (m_slider != nullptr)
        m_slider->setVisible(isVisible);
    m_problem->setVisible(isVisible && !m_problem->text().isEmpty());
}

} // namespace tw
