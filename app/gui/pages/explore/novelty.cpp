// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/explore/novelty.h"

#include "app/gui/pages/fact_list.h"
#include "app/gui/session.h"
#include "app/gui/words.h"
#include "widgets/basic/button.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/shade/change_legend.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <map>

namespace tw {
namespace {

constexpr int kSide = 336; // px at 100 %
constexpr std::size_t kMostWanted = 8;
constexpr std::size_t kMostChances = 8; // of the next token, in the tooltip

void addField(QVBoxLayout& column, const QString& label, QWidget* field, const QString& tip)
{
    auto* caption = new TextLabel(label, TextType::Table, TextInk::Ink2);
    caption->setBuddy(field);
    field->setToolTip(tip);
    field->setAccessibleName(label);
    column.addWidget(caption);
    column.addWidget(field);
}

QSpinBox* makeNumber(int lowest, int highest, int value)
{
    auto* field = new QSpinBox;
    field->setRange(lowest, highest);
    field->setValue(value);
    return field;
}

QString percent(double probability)
{
    return QLocale().toString(probability * 100.0, 'g', 3);
}

/// The token's contrast and, where they are known, what else B could have said here.
QString noteOf(const ContrastToken& token)
{
    QString note = Novelty::tr("“%1”: %2 nats. A finds it %3 % likely here, B %4 %.")
                       .arg(QString::fromStdString(token.text), signedNumber(token.contrast, 1),
                            percent(std::exp(token.logBase)), percent(std::exp(token.logTuned)));
    for (std::size_t i = 0; i < std::min(token.chances.size(), kMostChances); ++i) {
        const TokenChance& chance = token.chances[i];
        note += QLatin1Char('\n')
            + Novelty::tr("“%1”: A %2 %, B %3 %")
                  .arg(QString::fromStdString(chance.text), percent(chance.base),
                       percent(chance.tuned));
    }
    return note;
}

} // namespace

std::vector<WantedToken> wantedMost(const std::vector<ContrastSample>& samples, std::size_t most)
{
    std::map<QString, WantedToken> tokens;
    for (const ContrastSample& sample : samples) {
        for (const ContrastToken& token : sample.tokens) {
            const QString word = QString::fromStdString(token.text).trimmed();
            if (word.isEmpty())
                continue;
            WantedToken& known = tokens[word];
            known.text = word;
            known.mean += token.contrast;
            ++known.count;
        }
    }
    std::vector<WantedToken> wanted;
    for (auto& [word, token] : tokens) {
        token.mean /= token.count;
        if (token.count >= 2 && token.mean >= kLeastShade)
            wanted.push_back(token);
    }
    std::sort(wanted.begin(), wanted.end(),
              [](const WantedToken& a, const WantedToken& b) { return a.mean > b.mean; });
    wanted.resize(std::min(wanted.size(), most));
    return wanted;
}

ShadedRow shadedRow(const ContrastSample& sample)
{
    ShadedRow row;
    double sum = 0.0;
    for (const ContrastToken& token : sample.tokens) {
        row.tokens.push_back({QString::fromStdString(token.text), token.contrast, noteOf(token)});
        sum += token.contrast;
    }
    // The mean: sums only say which text is longer.
    row.score = sample.tokens.empty()
        ? QString()
        : signedNumber(sum / static_cast<double>(sample.tokens.size()), 2);
    return row;
}

Novelty::Novelty(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(12));
    row->addWidget(makeTexts(), 1);
    row->addWidget(makeSide());
}

