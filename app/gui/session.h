// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/page_id.h"
#include "core/workbench/project.h"
#include "core/workbench/workspace.h"

#include <QObject>
#include <QPointer>
#include <QStringList>
#include <QTimer>

#include <map>
#include <memory>
#include <vector>

namespace tw {

class JobWatcher;
class RunQueue;

/// What all pages share: the workbench, the open project, the queue of runs, and the way from page
/// to page.
class Session final : public QObject
{
    Q_OBJECT

public:
    explicit Session(QObject* parent = nullptr);
    ~Session() override;

    /// Made when somebody first asks, so that the window is painted before LibTorch wakes.
    Workspace& workspace();
    /// The open project; null while there is none.
    const std::shared_ptr<Project>& project() const { return m_project; }
    /// The open project, or a new one in the documents folder.
    Project& ensureProject();
    RunQueue& queue() { return *m_queue; }

    void openProject(const QString& folder); ///< nothing where it is the open one
    void createProject(const QString& folder);
    /// The sample project, made where it is missing; without a folder in projectsFolder().
    void openSample(const QString& folder = {});
    bool isOpeningSample() const { return m_isOpeningSample; }
    static QString projectsFolder(); ///< where new projects go unless told otherwise
    static QStringList recentProjects(); ///< folders, the last one first

    /// Opens whatever was dropped or chosen: project, model, adapter, data set, experiment.
    void openPath(const QString& path);
    /// Shows a page, and there a run (0: none in particular).
    void go(PageId page, std::int64_t run = 0);
    void report(const QString& what, const QString& hint);
    /// Puts a file into the experiment being edited and tells everybody.
    void useModel(const QString& path);
    void useData(const DataPart& part); ///< as training data
    /// Roles and limit of a data set as they were last set here or in the experiment.
    DataPart partOf(const std::string& path) const;
    void rememberPart(const DataPart& part);
    /// Has everything stored that was edited and is not stored yet.
    void saveEdits() { Q_EMIT saveAsked(); }

    /// Long work other than a run, for everybody to see.
    struct Work
    {
        QPointer<JobWatcher> watcher;
        QString name; ///< "X-ray of run 3"
        Progress progress;
    };
    void announce(JobWatcher* watcher, const QString& name);
    /// Under way or waiting; the one announced last at the end.
    const std::vector<Work>& works() const { return m_works; }

Q_SIGNALS:
    void projectChanged(); ///< another project, or none
    void projectGrew(); ///< somebody wrote into the open project
    void saveAsked(); ///< whoever holds edits that are not stored yet stores them now
    void worksChanged();
    void pageAsked(tw::PageId page, qint64 run);
    void sampleOpened(); ///< or refused; failed() said why
    void modelAdded(const QString& path);
    void dataAdded(const QString& path);
    void projectDialogAsked(bool isNew); ///< somebody wants to choose a folder
    void helpAsked(const QString& name); ///< of a page of the handbook: "lora"
    void failed(const QString& what, const QString& hint);

private:
    /// Whether the open project may be left; says why not. Leaving it would end its run.
    bool canLeaveProject();
    bool isOpen(const QString& folder) const;
    void setProject(std::shared_ptr<Project> project);
    void look();
    void rememberProject();

    std::unique_ptr<Workspace> m_workspace;
    std::shared_ptr<Project> m_project;
    RunQueue* m_queue = nullptr;
    QTimer m_timer;
    std::int64_t m_version = -1;
    bool m_isOpeningSample = false;
    std::map<std::string, DataPart> m_parts; ///< of data sets outside the experiment, by path
    std::vector<Work> m_works;
};

/// File name without folders, for showing.
QString baseName(const std::string& path);
QString text(const std::string& utf8);

} // namespace tw
