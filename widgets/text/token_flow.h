// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QRectF>

#include <cstdint>
#include <optional>
#include <vector>

namespace tw {

/// One token of a flow, as it is drawn.
struct FlowToken
{
    std::int64_t id = 0;
    QString text;
    bool isTemplate = false;
    bool isTrained = false;
    bool isCut = false; ///< beyond the length limit
    std::optional<double>
        shade; ///< nats; drawn on the change palette from -3 to +3 instead of the frames
    QString note; ///< more words for the tooltip

    bool operator==(const FlowToken&) const = default;
};

/// A text as tokens: trained ones filled, read ones outlined, template ones small and quiet, cut
/// ones dashed. A leading space is a faint middle dot, a line end a sign and a new line. Only what
/// can be seen is drawn.
class TokenFlow final : public QAbstractScrollArea
{
    Q_OBJECT

public:
    explicit TokenFlow(QWidget* parent = nullptr);
    void setTokens(const std::vector<FlowToken>& tokens);
    const std::vector<FlowToken>& tokens() const { return m_tokens; }
    int current() const { return m_current; } ///< under the pointer or the keyboard; -1: none
    int tokenAt(QPoint viewportPosition) const;
    QRect tokenRect(int index) const; ///< in the viewport
    /// Text, id, position and what is done with it.
    QString words(int index) const;
    int heightFor(int width) const;

Q_SIGNALS:
    void currentChanged(int index);
    void tokenClicked(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Layout
    {
        std::vector<QRectF> rects; ///< in the document
        int height = 0;
    };
    Layout layOut(int width) const;
    void place();
    void setCurrent(int index);
    void paintToken(QPainter& painter, int index, const QRectF& rect) const;

    std::vector<FlowToken> m_tokens;
    Layout m_layout;
    int m_current = -1;
};

/// How a token is written: leading space as a middle dot, line end as a sign.
QString shownToken(const QString& text);

} // namespace tw
