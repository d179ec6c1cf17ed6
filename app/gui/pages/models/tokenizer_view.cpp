// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/models/tokenizer_view.h"

#include "app/gui/session.h"
#include "core/base/error.h"
#include "widgets/basic/text_label.h"
#include "widgets/text/token_flow.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QLocale>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace tw {
namespace {

constexpr int kMostCharacters = 20'000; // typed text follows at once; files belong on the page Data

/// As it stands in the text: byte-level vocabularies spell bytes as other letters, SentencePiece a
/// space as a low line.
QString shownText(const TextTokenizer& tokenizer, std::int64_t id, const std::string& spelled)
{
    QString piece = text(spelled);
    const QChar lowLine(0x2581);
    if (piece.contains(lowLine))
        return piece.replace(lowLine, QLatin1Char(' '));
    const QString decoded = text(tokenizer.decode({id}).decoded);
    return decoded.isEmpty() ? piece : decoded;
}

std::vector<FlowToken> flowTokens(const TextTokenizer& tokenizer, const TokenizedText& encoded)
{
    std::vector<FlowToken> tokens;
    for (std::size_t i = 0; i < encoded.ids.size(); ++i) {
        FlowToken token;
        token.id = encoded.ids[i];
        token.text = shownText(tokenizer, encoded.ids[i], encoded.tokens[i]);
        token.note = QStringLiteral("\"%1\"").arg(text(encoded.tokens[i]));
        tokens.push_back(std::move(token));
    }
    return tokens;
}

} // namespace

TokenizerView::TokenizerView(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(16), px(12), px(16), px(12));
    column->setSpacing(px(8));
    m_text =
        new QPlainTextEdit(tr("Type here to see the tokens: naïve café, 12345, 你好 🙂"), this);
    m_text->setAccessibleName(tr("Text to tokenize"));
    m_text->setTabChangesFocus(true);
    m_text->setFixedHeight(px(88));
    column->addWidget(m_text);
    auto* row = new QHBoxLayout;
    m_addsSpecial = new QCheckBox(tr("With special tokens"), this);
    m_addsSpecial->setToolTip(tr("Those that the tokenizer itself puts around a text, such as its "
                                 "beginning and its end."));
    m_addsSpecial->setChecked(true);
    row->addWidget(m_addsSpecial);
    row->addStretch(1);
    m_fact = new TextLabel(TextType::Table, TextInk::Ink2);
    row->addWidget(m_fact);
    column->addLayout(row);
    m_flow = new TokenFlow(this);
    m_flow->setAccessibleName(tr("Tokens of the text"));
    column->addWidget(m_flow, 1);
    connect(m_text, &QPlainTextEdit::textChanged, this, &TokenizerView::showTokens);
    connect(m_addsSpecial, &QCheckBox::toggled, this, &TokenizerView::showTokens);
}

void TokenizerView::setModel(const std::string& path)
{
    if (path == m_path)
        return;
    m_path = path;
    m_tokenizer.reset();
    m_opening.drop();
    m_flow->setTokens({});
    m_fact->setText({});
    if (isVisible())
        open();
}

void TokenizerView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (!m_tokenizer && !m_opening.isRunning())
        open();
}

void TokenizerView::open()
{
    if (m_path.empty())
        return;
    m_fact->setText(tr("reading the tokenizer"));
    JobWatcher* watcher = m_opening.start(
        m_session.workspace().runner().start(
            Lane {Lane::Kind::Light}, [path = m_path](JobControl&) { return TextTokenizer(path); }),
        [this](const TextTokenizer& tokenizer) {
            m_tokenizer = tokenizer;
            showTokens();
        },
        this);
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        m_fact->setText(what + QLatin1Char(' ') + hint);
    });
}

void TokenizerView::showTokens()
{
    if (!m_tokenizer)
        return;
    const QString typed = m_text->toPlainText();
    if (typed.size() > kMostCharacters) {
        m_flow->setTokens({});
        m_fact->setText(tr("Longer than %1 characters: tokenize it as a file on the page Data.")
                            .arg(QLocale().toString(kMostCharacters)));
        return;
    }
    TokenizedText encoded;
    try {
        encoded = m_tokenizer->encode(typed.toStdString(), m_addsSpecial->isChecked());
    } catch (const Error& error) {
        m_flow->setTokens({});
        m_fact->setText(text(error.what()) + QLatin1Char(' ') + text(error.hint()));
        return;
    }
    m_flow->setTokens(flowTokens(*m_tokenizer, encoded));
    const auto count = static_cast<int>(encoded.ids.size());
    const bool isSame = text(encoded.decodedSkipSpecial) == typed;
    m_fact->setText(tr("%n token(s), %1", nullptr, count)
                        .arg(isSame ? tr("decoded to the same text")
                                    : tr("decoded to another text: %1")
                                          .arg(text(encoded.decodedSkipSpecial).left(60))));
}

} // namespace tw
