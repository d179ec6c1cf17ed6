// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/models/fetch_dialog.h"

#include "widgets/basic/button.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/theme.h"

#include <QDir>
#include <QFormLayout>
#include <QLineEdit>
#include <QRegularExpression>
#include <QVBoxLayout>

namespace tw {
namespace {

QLineEdit* field(const QString& name, const QString& placeholder, const QString& tip)
{
    auto* edit = new QLineEdit;
    edit->setPlaceholderText(placeholder);
    edit->setToolTip(tip);
    edit->setAccessibleName(name);
    return edit;
}

} // namespace

FetchDialog::FetchDialog(const QString& folder, QWidget* parent)
    : QDialog(parent)
    , m_folder(folder)
{
    setWindowTitle(tr("Fetch a model"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(px(20), px(16), px(20), px(16));
    all->setSpacing(px(12));
    auto* about = new TextLabel(tr("Downloads a model's files and checks each of them. An "
                                   "interrupted download goes on where it ended. Nothing else in "
                                   "Tunewright uses the network."),
                                TextType::Body, TextInk::Ink2);
    all->addWidget(about->wrapped());

    auto* form = new QFormLayout;
    form->setSpacing(px(8));
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    const auto add = [form](const QString& name, const QString& placeholder, const QString& tip) {
        QLineEdit* edit = field(name, placeholder, tip);
        form->addRow(name, edit);
        return edit;
    };
    m_name = add(tr("Model"), QStringLiteral("HuggingFaceTB/SmolLM2-135M-Instruct"),
                 tr("Owner and name, as the model's page shows them."));
    m_files = add(tr("Files"), tr("what opening the model needs"),
                  tr("Only files with such a name: *Q4_K_M.gguf chooses one of several GGUF files. "
                     "Separate several patterns with spaces."));
    m_revision = add(tr("Revision"), QStringLiteral("main"), tr("A branch, a tag or a commit."));
    m_endpoint = add(tr("Server"), QString::fromStdString(FetchOptions().endpoint),
                     tr("Any server that speaks as huggingface.co does."));
    m_token = add(tr("Token"), tr("only for models that ask for an account"),
                  tr("It is sent to this server alone and is not stored."));
    m_token->setEchoMode(QLineEdit::Password);
    all->addLayout(form);
    m_place = new TextLabel(QString(), TextType::Caption, TextInk::Ink3);
    all->addWidget(m_place->elided());

    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    QPushButton* cancel = makeButton(tr("Cancel"), ButtonKind::Secondary);
    cancel->setAutoDefault(false);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    buttons->addWidget(cancel);
    m_fetch = makeButton(tr("Fetch"), ButtonKind::Primary);
    m_fetch->setDefault(true);
    connect(m_fetch, &QPushButton::clicked, this, &QDialog::accept);
    buttons->addWidget(m_fetch);
    all->addLayout(buttons);
    connect(m_name, &QLineEdit::textChanged, this, &FetchDialog::look);
    setMinimumWidth(px(520));
    look();
}

FetchOptions FetchDialog::options() const
{
    FetchOptions options;
    options.name = m_name->text().trimmed().toStdString();
    const QString model = m_name->text().trimmed().section(QLatin1Char('/'), -1);
    options.folder = QDir(m_folder).filePath(model).toStdString();
    options.token = m_token->text().trimmed().toStdString();
    if (const QString server = m_endpoint->text().trimmed(); !server.isEmpty())
        options.endpoint = server.toStdString();
    if (const QString revision = m_revision->text().trimmed(); !revision.isEmpty())
        options.revision = revision.toStdString();
    for (const QString& pattern :
         m_files->text().split(QRegularExpression(QStringLiteral("\\s+")), Qt::SkipEmptyParts))
        options.files.push_back(pattern.toStdString());
    return options;
}

void FetchDialog::look()
{
    static const QRegularExpression kName(
        QStringLiteral("^[\\w.-]*[\\w-][\\w.-]*(/[\\w.-]*[\\w-][\\w.-]*)?$"));
    const bool isName = kName.match(m_name->text().trimmed()).hasMatch();
    m_fetch->setEnabled(isName);
    m_place->setFullText(isName
                             ? tr("Goes to %1").arg(QString::fromStdString(options().folder))
                             : tr("Write owner/name, e.g. HuggingFaceTB/SmolLM2-135M-Instruct."));
}

} // namespace tw
