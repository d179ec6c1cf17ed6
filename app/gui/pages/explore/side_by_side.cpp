// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/explore/side_by_side.h"

#include "app/gui/session.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/segmented_choice.h"
#include "widgets/basic/text_label.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSpinBox>
#include <QVBoxLayout>

namespace tw {
namespace {

constexpr int kSide = 336; // px at 100 %

/// Label over its field.
void addField(QVBoxLayout& column, const QString& label, QWidget* field, const QString& tip)
{
    auto* caption = new TextLabel(label, TextType::Table, TextInk::Ink2);
    caption->setBuddy(field);
    field->setToolTip(tip);
    field->setAccessibleName(label);
    column.addWidget(caption);
    column.addWidget(field);
    column.addSpacing(px(4));
}

} // namespace

SideBySide::SideBySide(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(12));
    row->addWidget(makeAnswers(), 1);
    row->addWidget(makeSettings());
}

QWidget* SideBySide::makeAnswers()
{
    auto* room = new QWidget(this);
    auto* column = new QVBoxLayout(room);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(12));
    auto* question = new Panel(tr("Question"));
    m_prompt = new QPlainTextEdit;
    m_prompt->setAccessibleName(tr("Question to both models"));
    m_prompt->setTabChangesFocus(true);
    m_prompt->setFixedHeight(px(84));
    question->body()->addWidget(m_prompt);
    question->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    column->addWidget(question);
    auto* answers = new QHBoxLayout;
    answers->setSpacing(px(12));
    for (Side* side : {&m_a, &m_b}) {
        side->panel = new Panel(side == &m_a ? tr("A") : tr("B"));
        side->panel->setHeadLine(true);
        side->panel->setBodyMargins(12, 8, 12, 12);
        side->text = new QPlainTextEdit;
        side->text->setReadOnly(true);
        side->text->setFrameShape(QFrame::NoFrame);
        side->text->setProperty("answer", true);
        side->text->setPlaceholderText(tr("The answer appears here while it is written."));
        side->text->setAccessibleName(side == &m_a ? tr("Answer of A") : tr("Answer of B"));
        side->panel->body()->addWidget(side->text);
        side->panel->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // equal halves
        answers->addWidget(side->panel, 1);
    }
    column->addLayout(answers, 1);
    return room;
}

QWidget* SideBySide::makeSettings()
{
    auto* panel = new Panel(tr("Settings"));
    panel->setHeadLine(true);
    panel->setFixedWidth(px(kSide));
    QVBoxLayout& column = *panel->body();
    m_way = new SegmentedChoice({tr("Likeliest"), tr("Drawn")}, tr("How tokens are chosen"));
    addField(column, tr("How tokens are chosen"), m_way,
             tr("Likeliest: always the token the model finds most likely. Drawn: at random, as "
                "likely as the model says, with the same seed for both."));
    m_length = new QSpinBox;
    m_length->setRange(8, 1024);
    m_length->setValue(96);
    m_length->setSuffix(tr(" tokens"));
    addField(column, tr("Longest answer"), m_length,
             tr("The answer ends here unless the model ends it earlier. 64 to 256 suits most "
                "questions."));
    m_seed = new QSpinBox;
    m_seed->setRange(0, 1000000);
    m_seed->setValue(7);
    addField(column, tr("Seed"), m_seed, tr("The same seed gives the same answers again."));
    m_system = new QLineEdit;
    m_system->setPlaceholderText(tr("none"));
    addField(column, tr("System message"), m_system,
             tr("What the model is told about its part before the question."));
    m_isChat = new QCheckBox(tr("Ask as a message in a chat"));
    m_isChat->setChecked(true);
    m_isChat->setToolTip(tr("On: the question goes through the model's chat template. Off: the "
                            "model goes on with the text as it stands."));
    connect(m_isChat, &QCheckBox::toggled, m_system, &QWidget::setEnabled);
    column.addWidget(m_isChat);
    column.addStretch(1);
    return panel;
}

