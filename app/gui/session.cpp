// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/session.h"

#include "app/gui/job_watcher.h"
#include "app/gui/run_queue.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace tw {
namespace {

constexpr int kRecent = 8; // as many as fit beside the activity

const QString& recentKey()
{
    static const QString key = QStringLiteral("recentProjects");
    return key;
}

} // namespace

Session::Session(QObject* parent)
    : QObject(parent)
    , m_queue(new RunQueue(*this))
{
    m_timer.setInterval(std::chrono::milliseconds(300));
    connect(&m_timer, &QTimer::timeout, this, &Session::look);
}

Session::~Session()
{
    delete m_queue;
}

Workspace& Session::workspace()
{
    if (!m_workspace)
        m_workspace = std::make_unique<Workspace>();
    return *m_workspace;
}

Project& Session::ensureProject()
{
    if (!m_project) {
        const QDir home(projectsFolder());
        QString name = tr("First project");
        for (int i = 2; home.exists(name); ++i)
            name = tr("Project %1").arg(i);
        createProject(home.filePath(name));
    }
    if (!m_project)
        throw Error("There is no open project.", "Make one on the page Home.");
    return *m_project;
}

bool Session::canLeaveProject()
{
    if (!m_queue->isBusy())
        return true;
    report(tr("Run %1 of this project is still training.")
               .arg(static_cast<qint64>(m_queue->currentRun())),
           tr("Stop it on the page Runs, which keeps what it has learned, or wait until it ends; "
              "then open the other project."));
    return false;
}

bool Session::isOpen(const QString& folder) const
{
    std::error_code code;
    return m_project
        && std::filesystem::equivalent(m_project->folder(), folder.toStdString(), code);
}

void Session::openProject(const QString& folder)
{
    if (isOpen(folder) || !canLeaveProject())
        return;
    try {
        setProject(Project::open(folder.toStdString()));
    } catch (const Error& error) {
        report(QString::fromUtf8(error.what()), text(error.hint()));
    }
}

void Session::createProject(const QString& folder)
{
    if (!canLeaveProject())
        return;
    try {
        QDir().mkpath(QFileInfo(folder).absolutePath());
        setProject(
            Project::create(folder.toStdString(), QFileInfo(folder).fileName().toStdString()));
    } catch (const Error& error) {
        report(QString::fromUtf8(error.what()), text(error.hint()));
    }
}

void Session::openSample(const QString& folder)
{
    const QString where =
        folder.isEmpty() ? QDir(projectsFolder()).filePath(QStringLiteral("sample")) : folder;
    if (isOpen(where))
        return go(PageId::Tune);
    if (m_isOpeningSample || !canLeaveProject())
        return;
    m_isOpeningSample = true;
    auto* watcher = new JobWatcher(
        workspace().sample(where.toStdString()),
        [this](const std::shared_ptr<Project>& project) {
            if (!canLeaveProject())
                return; // a run was started in the meantime
            setProject(project);
            go(PageId::Tune);
        },
        this);
    connect(watcher, &JobWatcher::failed, this, &Session::report);
    connect(watcher, &JobWatcher::ended, this, [this] {
        m_isOpeningSample = false;
        Q_EMIT sampleOpened();
    });
}

QString Session::projectsFolder()
{
    const QSettings settings;
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return settings
        .value(QStringLiteral("projectsFolder"),
               QDir(documents).filePath(QStringLiteral("Tunewright")))
        .toString();
}

QStringList Session::recentProjects()
{
    return QSettings().value(recentKey()).toStringList();
}

void Session::openPath(const QString& path)
{
    try {
        const std::string kind = workspace().kindOf(path.toStdString());
        if (kind == "project") {
            const QFileInfo info(path);
            openProject(info.isDir() ? path : info.absolutePath());
            go(PageId::Home);
        } else if (kind == "dataset") {
            ensureProject().addDataset(path.toStdString());
            go(PageId::Data);
            Q_EMIT dataAdded(path);
        } else if (kind == "experiment") {
            saveEdits();
            ensureProject().setDraft(readExperiment(path.toStdString()));
            go(PageId::Tune);
        } else if (kind == "tokenizer") {
            report(tr("%1 is a tokenizer without a model.").arg(path),
                   tr("Open the folder of the model that it belongs to."));
        } else {
            // An adapter is its folder, whichever of its two files was chosen.
            const QFileInfo info(path);
            const QString whole = kind == "adapter" && info.isFile() ? info.absolutePath() : path;
            ensureProject().addModel(whole.toStdString());
            go(PageId::Models);
            Q_EMIT modelAdded(whole);
        }
    } catch (const Error& error) {
        report(QString::fromUtf8(error.what()), text(error.hint()));
    }
}

void Session::go(PageId page, std::int64_t run)
{
    Q_EMIT pageAsked(page, run);
}

void Session::report(const QString& what, const QString& hint)
{
    Q_EMIT failed(what, hint);
}

void Session::useModel(const QString& path)
{
    saveEdits();
    Project& open = ensureProject();
    Experiment draft = open.draft();
    draft.model = path.toStdString();
    open.setDraft(draft);
    go(PageId::Tune);
}

void Session::useData(const DataPart& part)
{
    saveEdits();
    Project& open = ensureProject();
    Experiment draft = open.draft();
    rememberPart(draft.train);
    draft.train = part;
    open.setDraft(draft);
    go(PageId::Tune);
}

DataPart Session::partOf(const std::string& path) const
{
    if (m_project) {
        const Experiment draft = m_project->draft();
        for (const DataPart* part : {&draft.train, &draft.heldOut, &draft.general}) {
            if (part->path == path)
                return *part;
        }
    }
    const auto known = m_parts.find(path);
    return known == m_parts.end() ? DataPart {path, {}, 0} : known->second;
}

void Session::rememberPart(const DataPart& part)
{
    if (!part.path.empty())
        m_parts[part.path] = part;
}

void Session::announce(JobWatcher* watcher, const QString& name)
{
    const auto at = [this, watcher] {
        return std::find_if(m_works.begin(), m_works.end(),
                            [watcher](const Work& work) { return work.watcher == watcher; });
    };
    m_works.push_back({watcher, name, {}});
    connect(watcher, &JobWatcher::progressed, this, [this, at](const Progress& progress) {
        if (const auto work = at(); work != m_works.end() && work->progress != progress) {
            work->progress = progress;
            Q_EMIT worksChanged();
        }
    });
    connect(watcher, &QObject::destroyed, this, [this] { // at its end as well as when dropped
        std::erase_if(m_works, [](const Work& work) { return work.watcher.isNull(); });
        Q_EMIT worksChanged();
    });
    Q_EMIT worksChanged();
}

void Session::setProject(std::shared_ptr<Project> project)
{
    saveEdits();
    m_queue->forget();
    m_parts.clear();
    m_project = std::move(project);
    m_version = m_project ? m_project->version() : -1;
    if (m_project) {
        rememberProject();
        m_timer.start();
    } else {
        m_timer.stop();
    }
    Q_EMIT projectChanged();
}

void Session::look()
{
    const std::int64_t now = m_project->version();
    if (now == m_version)
        return;
    m_version = now;
    Q_EMIT projectGrew();
}

void Session::rememberProject()
{
    QSettings settings;
    QStringList recent = settings.value(recentKey()).toStringList();
    const QString folder = QString::fromStdString(m_project->folder().string());
    recent.removeAll(folder);
    recent.prepend(folder);
    settings.setValue(recentKey(), recent.mid(0, kRecent));
}

QString baseName(const std::string& path)
{
    return QFileInfo(QString::fromStdString(path)).fileName();
}

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

} // namespace tw
