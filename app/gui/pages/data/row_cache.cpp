// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/data/row_cache.h"

#include "app/gui/session.h"

namespace tw {
namespace {

constexpr std::int64_t kPageRows = 200; // a few screens

} // namespace

RowCache::RowCache(Session& session, QObject* parent)
    : QObject(parent)
    , m_session(session)
{
}

void RowCache::open(const std::string& path)
{
    for (const QPointer<JobWatcher>& watcher : m_watchers)
        delete watcher;
    m_watchers.clear();
    m_path = path;
    m_pages.clear();
    m_asked.clear();
}

const std::vector<std::string>* RowCache::row(std::int64_t index)
{
    const std::int64_t page = index / kPageRows;
    const auto found = m_pages.find(page);
    if (found == m_pages.end()) {
        fetch(page);
        return nullptr;
    }
    const auto inPage = static_cast<std::size_t>(index % kPageRows);
    return inPage < found->second.size() ? &found->second[inPage] : nullptr;
}

void RowCache::fetch(std::int64_t page)
{
    if (m_path.empty() || !m_asked.insert(page).second)
        return;
    auto* watcher = new JobWatcher(
        m_session.workspace().datasetRows(m_path, page * kPageRows, kPageRows),
        [this, page](const DatasetRows& rows) {
            m_pages[page] = rows.rows;
            Q_EMIT loaded(page * kPageRows, static_cast<qint64>(rows.rows.size()));
        },
        this);
    connect(watcher, &JobWatcher::failed, this, &RowCache::failed);
    m_watchers.emplace_back(watcher);
}

} // namespace tw
