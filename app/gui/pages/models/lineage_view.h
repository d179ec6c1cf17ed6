// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/lineage.h"

#include <QWidget>

#include <string>
#include <vector>

class QGridLayout;

namespace tw {

class Session;
class TextLabel;

/// Where a model comes from and what was made of it: cards in columns, base at the left, joined by
/// lines. A card leads to its model or run.
class LineageView final : public QWidget
{
    Q_OBJECT

public:
    explicit LineageView(Session& session, QWidget* parent = nullptr);
    /// Of which model or adapter of the project; empty: of none. Read once the view can be seen.
    void setModel(const std::string& path);
    void refresh(); ///< the project has grown

protected:
    void showEvent(QShowEvent* event) override;

private:
    void show(const std::vector<LineageNode>& nodes);
    void open(const LineageNode& node);

    class Canvas;
    Session& m_session;
    std::string m_path;
    std::vector<LineageNode> m_nodes; ///< shown
    TextLabel* m_fact = nullptr;
    Canvas* m_canvas = nullptr;
};

} // namespace tw