QWidget* Novelty::makeTexts()
{
    m_panel = new Panel(tr("What is new in it?"));
    m_panel->setHeadLine(true);
    m_panel->setBodyMargins(0, 0, 0, 0);
    m_legend = new ChangeLegend(tr("A wants it more"), tr("B wants it more"));
    m_panel->addTool(m_legend);
    m_list = new ShadedList;
    auto* invitation =
        new EmptyState(QStringLiteral("explore"), tr("Not asked yet"),
                       tr("Tunewright lets B write and prefers what A would not have said. The "
                          "texts show what B has learned, without any training data."));
    connect(invitation->addButton(tr("Find out")), &QPushButton::clicked, this, &Novelty::start);
    m_stack = new QStackedWidget;
    m_stack->addWidget(invitation);
    m_stack->addWidget(m_list);
    m_panel->body()->setSpacing(0);
    m_panel->body()->addWidget(m_stack, 1);

    m_progress = new QWidget;
    auto* row = new QHBoxLayout(m_progress);
    row->setContentsMargins(px(16), px(10), px(16), px(10));
    m_meter = new Meter(6);
    m_meter->setFixedWidth(px(120));
    m_words = new TextLabel(TextType::Table, TextInk::Ink2);
    row->addWidget(m_meter);
    row->addWidget(m_words, 1);
    m_progress->hide();
    m_panel->body()->addWidget(m_progress);
    return m_panel;
}

QWidget* Novelty::makeSide()
{
    auto* side = new QWidget(this);
    side->setFixedWidth(px(kSide));
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(12));
    auto* wanted = new Panel(tr("Wanted most"));
    wanted->setHeadLine(true);
    wanted->setFact(tr("mean over all texts"));
    m_most = new FactList;
    wanted->body()->addWidget(m_most);
    column->addWidget(wanted);

    auto* settings = new Panel(tr("Settings"));
    settings->setHeadLine(true);
    QVBoxLayout& fields = *settings->body();
    m_strength = addSlider(fields, tr("Contrast strength: %1"), 0, 200, 100,
                           tr("How strongly what A finds likely is avoided. 1 is the plain "
                              "contrast; more gets stranger texts."));
    m_likely = addSlider(fields, tr("Keep tokens that are at least %1 as likely as B’s likeliest"),
                         1, 50, 10,
                         tr("Tokens that B itself finds unlikely are left out, or the texts fall "
                            "apart. 0.05 to 0.2 suits most."));
    auto* first = new QHBoxLayout;
    first->setSpacing(px(8));
    m_texts = makeNumber(1, 100, 6);
    m_length = makeNumber(8, 256, 48);
    m_seed = makeNumber(0, 1000000, 7);
    const std::pair<QString, QSpinBox*> numbers[] {
        {tr("Texts"), m_texts}, {tr("Tokens each"), m_length}, {tr("Seed"), m_seed}};
    for (const auto& [label, field] : numbers) {
        auto* cell = new QVBoxLayout;
        addField(*cell, label, field, label);
        first->addLayout(cell, 1);
    }
    fields.addLayout(first);
    m_prefix = new QLineEdit;
    m_prefix->setPlaceholderText(tr("nothing: B begins by itself"));
    addField(fields, tr("Begin with"), m_prefix, tr("A text that all texts begin with."));
    column->addWidget(settings);
    column->addStretch(1);
    return side;
}

QSlider* Novelty::addSlider(QVBoxLayout& column,
                            const QString& label,
                            int lowest,
                            int highest,
                            int value,
                            const QString& tip)
{
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setRange(lowest, highest);
    auto* caption = (new TextLabel(TextType::Table, TextInk::Ink2))->wrapped();
    caption->setBuddy(slider);
    slider->setToolTip(tip);
    connect(slider, &QSlider::valueChanged, caption, [caption, label, slider](int now) {
        caption->setText(label.arg(QLocale().toString(now / 100.0, 'f', 2)));
        slider->setAccessibleName(caption->text());
    });
    slider->setValue(value);
    column.addWidget(caption);
    column.addWidget(slider);
    return slider;
}

void Novelty::setPair(const ModelRef& base, const PairChooser::Tuned& tuned)
{
    if (base == m_base && tuned == m_tuned && m_project == m_session.project())
        return;
    stop();
    m_base = base;
    m_tuned = tuned;
    m_project = m_session.project();
    m_samples = tuned.isNewest && m_project ? m_project->contrastSamplesOf(tuned.run)
                                            : std::vector<ContrastSample>();
    m_kept = m_samples.size();
    m_isOtherQuestion = true;
    m_legend->setWords(
        tr("base wants it more"),
        tr("%1 wants it more").arg(tuned.run != 0 ? tr("run %1").arg(tuned.run) : tr("B")));
    show();
}

