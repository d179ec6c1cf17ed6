// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/method_cards.h"

#include "app/gui/pages/tune/method_card.h"
#include "core/base/text.h"
#include "widgets/basic/button.h"
#include "widgets/basic/segmented_choice.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"

#include <QButtonGroup>
#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

/// What a filter keeps, and how cards say it. The first filter keeps all.
struct TraitEntry
{
    const char* filter;
    const char* onCard;
    bool PluginInfo::*has;
};

const TraitEntry kTraits[] = {
    {QT_TRANSLATE_NOOP("MethodCards", "Merges"), QT_TRANSLATE_NOOP("MethodCards", "merges"),
     &PluginInfo::mergesIntoWeights},
    {QT_TRANSLATE_NOOP("MethodCards", "Keeps knowledge"),
     QT_TRANSLATE_NOOP("MethodCards", "keeps knowledge"), &PluginInfo::keepsKnowledge},
    {QT_TRANSLATE_NOOP("MethodCards", "Small memory"),
     QT_TRANSLATE_NOOP("MethodCards", "small memory"), &PluginInfo::needsSmallMemory},
    {QT_TRANSLATE_NOOP("MethodCards", "Prompt-like"),
     QT_TRANSLATE_NOOP("MethodCards", "prompt-like"), &PluginInfo::isPromptLike},
};

constexpr std::size_t kFewMethods = 5; // that fit beside each other: nothing to search

MethodFacts factsOf(const PluginInfo& info)
{
    const QByteArray context = QByteArray::fromStdString(info.id);
    MethodFacts facts {QCoreApplication::translate(context.constData(), info.title.c_str()),
                       QCoreApplication::translate(context.constData(), info.summary.c_str()),
                       {}};
    for (const TraitEntry& entry : kTraits) {
        if (info.*(entry.has))
            facts.traits << QCoreApplication::translate("MethodCards", entry.onCard);
    }
    return facts;
}

} // namespace

