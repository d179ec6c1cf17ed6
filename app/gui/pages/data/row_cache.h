// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/job_watcher.h"
#include "core/workbench/values.h"

#include <QObject>
#include <QStringList>

#include <map>
#include <set>
#include <string>

namespace tw {

class Session;

/// Rows of one data file, read page by page when somebody looks at them.
class RowCache final : public QObject
{
    Q_OBJECT

public:
    RowCache(Session& session, QObject* parent);
    void open(const std::string& path);
    /// The cells of a row, or nothing while they are being read.
    const std::vector<std::string>* row(std::int64_t index);

Q_SIGNALS:
    void loaded(qint64 first, qint64 count);
    void failed(const QString& what, const QString& hint);

private:
    void fetch(std::int64_t page);

    Session& m_session;
    std::string m_path;
    std::map<std::int64_t, std::vector<std::vector<std::string>>> m_pages;
    std::set<std::int64_t> m_asked;
    std::vector<QPointer<JobWatcher>> m_watchers;
};

} // namespace tw
