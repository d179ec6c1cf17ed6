// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/home_page.h"

#include "app/gui/page_list.h"
#include "app/gui/pages/home/activity_list.h"
#include "app/gui/pages/home/disk_panel.h"
#include "app/gui/pages/home/tile.h"
#include "app/gui/pages/list_delegate.h"
#include "app/gui/pages/list_rows.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/panel.h"
#include "widgets/theme/type.h"

#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QListView>
#include <QLocale>
#include <QPushButton>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

/// "today 15:58", "12 Oct": when a project was last written.
QString whenInWords(const QDateTime& time)
{
    const QLocale locale;
    if (time.date() == QDate::currentDate())
        return QObject::tr("today %1").arg(locale.toString(time.time(), QStringLiteral("HH:mm")));
    return locale.toString(time.date(), QStringLiteral("d MMM"));
}

/// "~/Tunewright/sample" for a folder in the person's home.
QString shortFolder(const QString& folder)
{
    const QString home = QDir::homePath();
    return folder.startsWith(home + QLatin1Char('/')) ? QLatin1Char('~') + folder.mid(home.size())
                                                      : folder;
}

} // namespace

HomePage::HomePage(Session& session)
    : Page(session, pageEntry(PageId::Home).title, pageEntry(PageId::Home).question)
{
    QPushButton* open =
        makeButton(tr("Open project…"), ButtonKind::Secondary, QStringLiteral("folder"));
    connect(open, &QPushButton::clicked, this,
            [this] { Q_EMIT this->session().projectDialogAsked(false); });
    addAction(open);
    QPushButton* add = makeButton(tr("New project"), ButtonKind::Primary, QStringLiteral("plus"));
    connect(add, &QPushButton::clicked, this,
            [this] { Q_EMIT this->session().projectDialogAsked(true); });
    addAction(add);

    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(16));
    column->addLayout(makeTiles());
    auto* below = new QHBoxLayout;
    below->setSpacing(px(16));
    m_activity = new ActivityList(session);
    below->addWidget(m_activity, 1);
    auto* side = new QVBoxLayout;
    side->setSpacing(px(16));
    side->addWidget(makeRecent());
    m_disk = new DiskPanel(session);
    side->addWidget(m_disk, 1);
    below->addLayout(side);
    column->addLayout(below, 1);
    setContent(content);
}

QLayout* HomePage::makeTiles()
{
    auto* row = new QHBoxLayout;
    row->setSpacing(px(16));
    m_tune = new Tile(QStringLiteral("tune"), tr("Fine-tune a model"),
                      tr("Choose a model, data and a method. See what fits before you start."));
    m_xray =
        new Tile(QStringLiteral("inspect"), tr("X-ray a model or adapter"),
                 tr("Compare two sets of weights, matrix by matrix. No training data needed."));
    m_sample =
        new Tile(QStringLiteral("play"), tr("Open the sample"),
                 tr("A small real model and a shop's answers. Trains in under two minutes."));
    m_xray->setFact(tr("Drop a folder or a .safetensors file anywhere"));
    m_sample->setFact(tr("Walks through Data, Tune, Inspect and Reports"));
    connect(m_tune, &Tile::clicked, this, [this] {
        session().ensureProject();
        session().go(PageId::Tune);
    });
    connect(m_xray, &Tile::clicked, this, [this] { session().go(PageId::Inspect); });
    connect(m_sample, &Tile::clicked, this, [this] { session().openSample(); });
    for (Tile* tile : {m_tune, m_xray, m_sample})
        row->addWidget(tile, 1);
    return row;
}

QWidget* HomePage::makeRecent()
{
    m_recentPanel = new Panel(tr("Recent projects"));
    m_recentPanel->setFixedWidth(px(372));
    m_recentPanel->setBodyMargins(0, 0, 0, 0);
    m_recentPanel->setHeadLine(true);
    m_recent = new QStandardItemModel(this);
    m_recentList = new QListView;
    m_recentList->setAccessibleName(tr("Recent projects"));
    m_recentList->setModel(m_recent);
    m_recentList->setItemDelegate(new ListDelegate(46, m_recentList));
    m_recentList->setMouseTracking(true);
    m_recentList->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    const auto open = [this](const QModelIndex& index) {
        if (const QString folder = index.data(PathRole).toString(); !folder.isEmpty())
            session().openProject(folder);
    };
    connect(m_recentList, &QListView::clicked, this, open);
    connect(m_recentList, &QListView::activated, this, [open](const QModelIndex& index) {
        // The mouse has clicked already; what lies under a second click may be another project.
        if (QGuiApplication::mouseButtons() == Qt::NoButton)
            open(index);
    });
    m_recentPanel->body()->addWidget(m_recentList);
    return m_recentPanel;
}

void HomePage::projectChanged()
{
    m_disk->refresh();
    refresh();
}

void HomePage::refresh()
{
    fillRecent();
    const auto& project = session().project();
    m_tune->setFact(
        project
            ? tr("%1 and %2 are in this project")
                  .arg(tr("%n model(s)", nullptr, static_cast<int>(project->models().size())),
                       tr("%n data set(s)", nullptr, static_cast<int>(project->datasets().size())))
            : tr("Makes a project in %1").arg(shortFolder(Session::projectsFolder())));
    m_activity->setRuns(project ? project->runs() : std::vector<RunSummary>(),
                        project ? project->reports() : std::vector<Project::StoredReport>());
}

void HomePage::fillRecent()
{
    const QString now =
        session().project() ? text(session().project()->folder().string()) : QString();
    std::vector<ListRow> rows;
    for (const QString& folder : Session::recentProjects()) {
        const QFileInfo file(QDir(folder).filePath(QStringLiteral("project.tunewright")));
        if (!file.exists())
            continue;
        ListRow row;
        row.title = QFileInfo(folder).fileName();
        row.path = folder;
        row.second = shortFolder(folder);
        row.secondRight = folder == now ? tr("open") : whenInWords(file.lastModified());
        rows.push_back(row);
    }
    fillRows(*m_recent, rows);
    chooseRow(*m_recentList, now);
    m_recentPanel->setVisible(m_recent->rowCount() > 0);
    m_recentList->setFixedHeight(px(46) * std::min(5, m_recent->rowCount()) + 2);
}

Page* makeHomePage(Session& session)
{
    return new HomePage(session);
}

} // namespace tw
