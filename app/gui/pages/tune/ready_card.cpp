// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/ready_card.h"

#include "app/gui/words.h"
#include "core/base/text.h"
#include "widgets/basic/button.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr std::size_t kMostShown = 8; // differences and problems; more would push the buttons away

struct MemoryPart
{
    const char* title;
    std::uint64_t Plan::*bytes;
    Meter::Ink ink;
};

const MemoryPart kParts[] = {
    {QT_TRANSLATE_NOOP("tw::ReadyCard", "Weights"), &Plan::weightsBytes, Meter::Ink::Ink2},
    {QT_TRANSLATE_NOOP("tw::ReadyCard", "Adapter"), &Plan::adapterBytes, Meter::Ink::Line1},
    {QT_TRANSLATE_NOOP("tw::ReadyCard", "Gradients"), &Plan::gradientBytes, Meter::Ink::Line6},
    {QT_TRANSLATE_NOOP("tw::ReadyCard", "Optimiser"), &Plan::optimizerBytes, Meter::Ink::Line4},
    {QT_TRANSLATE_NOOP("tw::ReadyCard", "Activations"), &Plan::activationBytes, Meter::Ink::Line3},
    {QT_TRANSLATE_NOOP("tw::ReadyCard", "Program"), &Plan::programBytes, Meter::Ink::Edge},
};

QString inWords(std::uint64_t bytes)
{
    return QString::fromStdString(bytesInWords(bytes));
}

QVBoxLayout* padded(QWidget* room, int top = 12, int bottom = 12)
{
    auto* column = new QVBoxLayout(room);
    column->setContentsMargins(px(16), px(top), px(16), px(bottom));
    column->setSpacing(px(4));
    return column;
}

void clear(QLayout& layout)
{
    while (QLayoutItem* item = layout.takeAt(0)) {
        if (QLayout* inner = item->layout())
            clear(*inner);
        delete item->widget();
        delete item;
    }
}

} // namespace