void SideBySide::setPair(const ModelRef& base,
                         const QString& baseName,
                         const PairChooser::Tuned& tuned)
{
    if (base == m_base && tuned.ref == m_tuned)
        return;
    stop();
    m_base = base;
    m_tuned = tuned.ref;
    m_a.panel->setTitle(tr("A, %1").arg(baseName));
    m_b.panel->setTitle(tr("B, %1").arg(tuned.name));
    for (Side* side : {&m_a, &m_b}) {
        side->text->clear();
        side->panel->setFact({});
    }
}

void SideBySide::setSamples(const std::vector<RunSample>& samples, bool arePairs)
{
    if (samples.empty() || isRunning())
        return;
    if (m_prompt->toPlainText().isEmpty())
        m_prompt->setPlainText(text(samples.front().prompt));
    const std::string asked = m_prompt->toPlainText().toStdString();
    const bool isUntouched = m_a.text->document()->isEmpty() && m_b.text->document()->isEmpty();
    if (!arePairs || !isUntouched)
        return;
    for (const RunSample& sample : samples) { // the last of them is the newest
        if (sample.prompt != asked)
            continue;
        Side& side = sample.step == 0 ? m_a : m_b;
        side.text->setPlainText(text(sample.text));
        side.panel->setFact(
            sample.step == 0
                ? tr("kept from before the training")
                : tr("kept from step %1").arg(QLocale().toString(qlonglong(sample.step))));
    }
}

GenerateOptions SideBySide::options() const
{
    GenerateOptions options;
    options.chat = m_isChat->isChecked();
    options.system = options.chat ? m_system->text().toStdString() : std::string();
    options.maxTokens = m_length->value();
    options.greedy = m_way->current() == 0;
    options.seed = m_seed->value();
    return options;
}

void SideBySide::start()
{
    if (m_prompt->toPlainText().trimmed().isEmpty()) {
        m_prompt->setFocus();
        Q_EMIT failed(tr("There is no question yet."),
                      tr("Write what both models should answer, then ask again."));
        return;
    }
    stop();
    ask(m_a, m_base);
    ask(m_b, m_tuned);
    Q_EMIT stateChanged();
}

void SideBySide::stop()
{
    const bool wasRunning = isRunning();
    for (Side* side : {&m_a, &m_b}) {
        if (side->job.isRunning())
            side->panel->setFact(tr("stopped"));
        side->job.drop();
    }
    if (wasRunning)
        Q_EMIT stateChanged();
}

void SideBySide::ask(Side& side, const ModelRef& model)
{
    side.text->clear();
    side.panel->setFact(tr("waiting"));
    const auto streaming =
        m_session.workspace().generate(model, m_prompt->toPlainText().toStdString(), options());
    const auto feed = streaming.feed;
    JobWatcher* watcher = side.job.start(
        streaming.job,
        [this, &side, feed](const Generated& answer) {
            append(side, feed->take());
            side.panel->setFact(
                tr("%n tokens, %1 a second", nullptr, static_cast<int>(answer.ids.size()))
                    .arg(QLocale().toString(answer.tokensPerSecond, 'f', 0)));
            side.job.drop();
            Q_EMIT stateChanged();
        },
        this);
    m_session.announce(watcher, &side == &m_a ? tr("Answer of A") : tr("Answer of B"));
    connect(watcher, &JobWatcher::progressed, this, [this, &side, feed] {
        const std::vector<std::string> parts = feed->take();
        if (!parts.empty())
            side.panel->setFact(tr("writing"));
        append(side, parts);
    });
    connect(watcher, &JobWatcher::failed, this,
            [this, &side](const QString& what, const QString& hint) {
                side.panel->setFact(tr("failed"));
                side.job.drop();
                Q_EMIT failed(what, hint);
                Q_EMIT stateChanged();
            });
}

void SideBySide::append(Side& side, const std::vector<std::string>& parts)
{
    if (parts.empty())
        return;
    QString grown;
    for (const std::string& part : parts)
        grown += QString::fromStdString(part);
    QTextCursor end(side.text->document());
    end.movePosition(QTextCursor::End);
    end.insertText(grown);
    side.text->verticalScrollBar()->setValue(side.text->verticalScrollBar()->maximum());
}

} // namespace tw
