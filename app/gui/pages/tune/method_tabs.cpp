// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/method_tabs.h"

#include "widgets/basic/button.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace tw {
namespace {

/// Swatch with its letter, name, fact; an icon where something is wrong.
class TabButton final : public QAbstractButton
{
public:
    explicit TabButton(QWidget* parent)
        : QAbstractButton(parent)
    {
        setCheckable(true);
        setAttribute(Qt::WA_Hover);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }
    void setTab(const MethodTab& tab)
    {
        m_tab = tab;
        setText(tab.owner.title);
        setAccessibleName(tr("Method %1: %2").arg(tab.owner.letter, tab.owner.title));
        setAccessibleDescription((tab.fact + QLatin1Char(' ') + tab.problem).trimmed());
        setToolTip(tab.problem.isEmpty() ? tab.fact : tab.problem);
        update();
    }
    QSize sizeHint() const override { return {px(96), px(36)}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::current();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(isChecked() ? theme.soft : underMouse() ? theme.hover : theme.panel);
        painter.drawRoundedRect(rect(), px(4), px(4));
        const QRectF swatch(px(6), px(5), px(16), px(16));
        const QColor color = m_tab.owner.color();
        painter.setBrush(color);
        painter.drawRoundedRect(swatch, px(3), px(3));
        painter.setFont(textFont(TextType::Caption));
        painter.setPen(Theme::textOn(color));
        painter.drawText(swatch, Qt::AlignCenter, m_tab.owner.letter);
        double right = width() - px(4);
        if (!m_tab.problem.isEmpty()) {
            const int side = px(14);
            right -= side;
            painter.drawPixmap(
                static_cast<int>(right), px(6),
                linePixmap(m_tab.isWarning ? QStringLiteral("warn") : QStringLiteral("error"), side,
                           m_tab.isWarning ? theme.warn : theme.error, devicePixelRatioF()));
            right -= px(4);
        }
        paintLine(painter, TextType::TableStrong, m_tab.owner.title, px(4), right, theme.ink);
        paintLine(painter, TextType::Caption, m_tab.fact, px(19), width() - px(4), theme.ink3);
    }

private:
    static void paintLine(QPainter& painter,
                          TextType type,
                          const QString& words,
                          int top,
                          double right,
                          const QColor& ink)
    {
        painter.setFont(textFont(type));
        painter.setPen(ink);
        const QRectF room(px(28), top, right - px(28), lineHeight(type));
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(words, Qt::ElideRight,
                                                          static_cast<int>(room.width())));
    }

    MethodTab m_tab;
};

} // namespace

class MethodTabs::Row final : public QWidget
{
public:
    Row(MethodTabs& owner, int index)
        : QWidget(&owner)
        , m_button(new TabButton(this))
        , m_remove(makeIconButton(QStringLiteral("close"), {}, this))
    {
        auto* row = new QHBoxLayout(this);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(px(2));
        row->addWidget(m_button, 1);
        m_remove->setProperty("kind", QStringLiteral("flat"));
        row->addWidget(m_remove);
        connect(m_button, &QAbstractButton::clicked, &owner,
                [&owner, index] { Q_EMIT owner.chosen(index); });
        connect(m_remove, &QAbstractButton::clicked, &owner,
                [&owner, index] { Q_EMIT owner.removeAsked(index); });
    }
    void set(const MethodTab& tab, bool isCurrent, bool canRemove)
    {
        m_button->setTab(tab);
        m_button->setChecked(isCurrent);
        const QString words = tr("Remove %1 from the experiment").arg(tab.owner.title);
        m_remove->setToolTip(words);
        m_remove->setAccessibleName(words);
        m_remove->setVisible(canRemove);
    }

private:
    TabButton* m_button = nullptr;
    QPushButton* m_remove = nullptr;
};

MethodTabs::MethodTabs(QWidget* parent)
    : QWidget(parent)
    , m_column(new QVBoxLayout(this))
{
    setAccessibleName(tr("Methods of the experiment"));
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(px(2));
}

MethodTabs::~MethodTabs() = default;

void MethodTabs::setTabs(const std::vector<MethodTab>& tabs, int current)
{
    // Rows stay where they can, so that the keyboard keeps its place.
    while (m_rows.size() > tabs.size()) {
        m_rows.back()->deleteLater();
        m_rows.back()->hide();
        m_rows.pop_back();
    }
    while (m_rows.size() < tabs.size()) {
        m_rows.push_back(new Row(*this, static_cast<int>(m_rows.size())));
        m_column->addWidget(m_rows.back());
        m_rows.back()->show(); // else only once the layout gets to it
    }
    for (std::size_t i = 0; i < tabs.size(); ++i)
        m_rows[i]->set(tabs[i], static_cast<int>(i) == current, tabs.size() > 1);
}

} // namespace tw