ReadyCard::ReadyCard(QWidget* parent)
    : QFrame(parent)
{
    setProperty("surface", QStringLiteral("panel"));
    setAccessibleName(tr("Ready to start"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 1, 1, 1);
    column->setSpacing(0);
    column->addWidget(makeHead());
    column->addWidget(makeFigures());
    column->addWidget(makeLine(Qt::Horizontal, this));
    column->addWidget(makeMemory());
    column->addWidget(makeLine(Qt::Horizontal, this));
    column->addWidget(makeDifferences());
    setFixedWidth(px(288));
    setProblems({}, false);
}

QWidget* ReadyCard::makeHead()
{
    m_head = new QFrame(this);
    auto* row = new QHBoxLayout(m_head);
    row->setContentsMargins(px(16), px(10), px(16), px(10));
    row->setSpacing(px(10));
    m_icon = new QLabel(m_head);
    row->addWidget(m_icon);
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    m_title = new TextLabel(TextType::Section);
    m_why = (new TextLabel(TextType::Table, TextInk::Ink2))->wrapped();
    words->addWidget(m_title);
    words->addWidget(m_why);
    row->addLayout(words, 1);
    return m_head;
}

QWidget* ReadyCard::makeFigures()
{
    auto* room = new QWidget(this);
    QVBoxLayout* column = padded(room);
    m_problemRoom = new QWidget(room);
    m_problemList = new QVBoxLayout(m_problemRoom);
    m_problemList->setContentsMargins(0, 0, 0, px(8));
    m_problemList->setSpacing(px(6));
    column->addWidget(m_problemRoom);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(px(8));
    m_start = makeButton(tr("Start"), ButtonKind::Primary, QStringLiteral("play"));
    m_queue = makeButton(tr("Queue"), ButtonKind::Secondary);
    m_start->setObjectName(QStringLiteral("start"));
    m_queue->setToolTip(
        tr("Freezes the experiment and puts it at the end of the queue; the page Runs starts it."));
    buttons->addWidget(m_start, 1);
    buttons->addWidget(m_queue);
    column->addLayout(buttons);
    column->addSpacing(px(6));
    connect(m_start, &QPushButton::clicked, this, &ReadyCard::startAsked);
    connect(m_queue, &QPushButton::clicked, this, &ReadyCard::queueAsked);

    auto* figures = new QHBoxLayout;
    figures->setSpacing(px(8));
    const auto figure = [figures](const QString& caption, TextLabel*& value, TextLabel*& note) {
        auto* box = new QVBoxLayout;
        box->setSpacing(0);
        value = new TextLabel(TextType::Figure);
        note = (new TextLabel(TextType::Caption, TextInk::Ink3))->wrapped();
        box->addWidget(new TextLabel(caption, TextType::Caption, TextInk::Ink3));
        box->addWidget(value);
        box->addWidget(note);
        box->addStretch(1);
        figures->addLayout(box, 1);
    };
    figure(tr("Trained parameters"), m_trained, m_share);
    figure(tr("Estimated time"), m_time, m_perStep);
    column->addLayout(figures);
    return room;
}

QWidget* ReadyCard::makeMemory()
{
    auto* room = new QWidget(this);
    QVBoxLayout* column = padded(room);
    auto* head = new QHBoxLayout;
    m_total = new TextLabel(TextType::BodyStrong);
    head->addWidget(new TextLabel(tr("Memory plan"), TextType::BodyStrong));
    head->addStretch(1);
    head->addWidget(m_total);
    column->addLayout(head);
    m_parts = new Meter(10, room);
    column->addWidget(m_parts);
    column->addSpacing(px(4));
    for (const MemoryPart& part : kParts) {
        auto* row = new QHBoxLayout;
        row->setSpacing(px(8));
        auto* bytes = new TextLabel(TextType::Table);
        row->addWidget(new Swatch(part.ink, room));
        row->addWidget(new TextLabel(tr(part.title), TextType::Table, TextInk::Ink2));
        row->addStretch(1);
        row->addWidget(bytes);
        column->addLayout(row);
        m_bytes.push_back(bytes);
    }
    column->addSpacing(px(4));
    m_deviceWords = (new TextLabel(TextType::Caption, TextInk::Ink3))->wrapped();
    m_device = new Meter(6, room);
    column->addWidget(m_deviceWords);
    column->addWidget(m_device);
    return room;
}

QWidget* ReadyCard::makeDifferences()
{
    auto* room = new QWidget(this);
    QVBoxLayout* column = padded(room);
    auto* head = new QHBoxLayout;
    m_count = new TextLabel(TextType::Caption, TextInk::Ink2);
    head->addWidget(new TextLabel(tr("Differs from the defaults"), TextType::BodyStrong));
    head->addStretch(1);
    head->addWidget(m_count);
    column->addLayout(head);
    m_list = new QVBoxLayout;
    m_list->setSpacing(px(4));
    column->addLayout(m_list);
    return room;
}

void ReadyCard::setProblems(const Problems& problems, bool isChecked)
{
    m_problems = problems;
    m_isChecked = isChecked;
    clear(*m_problemList);
    std::size_t shown = 0;
    for (const Problem& problem : problems) {
        if (++shown > kMostShown) {
            m_problemList->addWidget(new TextLabel(
                tr("and %n more", nullptr, static_cast<int>(problems.size() - kMostShown)),
                TextType::Caption, TextInk::Ink3));
            break;
        }
        auto* words = (new TextLabel(QString::fromStdString(problem.what), TextType::Table,
                                     problem.isWarning ? TextInk::Warn : TextInk::Error))
                          ->wrapped();
        m_problemList->addWidget(words);
        if (!problem.hint.empty())
            m_problemList->addWidget((new TextLabel(QString::fromStdString(problem.hint),
                                                    TextType::Caption, TextInk::Ink2))
                                         ->wrapped());
    }
    m_problemRoom->setVisible(!problems.empty());
    showHead();
}

void ReadyCard::setBusyRun(std::int64_t run, std::size_t waiting)
{
    m_busyRun = run;
    m_waiting = waiting;
    showHead();
}

void ReadyCard::showHead()
{
    const bool isBlocked = blocks(m_problems);
    const bool isReady = !isBlocked && m_isChecked;
    m_head->setProperty("surface",
                        isBlocked     ? QStringLiteral("errorHead")
                            : isReady ? QStringLiteral("readyHead")
                                      : QStringLiteral("raised"));
    m_head->style()->unpolish(m_head);
    m_head->style()->polish(m_head);
    const QString icon = isBlocked ? QStringLiteral("error")
        : isReady                  ? QStringLiteral("tick-circle")
                                   : QStringLiteral("clock");
    const IconTone tone = isBlocked ? IconTone::Error
        : isReady                   ? IconTone::Accent
                                    : IconTone::Quiet;
    m_icon->setPixmap(lineIcon(icon, tone).pixmap(px(18), px(18)));
    const auto missing = std::count_if(m_problems.begin(), m_problems.end(),
                                       [](const Problem& p) { return !p.isWarning; });
    m_title->setText(isBlocked ? tr("Not ready") : isReady ? tr("Ready") : tr("Checking"));
    if (isBlocked)
        m_why->setText(tr("%n thing(s) to put right", nullptr, static_cast<int>(missing)));
    else if (!isReady)
        m_why->setText(tr("Reading every row as the model will see it"));
    else if (m_busyRun != 0 && m_waiting > 0)
        m_why->setText(tr("Starts after run %1 and %n run(s) in the queue", nullptr,
                          static_cast<int>(m_waiting))
                           .arg(m_busyRun));
    else if (m_busyRun != 0)
        m_why->setText(tr("Starts when run %1 has ended").arg(m_busyRun));
    else
        m_why->setText(tr("Every row was read as the model will see it"));
    m_start->setEnabled(isReady);
    m_queue->setEnabled(isReady);
    m_start->setToolTip(isReady ? tr("Freezes the experiment and starts it.") : m_why->text());
    setAccessibleDescription(m_title->text() + QStringLiteral(". ") + m_why->text());
}

void ReadyCard::setPlan(const Plan& plan, const DeviceInfo& device)
{
    const QLocale locale;
    m_trained->setText(locale.toString(qlonglong(plan.trainedParameters)));
    const double share = plan.totalParameters > 0
        ? 100.0 * static_cast<double>(plan.trainedParameters)
            / static_cast<double>(plan.totalParameters)
        : 0.0;
    m_share->setText(tr("%1 % of %2")
                         .arg(locale.toString(share, 'f', 2),
                              QString::fromStdString(countInWords(plan.totalParameters))));
    m_time->setText(plan.seconds < 0.0 ? tr("not known yet") : roughDurationInWords(plan.seconds));
    m_perStep->setText(plan.secondsPerStep < 0.0
                           ? tr("known after the first run")
                           : tr("%1 s a step").arg(locale.toString(plan.secondsPerStep, 'f', 2)));
    m_total->setText(inWords(plan.totalBytes()));
    std::vector<Meter::Part> parts;
    for (std::size_t i = 0; i < std::size(kParts); ++i) {
        const std::uint64_t bytes = plan.*(kParts[i].bytes);
        m_bytes[i]->setText(inWords(bytes));
        parts.push_back({static_cast<double>(bytes), kParts[i].ink, tr(kParts[i].title)});
    }
    m_parts->setParts(parts, static_cast<double>(std::max<std::uint64_t>(1, plan.totalBytes())));
    m_parts->setAccessibleName(tr("Memory plan: %1").arg(m_total->text()));
    const std::uint64_t others = device.memoryUsed;
    const std::uint64_t free = device.memoryTotal > others ? device.memoryTotal - others : 0;
    m_deviceWords->setText(
        tr("On this device: in use %1, this run %2, then free %3")
            .arg(inWords(others), inWords(plan.totalBytes()),
                 inWords(free > plan.totalBytes() ? free - plan.totalBytes() : 0)));
    const bool isTooMuch = plan.totalBytes() > free;
    m_device->setParts({{static_cast<double>(others), Meter::Ink::Ink2, tr("in use")},
                        {static_cast<double>(plan.totalBytes()),
                         isTooMuch ? Meter::Ink::Error : Meter::Ink::Accent, tr("this run")}},
                       static_cast<double>(std::max<std::uint64_t>(1, device.memoryTotal)));
}

void ReadyCard::setDifferences(const std::vector<FieldDifference>& differences)
{
    clear(*m_list);
    m_count->setText(QString::number(differences.size()));
    if (differences.empty())
        m_list->addWidget(new TextLabel(tr("Nothing: all settings are the defaults."),
                                        TextType::Table, TextInk::Ink2));
    std::size_t shown = 0;
    for (const FieldDifference& difference : differences) {
        if (++shown > kMostShown) {
            m_list->addWidget(new TextLabel(
                tr("and %n more", nullptr, static_cast<int>(differences.size() - kMostShown)),
                TextType::Caption, TextInk::Ink3));
            break;
        }
        auto* row = new QHBoxLayout;
        row->setSpacing(px(6));
        row->addWidget(new TextLabel(QString::fromStdString(difference.field), TextType::Table,
                                     TextInk::Ink2));
        auto* old =
            new TextLabel(QString::fromStdString(difference.a), TextType::Table, TextInk::Ink3);
        QFont font = old->font();
        font.setStrikeOut(true);
        old->setFont(font);
        // The default right beside it, as if somebody had corrected it by hand.
        auto* now = (new TextLabel(TextType::Table))->elided();
        now->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
        now->setFullText(QString::fromStdString(difference.b));
        row->addStretch(1);
        row->addWidget(old);
        row->addWidget(now);
        m_list->addLayout(row);
    }
}

} // namespace tw
