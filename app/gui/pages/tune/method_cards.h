// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"
#include "widgets/grid/site_owner.h"

#include <QWidget>

#include <map>
#include <vector>

class QButtonGroup;
class QHBoxLayout;
class QLineEdit;
class QScrollArea;

namespace tw {

class MethodCard;
class SegmentedChoice;
class TextLabel;

/// All methods as cards in one row that scrolls, with a search and filters.
class MethodCards final : public QWidget
{
    Q_OBJECT

public:
    explicit MethodCards(QWidget* parent = nullptr);
    /// Search and filters, for the head of the step.
    QWidget* tools() const { return m_tools; }
    void setMethods(const std::vector<PluginInfo>& methods);
    /// What each method trains on its usual sites, by id.
    void setTrained(const std::map<std::string, std::int64_t>& trained);
    /// methods: of the experiment, as they look under owners.
    void setUse(const std::vector<std::string>& methods, const std::vector<SiteOwner>& owners);
    void setInHand(const std::string& method);

Q_SIGNALS:
    void chosen(const QString& method);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeTools();
    void makeNone();
    void filter();

    std::vector<PluginInfo> m_methods;
    std::vector<MethodCard*> m_cards;
    QWidget* m_tools = nullptr;
    QLineEdit* m_search = nullptr;
    SegmentedChoice* m_filter = nullptr;
    QScrollArea* m_area = nullptr;
    QHBoxLayout* m_row = nullptr;
    QButtonGroup* m_group = nullptr;
    QWidget* m_none = nullptr;
    TextLabel* m_noneWords = nullptr;
};

} // namespace tw
