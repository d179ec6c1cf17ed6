// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/param.h"

#include <QString>
#include <QWidget>

#include <memory>
#include <vector>

class QGridLayout;
class QPushButton;

namespace tw {

/// One setting as a label, an editor and a line for what is wrong with it.
class ParamRow;

/// The form of any plug-in, made from the description of its settings: simple ones first, advanced
/// ones folded.
class ParamForm final : public QWidget
{
    Q_OBJECT

public:
    explicit ParamForm(QWidget* parent = nullptr);
    ~ParamForm() override;

    /// Builds the form anew; texts are translated in this context (the plug-in's id).
    void setSpecs(const std::vector<ParamSpec>& specs, const QString& context);
    void setValues(const ParamValues& values); ///< tells nobody
    const ParamValues& values() const { return m_values; }
    /// Shows each problem at its field; a problem's field is prefix + id.
    void setProblems(const Problems& problems, const QString& prefix);
    bool isAdvancedShown() const { return m_isAdvancedShown; }
    void setAdvancedShown(bool isShown);
    /// The editor of a setting; nullptr where there is none.
    QWidget* editor(const std::string& id) const;

Q_SIGNALS:
    void edited(const QString& id); ///< values() has changed under the person's hand

private:
    void take(const std::string& id, const ParamValue& value);
    void showRows();
    bool isShown(const ParamSpec& spec) const;

    std::vector<ParamSpec> m_specs;
    ParamValues m_values;
    std::vector<std::unique_ptr<ParamRow>> m_rows;
    QGridLayout* m_grid = nullptr;
    QPushButton* m_fold = nullptr;
    bool m_isAdvancedShown = false;
};

} // namespace tw
