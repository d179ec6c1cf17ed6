// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/stage_strip.h"

#include "widgets/basic/button.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>

namespace tw {
namespace {

constexpr int kLongestName = 64; // names become parts of paths

} // namespace

StageStrip::StageStrip(QWidget* parent)
    : QWidget(parent)
    , m_group(new QButtonGroup(this))
    , m_row(new QHBoxLayout)
    , m_name(new QLineEdit)
    , m_facts((new TextLabel(TextType::Table, TextInk::Ink2))->elided())
{
    setAccessibleName(tr("Stages"));
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(px(16), 0, px(16), 0);
    all->setSpacing(px(12));
    all->addWidget(new TextLabel(tr("Stages"), TextType::BodyStrong));
    m_row->setSpacing(px(6));
    all->addLayout(m_row);
    m_name->setMaxLength(kLongestName);
    m_name->setAccessibleName(tr("Name of the stage"));
    m_name->setFixedWidth(px(140));
    m_name->hide();
    all->addWidget(m_name);
    QPushButton* add = makeIconButton(
        QStringLiteral("plus"), tr("Add a stage that goes on from the result of the shown one"));
    connect(add, &QPushButton::clicked, this, &StageStrip::addAsked);
    all->addWidget(add);
    all->addWidget(m_facts, 1);
    QPushButton* change = makeButton(tr("Change"), ButtonKind::Small);
    change->setAccessibleName(tr("Change the stage"));
    m_menu = new QMenu(change);
    change->setMenu(m_menu);
    connect(m_menu, &QMenu::aboutToShow, this, &StageStrip::fillMenu);
    all->addWidget(change);
    m_group->setExclusive(true); // arrow keys go from one to the next
    connect(m_group, &QButtonGroup::idToggled, this, [this](int stage, bool isOn) {
        if (isOn && stage != m_current)
            Q_EMIT chosen(stage);
    });
    connect(m_name, &QLineEdit::editingFinished, this, &StageStrip::endRename);
    m_name->installEventFilter(this);
}

void StageStrip::fitChips(std::size_t count)
{
    while (m_chips.size() > count) {
        m_group->removeButton(m_chips.back());
        m_chips.back()->deleteLater();
        m_chips.pop_back();
        if (!m_arrows.empty()) {
            m_arrows.back()->deleteLater();
            m_arrows.pop_back();
        }
    }
    while (m_chips.size() < count) {
        if (!m_chips.empty()) {
            m_arrows.push_back(new TextLabel(QStringLiteral("→"), TextType::Table, TextInk::Ink3));
            m_row->addWidget(m_arrows.back());
        }
        QPushButton* chip = makeButton({}, ButtonKind::Chip);
        chip->setAutoExclusive(false); // the group sees to it
        chip->installEventFilter(this);
        m_group->addButton(chip, static_cast<int>(m_chips.size()));
        m_row->addWidget(chip);
        chip->show(); // a layout would do so later
        setTabOrder(m_chips.empty() ? static_cast<QWidget*>(this) : m_chips.back(), chip);
        m_chips.push_back(chip);
    }
}

void StageStrip::show(const std::vector<StageChip>& stages, int current)
{
    m_current = current;
    m_stages = stages;
    fitChips(stages.size());
    const QSignalBlocker quiet(m_group);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        QPushButton* chip = m_chips[i];
        const StageChip& stage = stages[i];
        chip->setText(tr("%1 %2").arg(i + 1).arg(stage.name));
        chip->setIcon(stage.problem.isEmpty()
                          ? QIcon()
                          : QIcon(linePixmap(QStringLiteral("error"), px(14),
                                             Theme::current().error, devicePixelRatioF())));
        chip->setToolTip(stage.problem.isEmpty() ? stage.facts : stage.problem);
        chip->setChecked(static_cast<int>(i) == current);
    }
    const bool isShown = current >= 0 && current < static_cast<int>(stages.size());
    m_facts->setFullText(isShown ? stages[static_cast<std::size_t>(current)].facts : QString());
}

void StageStrip::focusCurrent()
{
    if (!m_chips.empty())
        m_chips.at(static_cast<std::size_t>(m_current))->setFocus();
}

void StageStrip::fillMenu()
{
    m_menu->clear();
    const int last = static_cast<int>(m_stages.size()) - 1;
    m_menu->addAction(tr("Rename…"), this, &StageStrip::beginRename);
    QAction* earlier = m_menu->addAction(tr("Move before the one before"), this,
                                         [this] { Q_EMIT moveAsked(m_current, m_current - 1); });
    earlier->setEnabled(m_current > 0);
    QAction* later = m_menu->addAction(tr("Move behind the next one"), this,
                                       [this] { Q_EMIT moveAsked(m_current, m_current + 1); });
    later->setEnabled(m_current < last);
    m_menu->addSeparator();
    m_menu->addAction(lineIcon(QStringLiteral("trash")), tr("Remove"), this,
                      [this] { Q_EMIT removeAsked(m_current); });
}

void StageStrip::beginRename()
{
    m_name->setText(m_stages.at(static_cast<std::size_t>(m_current)).name);
    m_name->selectAll();
    m_name->show();
    m_name->setFocus();
}

void StageStrip::endRename()
{
    if (m_name->isHidden())
        return;
    m_name->hide();
    focusCurrent();
    Q_EMIT renamed(m_current, m_name->text().trimmed());
}

bool StageStrip::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (watched == m_name && key == Qt::Key_Escape) {
        m_name->hide();
        focusCurrent();
        return true;
    }
    if (watched != m_name && key == Qt::Key_F2) {
        beginRename();
        return true;
    }
    if (watched != m_name && key == Qt::Key_Delete) {
        Q_EMIT removeAsked(m_current);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace tw
