// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/models_page.h"

#include "app/gui/file_dialog.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/list_rows.h"
#include "app/gui/pages/models/fetch_dialog.h"
#include "app/gui/pages/models/lineage_view.h"
#include "app/gui/pages/models/tensor_tree.h"
#include "app/gui/pages/models/tokenizer_view.h"
#include "app/gui/session.h"
#include "app/gui/words.h"
#include "core/base/text.h"
#include "widgets/basic/button.h"
#include "widgets/basic/chip.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/figure_row.h"
#include "widgets/basic/inline_message.h"
#include "widgets/basic/text_label.h"
#include "widgets/plot/bar_plot.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QListView>
#include <QLocale>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTabBar>
#include <QTreeView>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

QString real(double value)
{
    return QLocale().toString(value, 'g', 4);
}

QString inWords(const ModelSummary& model)
{
    if (model.senses.empty())
        return ModelsPage::tr("%1 family, %2 blocks, reads %3 tokens. %4.")
            .arg(text(model.family), number(model.layers), number(model.contextLength),
                 text(model.tokenizer));
    return ModelsPage::tr("%1 family, %2 blocks, reads %3.")
        .arg(text(model.family), number(model.layers), text(model.senses));
}

std::vector<Figure> figuresOf(const ModelSummary& model)
{
    const auto tr = [](const char* words) { return ModelsPage::tr(words); };
    std::vector<Figure> figures {{tr("Blocks"), number(model.layers), {}},
                                 {tr("Width"), number(model.hiddenSize), {}},
                                 {tr("Parameters"), text(countInWords(model.parameters)), {}}};
    if (!model.loads || model.vocabularySize > 0) {
        figures.push_back({tr("Context"), tr("%1 tokens").arg(number(model.contextLength)), {}});
        figures.push_back({tr("Vocabulary"), number(model.vocabularySize), {}});
        figures.push_back({tr("Template"), model.hasChatTemplate ? tr("its own") : tr("none"), {}});
    }
    figures.push_back(
        {tr("Licence"), model.licence.empty() ? tr("none stated") : text(model.licence), {}});
    return figures;
}

} // namespace

ModelsPage::ModelsPage(Session& session)
    : Page(session, pageEntry(PageId::Models).title, pageEntry(PageId::Models).question)
{
    QPushButton* folder =
        makeButton(tr("Open folder…"), ButtonKind::Secondary, QStringLiteral("folder"));
    folder->setToolTip(tr("A model or an adapter as Hugging Face stores it."));
    connect(folder, &QPushButton::clicked, this, &ModelsPage::openFolder);
    addAction(folder);
    QPushButton* file = makeButton(tr("Open file…"), ButtonKind::Secondary, QStringLiteral("file"));
    file->setToolTip(tr("A GGUF or safetensors file."));
    connect(file, &QPushButton::clicked, this, &ModelsPage::openFile);
    addAction(file);
    QPushButton* fetch =
        makeButton(tr("Fetch…"), ButtonKind::Secondary, QStringLiteral("download"));
    fetch->setToolTip(tr("Downloads a model by its name. The one thing that uses the network."));
    connect(fetch, &QPushButton::clicked, this, &ModelsPage::askWhatToFetch);
    addAction(fetch);
    m_use = makeButton(tr("Fine-tune this model"), ButtonKind::Primary);
    connect(m_use, &QPushButton::clicked, this, [this] { this->session().useModel(text(m_path)); });
    addAction(m_use);
    makeContent();
    makeEmpty();
    connect(&session, &Session::modelAdded, this,
            [this](const QString& path) { openModel(path.toStdString()); });
}

void ModelsPage::makeEmpty()
{
    auto* empty = new EmptyState(pageEntry(PageId::Models).icon, tr("No models yet"),
                                 tr("Drop a model folder, a GGUF file or an adapter here, or open "
                                    "one. Models stay where they are."));
    connect(empty->addButton(tr("Open a file…"), QStringLiteral("file")), &QPushButton::clicked,
            this, &ModelsPage::openFile);
    connect(empty->addButton(tr("Open a folder…"), QStringLiteral("folder")), &QPushButton::clicked,
            this, &ModelsPage::openFolder);
    connect(empty->addButton(tr("Open the sample")), &QPushButton::clicked, this,
            [this] { session().openSample(); });
    setEmptyState(empty);
}

void ModelsPage::openFile()
{
    auto* dialog = new QFileDialog(this, tr("Open a model"), {},
                                   tr("Models (*.gguf *.safetensors *.bin *.pt *.pth *.npz);;"
                                      "All files (*)"));
    ask(dialog, this, [this](const QString& path) { session().openPath(path); });
}

void ModelsPage::openFolder()
{
    auto* dialog = new QFileDialog(this, tr("Open a model or adapter folder"));
    dialog->setFileMode(QFileDialog::Directory);
    ask(dialog, this, [this](const QString& path) { session().openPath(path); });
}

