// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/param.h"

#include <QObject>
#include <QString>

#include <functional>

class QGridLayout;
class QSlider;
class QWidget;

namespace tw {

class NumberField;
class TextLabel;

/// One setting of a form: label, editor, perhaps a slider below, and a line for what is wrong.
class ParamRow final : public QObject
{
    Q_OBJECT

public:
    using Changed = std::function<void(const ParamValue&)>;

    /// Puts its widgets into three rows of the grid, from `row` on.
    ParamRow(
        const ParamSpec& spec, const QString& context, QGridLayout& grid, int row, Changed changed);
    ~ParamRow() override;
    static constexpr int kGridRows = 3;

    const ParamSpec& spec() const { return m_spec; }
    void setValue(const ParamValue& value);
    void setProblem(const QString& words, bool isWarning);
    void setVisible(bool isVisible);
    QWidget* editor() const { return m_editor; }

private:
    QWidget* makeEditor(const QString& context);
    QWidget* makeNumber(const QString& context);
    void makeSlider();

    ParamSpec m_spec;
    Changed m_changed;
    // Before m_editor, whose making sets them.
    NumberField* m_number = nullptr;
    QSlider* m_slider = nullptr;
    TextLabel* m_label = nullptr;
    QWidget* m_editor = nullptr;
    TextLabel* m_problem = nullptr;
    bool m_isVisible = true;
};

} // namespace tw
