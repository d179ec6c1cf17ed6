// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QVBoxLayout;

namespace tw {

class TextLabel;

/// A thin line between two parts.
QFrame* makeLine(Qt::Orientation orientation, QWidget* parent = nullptr);

/// A card: head (title, quiet fact, tools at the right), body, sometimes a raised footer.
class Panel : public QFrame
{
    Q_OBJECT

public:
    /// Without a title the panel has no head.
    explicit Panel(const QString& title = {}, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setFact(const QString& fact); ///< quiet words beside the title
    void addTool(QWidget* tool); ///< at the right end of the head
    void setHeadLine(bool isShown); ///< hairline below the head
    /// Where the content goes; padding 16 unless setBodyMargins() says otherwise.
    QVBoxLayout* body() const { return m_body; }
    void setBodyMargins(int left, int top, int right, int bottom); ///< pixels at 100 %
    /// The raised strip at the foot; made when first asked for.
    QHBoxLayout* foot();

private:
    QWidget* m_head = nullptr;
    QHBoxLayout* m_headLayout = nullptr;
    TextLabel* m_title = nullptr;
    TextLabel* m_fact = nullptr;
    QFrame* m_headLine = nullptr;
    QVBoxLayout* m_all = nullptr;
    QVBoxLayout* m_body = nullptr;
    QHBoxLayout* m_foot = nullptr;
};

} // namespace tw