ContrastOptions Novelty::options() const
{
    ContrastOptions options;
    options.gamma = m_strength->value() / 100.0;
    options.alpha = m_likely->value() / 100.0;
    options.texts = m_texts->value();
    options.length = m_length->value();
    options.seed = m_seed->value();
    options.prefix = m_prefix->text().toStdString();
    return options;
}

void Novelty::start()
{
    m_samples.clear(); // another question: its texts do not mix with earlier ones
    m_isOtherQuestion = true;
    m_kept = 0;
    const ContrastOptions asked = options();
    m_wanted = static_cast<std::size_t>(asked.texts);
    const auto streaming = m_session.workspace().contrast(m_base, m_tuned.ref, asked);
    const auto feed = streaming.feed;
    JobWatcher* watcher = m_job.start(
        streaming.job,
        [this, feed](const std::vector<ContrastSample>&) {
            take(feed->take());
            m_job.drop();
            keep();
            show();
            Q_EMIT stateChanged();
        },
        this);
    m_session.announce(watcher, tr("Texts of %1").arg(m_tuned.name));
    connect(watcher, &JobWatcher::progressed, this, [this, feed] { take(feed->take()); });
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        m_job.drop();
        keep();
        show();
        Q_EMIT failed(what, hint);
        Q_EMIT stateChanged();
    });
    show();
    Q_EMIT stateChanged();
}

void Novelty::stop()
{
    if (!m_job.isRunning())
        return;
    m_job.drop();
    keep();
    show();
    Q_EMIT stateChanged();
}

void Novelty::take(const std::vector<ContrastSample>& fresh)
{
    if (fresh.empty())
        return;
    m_samples.insert(m_samples.end(), fresh.begin(), fresh.end());
    show();
}

void Novelty::keep()
{
    if (!m_project || m_project->isReadOnly() || !m_tuned.isNewest || m_kept >= m_samples.size())
        return;
    m_project->addContrastSamples(
        m_tuned.run, {m_samples.begin() + static_cast<std::ptrdiff_t>(m_kept), m_samples.end()});
    m_kept = m_samples.size();
}

void Novelty::show()
{
    // A text is laid out once: only those that have come since are made into rows.
    if (m_list->rows().size() > m_samples.size() || m_isOtherQuestion)
        m_list->setRows({});
    m_isOtherQuestion = false;
    std::vector<ShadedRow> fresh;
    for (std::size_t i = m_list->rows().size(); i < m_samples.size(); ++i)
        fresh.push_back(shadedRow(m_samples[i]));
    m_list->addRows(std::move(fresh));
    m_stack->setCurrentIndex(m_samples.empty() && !isRunning() ? 0 : 1);
    m_panel->setTitle(m_samples.empty()
                          ? tr("What is new in it?")
                          : tr("%n texts", nullptr, static_cast<int>(m_samples.size())));
    m_panel->setFact(m_samples.empty() ? QString()
                                       : tr("without any training data; numbers are nats a token"));
    m_progress->setVisible(isRunning());
    m_meter->setShare(
        m_wanted > 0 ? static_cast<double>(m_samples.size()) / static_cast<double>(m_wanted) : 0.0);
    m_words->setText(tr("Writing text %1 of %2")
                         .arg(std::min(m_samples.size() + 1, std::max<std::size_t>(1, m_wanted)))
                         .arg(m_wanted));
    std::vector<FactList::Fact> facts;
    for (const WantedToken& token : wantedMost(m_samples, kMostWanted))
        facts.push_back(
            {token.text,
             tr("%1 nats, %n times", nullptr, token.count).arg(signedNumber(token.mean, 1))});
    if (facts.empty())
        facts.push_back({m_samples.empty() ? tr("No text yet") : tr("No token stands out"), {}});
    m_most->setFacts(facts);
}

} // namespace tw