void ModelsPage::askWhatToFetch()
{
    const QString folder =
        QDir(Session::projectsFolder()).filePath(QStringLiteral("Models")); // every project's
    auto* dialog = new FetchDialog(folder, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { fetch(dialog->options()); });
    dialog->open();
}

void ModelsPage::fetch(const FetchOptions& options)
{
    message().hide();
    auto* watcher = new JobWatcher(
        session().workspace().fetch(options),
        [this](const FetchSummary& fetched) { session().openPath(text(fetched.folder)); }, this);
    connect(watcher, &JobWatcher::failed, this,
            [this, options](const QString& what, const QString& hint) {
                message().show(InlineMessage::Kind::Error, what, hint);
                connect(message().addButton(tr("Try again"), true), &QPushButton::clicked, this,
                        [this, options] { fetch(options); });
            });
    session().announce(watcher, tr("Fetching %1").arg(text(options.name)));
}

void ModelsPage::projectChanged()
{
    m_describe.drop();
    m_detail.drop();
    m_path.clear();
    m_known.clear();
    m_failed.clear();
    message().hide();
    refresh();
}

void ModelsPage::refresh()
{
    const bool isEmpty = !session().project() || session().project()->models().empty();
    showEmptyState(isEmpty);
    m_use->setVisible(!isEmpty);
    if (isEmpty)
        return;
    fillList();
    if (m_path.empty())
        openModel(session().project()->models().front());
    else
        m_lineage->refresh();
}

ListRow ModelsPage::rowOf(const std::string& path) const
{
    ListRow row;
    row.title = baseName(path);
    row.path = text(path);
    row.second = tr("not read yet");
    row.third = QString();
    const auto known = m_known.find(path);
    if (known == m_known.end()) {
        if (const auto failed = m_failed.find(path); failed != m_failed.end()) {
            row.second.clear();
            row.third = failed->second;
            row.mark = QStringLiteral("error");
        }
    } else if (const auto* model = std::get_if<ModelSummary>(&known->second)) {
        row.title = text(model->name);
        row.second = tr("%1, %2").arg(text(model->family), text(countInWords(model->parameters)));
        row.secondRight =
            tr("%1, %2").arg(text(model->dtype), text(bytesInWords(model->fileBytes)));
        row.third = model->loads ? tr("loads") : tr("does not load: %1").arg(text(model->whyNot));
        row.mark = model->loads ? QStringLiteral("check") : QStringLiteral("error");
    } else {
        const auto& adapter = std::get<AdapterSummary>(known->second);
        const QString method = text(adapter.method).toUpper();
        const QString count = text(countInWords(adapter.parameters));
        row.second = adapter.rank > 0 ? tr("%1 r=%2, %3").arg(method).arg(adapter.rank).arg(count)
                                      : tr("%1, %2").arg(method, count);
        row.secondRight = text(bytesInWords(adapter.fileBytes));
        row.third = tr("on %1").arg(baseName(adapter.baseModel));
        row.mark = QStringLiteral("models");
    }
    return row;
}

void ModelsPage::fillList()
{
    std::vector<ListRow> rows;
    for (const std::string& path : session().project()->models())
        rows.push_back(rowOf(path));
    const QSignalBlocker quiet(m_list->selectionModel());
    fillRows(*m_items, rows);
    chooseRow(*m_list, text(m_path));
}

void ModelsPage::openModel(const std::string& path)
{
    m_path = path;
    m_lineage->setModel(path);
    m_detail.drop();
    message().hide();
    fillList();
    if (QFileInfo::exists(text(path) + QStringLiteral("/adapter_config.json"))) {
        read(session().workspace().describeAdapter(path));
    } else {
        read(session().workspace().describeModel(path));
    }
}

template <typename SummaryOf>
void ModelsPage::read(Job<SummaryOf> job)
{
    JobWatcher* watcher = m_describe.start(
        std::move(job),
        [this, path = m_path](const SummaryOf& summary) {
            m_known[path] = summary;
            m_failed.erase(path);
            fillList();
            show(summary);
        },
        this);
    connect(watcher, &JobWatcher::failed, this,
            [this, path = m_path](const QString& what, const QString& hint) {
                m_known.erase(path);
                m_failed[path] = what;
                fillList();
                showNothing();
                message().show(InlineMessage::Kind::Error, what, hint);
            });
}

/// What cannot be read: nothing of another model may stand beside its name.
void ModelsPage::showNothing()
{
    m_detail.drop();
    m_use->setEnabled(false);
    m_use->setToolTip(m_failed[m_path]);
    m_name->setText(baseName(m_path));
    m_chip->set(tr("cannot be read"), Chip::Kind::Error);
    m_place->setFullText(text(m_path));
    m_words->setText({});
    m_facts->setFigures({});
    fillWords({});
    offerTokenizer(false);
    showTensors({});
    m_tensorName->setFullText({});
    m_tensorFact->setText({});
    m_histogram->setBars({});
    m_values->setFigures({});
}

