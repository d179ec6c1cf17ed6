// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/text_label.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QStyle>
#include <QtMath>
#include <QToolTip>

namespace tw {
namespace {

QString nameOf(TextType type)
{
    switch (type) {
    case TextType::Title:
        return QStringLiteral("title");
    case TextType::Figure:
        return QStringLiteral("figure");
    case TextType::Section:
        return QStringLiteral("section");
    case TextType::Body:
        return QStringLiteral("body");
    case TextType::BodyStrong:
        return QStringLiteral("strong");
    case TextType::Table:
        return QStringLiteral("table");
    case TextType::TableStrong:
        return QStringLiteral("tableStrong");
    case TextType::Caption:
        return QStringLiteral("caption");
    }
    return {};
}

QString nameOf(TextInk ink)
{
    switch (ink) {
    case TextInk::Ink:
        return QStringLiteral("ink");
    case TextInk::Ink2:
        return QStringLiteral("ink2");
    case TextInk::Ink3:
        return QStringLiteral("ink3");
    case TextInk::Accent:
        return QStringLiteral("accent");
    case TextInk::Warn:
        return QStringLiteral("warn");
    case TextInk::Error:
        return QStringLiteral("error");
    }
    return {};
}

} // namespace

TextLabel::TextLabel(TextType type, TextInk ink, QWidget* parent)
    : QLabel(parent)
{
    setProperty("type", nameOf(type));
    setProperty("ink", nameOf(ink));
    setFont(textFont(type));
    setTextFormat(Qt::PlainText);
}

TextLabel::TextLabel(const QString& text, TextType type, TextInk ink, QWidget* parent)
    : TextLabel(type, ink, parent)
{
    setText(text);
}

void TextLabel::setInk(TextInk ink)
{
    if (property("ink").toString() == nameOf(ink))
        return;
    setProperty("ink", nameOf(ink));
    style()->unpolish(this);
    style()->polish(this);
}

TextLabel* TextLabel::wrapped()
{
    setWordWrap(true);
    return this;
}

TextLabel* TextLabel::elided()
{
    m_isElided = true;
    setSizePolicy(QSizePolicy::Expanding, sizePolicy().verticalPolicy());
    setFullText(text());
    return this;
}

void TextLabel::setFullText(const QString& text)
{
    m_full = text;
    setAccessibleName(text);
    showElided();
    updateGeometry(); // sizeHint() is of the whole text
}

QSize TextLabel::sizeHint() const
{
    const QSize hint = QLabel::sizeHint();
    if (!m_isElided)
        return hint;
    // Of the whole text: what is shown now may be the shortened one, which would never grow again.
    // One pixel more, because the shortening compares unrounded widths.
    const QMargins margins = contentsMargins();
    const int width = qCeil(QFontMetricsF(font()).horizontalAdvance(m_full)) + 1;
    return {width + margins.left() + margins.right() + 2 * margin(), hint.height()};
}

QSize TextLabel::minimumSizeHint() const
{
    const QSize hint = QLabel::minimumSizeHint();
    return m_isElided ? QSize(0, hint.height()) : hint;
}

bool TextLabel::event(QEvent* event)
{
    const bool isShortened = m_isElided && text() != m_full;
    if (event->type() == QEvent::ToolTip && isShortened && toolTip().isEmpty()) {
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), m_full, this);
        return true;
    }
    return QLabel::event(event);
}

void TextLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    if (m_isElided)
        showElided();
}

void TextLabel::showElided()
{
    setText(fontMetrics().elidedText(m_full, Qt::ElideRight, qMax(0, contentsRect().width())));
}

} // namespace tw
