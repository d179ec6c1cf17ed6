// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/data/role_row.h"

#include "widgets/basic/choice_box.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include <map>

namespace tw {
namespace {

// As core/data names the roles of columns.
const char* const kRoles[] = {
    "ignore", "prompt",   "answer",   "text",    "text_pair", "words", "label", "system",
    "chosen", "rejected", "messages", "weights", "tools",     "ids",   "image", "audio",
};

} // namespace

QString roleInWords(const std::string& role)
{
    static const std::map<std::string, const char*> kWords {
        {"ignore", QT_TRANSLATE_NOOP("role", "not used")},
        {"prompt", QT_TRANSLATE_NOOP("role", "prompt")},
        {"answer", QT_TRANSLATE_NOOP("role", "answer")},
        {"text", QT_TRANSLATE_NOOP("role", "text")},
        {"text_pair", QT_TRANSLATE_NOOP("role", "second text")},
        {"words", QT_TRANSLATE_NOOP("role", "words")},
        {"label", QT_TRANSLATE_NOOP("role", "label")},
        {"system", QT_TRANSLATE_NOOP("role", "system")},
        {"chosen", QT_TRANSLATE_NOOP("role", "chosen")},
        {"rejected", QT_TRANSLATE_NOOP("role", "rejected")},
        {"messages", QT_TRANSLATE_NOOP("role", "messages")},
        {"weights", QT_TRANSLATE_NOOP("role", "weights")},
        {"tools", QT_TRANSLATE_NOOP("role", "tools")},
        {"ids", QT_TRANSLATE_NOOP("role", "tokens")},
        {"image", QT_TRANSLATE_NOOP("role", "image")},
        {"audio", QT_TRANSLATE_NOOP("role", "audio")}};
    const auto known = kWords.find(role.empty() ? "ignore" : role);
    return QCoreApplication::translate("role",
                                       known == kWords.end() ? role.c_str() : known->second);
}

RoleRow::RoleRow(QWidget* parent)
    : QWidget(parent)
    , m_columns(new QHBoxLayout)
    , m_all(new QHBoxLayout(this))
{
    m_all->setContentsMargins(0, 0, 0, 0);
    m_all->setSpacing(0);
    auto* area = new QScrollArea(this);
    area->setWidgetResizable(true);
    area->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    auto* inner = new QWidget;
    inner->setProperty("scrolled", true);
    inner->setLayout(m_columns);
    m_columns->setContentsMargins(0, 0, 0, 0);
    m_columns->setSpacing(0);
    area->setWidget(inner);
    m_all->addWidget(area, 1);
    setFixedHeight(px(60));
    setAccessibleName(tr("What each column is for"));
}

void RoleRow::setColumns(const std::vector<ColumnSummary>& columns,
                         const std::map<std::string, std::string>& chosen)
{
    std::vector<std::string> names;
    for (const ColumnSummary& column : columns)
        names.push_back(column.name);
    if (names != m_names) {
        m_names = names;
        m_cells.clear();
        while (QLayoutItem* item = m_columns->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        for (const std::string& name : names) {
            m_columns->addWidget(makeCell(name), 1);
            m_columns->addWidget(makeLine(Qt::Vertical, this));
        }
    }
    for (const ColumnSummary& column : columns) {
        const auto found = chosen.find(column.name);
        show(m_cells[column.name], found == chosen.end() ? column.role : found->second,
             chosen.empty());
    }
}

QWidget* RoleRow::makeCell(const std::string& column)
{
    auto* room = new QWidget;
    auto* box = new QVBoxLayout(room);
    box->setContentsMargins(px(12), px(7), px(12), px(7));
    box->setSpacing(px(3));
    const QString name = QString::fromStdString(column);
    auto* head = new QHBoxLayout;
    head->setSpacing(px(6));
    auto* label = new TextLabel(name, TextType::Caption, TextInk::Ink2);
    head->addWidget(label);
    Cell cell;
    cell.guess = new TextLabel(tr("guessed, please check"), TextType::Caption, TextInk::Warn);
    head->addWidget(cell.guess);
    head->addStretch(1);
    box->addLayout(head);
    cell.chooser = new ChoiceBox(tr("Role of the column %1").arg(name));
    cell.chooser->setSmall();
    for (const char* id : kRoles)
        cell.chooser->addChoice(roleInWords(id), QString::fromLatin1(id));
    label->setBuddy(cell.chooser);
    connect(cell.chooser, &ChoiceBox::chosen, this, &RoleRow::edited);
    box->addWidget(cell.chooser);
    m_cells[column] = cell;
    return room;
}

void RoleRow::show(const Cell& cell, const std::string& role, bool isGuess)
{
    const bool isUsed = role != "ignore" && !role.empty();
    const QString id = QString::fromStdString(isUsed ? role : "ignore");
    if (cell.chooser->findData(id) < 0)
        cell.chooser->addChoice(roleInWords(role), id); // one that this version does not know
    cell.chooser->setCurrentId(id);
    cell.guess->setVisible(isGuess && isUsed);
}

std::map<std::string, std::string> RoleRow::roles() const
{
    std::map<std::string, std::string> roles;
    for (const auto& [column, cell] : m_cells)
        roles[column] = cell.chooser->currentId().toStdString();
    return roles;
}

void RoleRow::addAtEnd(const QString& label, QWidget* chooser)
{
    auto* cell = new QWidget(this);
    auto* box = new QVBoxLayout(cell);
    box->setContentsMargins(px(12), px(7), px(12), px(7));
    box->setSpacing(px(3));
    auto* words = new TextLabel(label, TextType::Caption, TextInk::Ink2);
    words->setBuddy(chooser);
    box->addWidget(words);
    box->addWidget(chooser);
    cell->setMinimumWidth(px(196));
    m_all->addWidget(cell);
}

} // namespace tw