MethodCards::MethodCards(QWidget* parent)
    : QWidget(parent)
    , m_area(new QScrollArea(this))
    , m_group(new QButtonGroup(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    makeTools();
    auto* inner = new QWidget;
    inner->setProperty("scrolled", true);
    m_row = new QHBoxLayout(inner);
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(px(8));
    m_row->addStretch(1);
    m_area->setWidgetResizable(true);
    m_area->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_area->setFocusPolicy(Qt::NoFocus);
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setWidget(inner);
    column->addWidget(m_area);
    makeNone();
    column->addWidget(m_none);
    connect(m_group, &QButtonGroup::idClicked, this, [this](int index) {
        Q_EMIT chosen(QString::fromStdString(m_methods.at(static_cast<std::size_t>(index)).id));
    });
}

void MethodCards::makeTools()
{
    m_tools = new QWidget(this);
    auto* row = new QHBoxLayout(m_tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(8));
    m_search = new QLineEdit(m_tools);
    m_search->setPlaceholderText(tr("Find a method"));
    m_search->setAccessibleName(tr("Find a method"));
    m_search->addAction(lineIcon(QStringLiteral("search"), IconTone::Quiet),
                        QLineEdit::LeadingPosition);
    m_search->setProperty("small", true);
    m_search->setMinimumWidth(px(72));
    m_search->setMaximumWidth(px(144));
    connect(m_search, &QLineEdit::textChanged, this, &MethodCards::filter);
    QStringList filters {tr("All")};
    for (const TraitEntry& entry : kTraits)
        filters << tr(entry.filter);
    m_filter = new SegmentedChoice(filters, tr("Which methods"), m_tools);
    connect(m_filter, &SegmentedChoice::chosen, this, &MethodCards::filter);
    row->addWidget(m_search);
    row->addWidget(m_filter);
}

void MethodCards::makeNone()
{
    m_none = new QWidget(this);
    auto* row = new QHBoxLayout(m_none);
    row->setContentsMargins(0, px(8), 0, px(8));
    m_noneWords = new TextLabel(TextType::Body, TextInk::Ink2);
    row->addWidget(m_noneWords);
    QPushButton* all = makeButton(tr("Show all methods"), ButtonKind::Flat);
    connect(all, &QPushButton::clicked, this, [this] {
        m_search->clear();
        m_filter->setCurrent(0);
        filter();
        m_search->setFocus();
    });
    row->addWidget(all);
    row->addStretch(1);
    m_none->hide();
}

void MethodCards::setMethods(const std::vector<PluginInfo>& methods)
{
    m_methods = methods;
    qDeleteAll(m_cards);
    m_cards.clear();
    for (std::size_t i = 0; i < m_methods.size(); ++i) {
        auto* card = new MethodCard(factsOf(m_methods[i]), m_area->widget());
        card->installEventFilter(this);
        m_group->addButton(card, static_cast<int>(i));
        m_row->insertWidget(static_cast<int>(i), card);
        m_cards.push_back(card);
    }
    m_filter->setText(0, tr("All %1").arg(m_methods.size()));
    const bool isWorthSearching = m_methods.size() > kFewMethods;
    m_tools->setVisible(isWorthSearching);
    const int bar = isWorthSearching ? px(12) : 0;
    const int height = m_cards.empty() ? 0 : m_cards.front()->sizeHint().height();
    m_area->setFixedHeight(height + bar);
    filter();
}

void MethodCards::setTrained(const std::map<std::string, std::int64_t>& trained)
{
    for (std::size_t i = 0; i < m_methods.size(); ++i) {
        const auto found = trained.find(m_methods[i].id);
        m_cards[i]->setTrained(found == trained.end() || found->second == 0
                                   ? QString()
                                   : QString::fromStdString(countInWords(found->second)));
    }
}

void MethodCards::setUse(const std::vector<std::string>& methods,
                         const std::vector<SiteOwner>& owners)
{
    for (std::size_t i = 0; i < m_methods.size(); ++i) {
        QStringList letters;
        int line = 1;
        for (std::size_t at = 0; at < std::min(methods.size(), owners.size()); ++at) {
            if (methods[at] != m_methods[i].id)
                continue;
            line = letters.isEmpty() ? owners[at].line : line;
            letters << owners[at].letter;
        }
        m_cards[i]->setUse(letters.join(QStringLiteral(", ")), line);
    }
}

void MethodCards::setInHand(const std::string& method)
{
    for (std::size_t i = 0; i < m_methods.size(); ++i) {
        const bool isInHand = m_methods[i].id == method;
        if (!isInHand || m_cards[i]->isChecked())
            continue;
        m_cards[i]->setChecked(true);
        m_area->ensureWidgetVisible(m_cards[i], px(8), 0);
    }
}

bool MethodCards::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusIn)
        m_area->ensureWidgetVisible(qobject_cast<QWidget*>(watched), px(8), 0);
    return QWidget::eventFilter(watched, event);
}

void MethodCards::filter()
{
    const QString wanted = m_search->text().trimmed();
    const int trait = m_filter->current() - 1;
    bool isAny = m_cards.empty();
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        const bool isFound = m_cards[i]->text().contains(wanted, Qt::CaseInsensitive)
            || m_cards[i]->accessibleDescription().contains(wanted, Qt::CaseInsensitive);
        const bool isShown = isFound && (trait < 0 || m_methods[i].*(kTraits[trait].has));
        m_cards[i]->setVisible(isShown);
        isAny = isAny || isShown;
    }
    m_area->horizontalScrollBar()->setValue(0);
    m_area->setVisible(isAny);
    m_none->setVisible(!isAny);
    m_noneWords->setText(wanted.isEmpty()
                             ? tr("No method does that.")
                             : tr("No method has “%1” in its name or its words.").arg(wanted));
}

} // namespace tw