void ModelsPage::show(const ModelSummary& model)
{
    m_use->setEnabled(model.loads);
    m_use->setToolTip(model.loads ? QString() : text(model.whyNot));
    m_name->setText(text(model.name));
    m_chip->set(model.loads ? tr("loads") : tr("does not load"),
                model.loads ? Chip::Kind::Accent : Chip::Kind::Error);
    m_place->setFullText(text(model.path));
    m_words->setText(model.loads ? inWords(model) : text(model.whyNot));
    m_facts->setFigures(figuresOf(model));
    fillWords(model.configuration);
    offerTokenizer(!model.loads || model.vocabularySize > 0);
    showTensors(model.tensors);
}

void ModelsPage::show(const AdapterSummary& adapter)
{
    m_use->setEnabled(false);
    m_use->setToolTip(tr("An adapter is tuned together with its base model: open that one."));
    m_name->setText(baseName(adapter.path));
    m_chip->set(tr("adapter"), Chip::Kind::Quiet);
    m_place->setFullText(text(adapter.path));
    m_words->setText(tr("%1 on %2.").arg(text(adapter.method).toUpper(), text(adapter.baseModel)));
    const QString none = tr("none");
    m_facts->setFigures({{tr("Rank"), adapter.rank > 0 ? number(adapter.rank) : none, {}},
                         {tr("Alpha"), adapter.alpha > 0.0 ? real(adapter.alpha) : none, {}},
                         {tr("Matrices"), number(adapter.modules), {}},
                         {tr("Parameters"), text(countInWords(adapter.parameters)), {}},
                         {tr("File"), text(bytesInWords(adapter.fileBytes)), {}}});
    fillWords({});
    offerTokenizer(false);
    showTensors(adapter.tensors);
}

void ModelsPage::showTensors(const std::vector<TensorSummary>& tensors)
{
    m_tensors->setTensors(tensors);
    if (tensors.empty())
        return;
    m_tree->expandToDepth(0);
    const auto middle = tensors.begin() + static_cast<std::ptrdiff_t>(tensors.size() / 2);
    const auto matrix = std::find_if(middle, tensors.end(),
                                     [](const TensorSummary& t) { return t.shape.size() == 2; });
    const QModelIndex index =
        m_tensors->find((matrix == tensors.end() ? tensors.front() : *matrix).name);
    m_tree->scrollTo(index, QAbstractItemView::PositionAtCenter);
    m_tree->setCurrentIndex(index);
}

void ModelsPage::showTensor(const std::string& name)
{
    m_tensorName->setFullText(text(name));
    m_tensorFact->setText(tr("reading its values"));
    JobWatcher* watcher = m_detail.start(
        session().workspace().describeTensor(m_path, name),
        [this](const TensorDetail& detail) { showDetail(detail); }, this);
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        m_histogram->setBars({});
        m_values->setFigures({});
        m_tensorFact->setText(what + QLatin1Char(' ') + hint);
    });
}

void ModelsPage::showDetail(const TensorDetail& detail)
{
    m_tensorFact->setText(tr("how often each value stands in it"));
    Bars bars;
    bars.edges = detail.binEdges;
    bars.values = detail.binCounts;
    m_histogram->setBars(std::move(bars));
    const double largest = std::max(std::abs(detail.minimum), std::abs(detail.maximum));
    m_values->setFigures({{tr("Norm"), real(detail.norm), {}},
                          {tr("Spread"), real(detail.standardDeviation), {}},
                          {tr("Largest"), real(largest), {}}});
    if (detail.notFinite > 0) // a training that diverged leaves such
        m_tensorFact->setText(
            tr("%1 of its values are no numbers (NaN or infinite)").arg(number(detail.notFinite)));
}

void ModelsPage::fillWords(const std::vector<std::pair<std::string, std::string>>& words)
{
    m_configuration->removeRows(0, m_configuration->rowCount());
    for (const auto& [label, value] : words) {
        auto* name = new QStandardItem(text(label));
        auto* said = new QStandardItem(text(value));
        name->setEditable(false);
        said->setEditable(false);
        m_configuration->appendRow({name, said});
    }
    m_tabs->setTabVisible(1, !words.empty());
}

void ModelsPage::offerTokenizer(bool isThere)
{
    constexpr int kTokenizerTab = 2;
    m_tokenizer->setModel(isThere ? m_path : std::string());
    m_tabs->setTabVisible(kTokenizerTab, isThere);
}

Page* makeModelsPage(Session& session)
{
    return new ModelsPage(session);
}

} // namespace tw
