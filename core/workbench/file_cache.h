// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace tw {

/// Bytes of a file, or of the files that lie directly in a folder.
std::uint64_t sizeOfFiles(const std::filesystem::path& path);
/// The same with the files in folders within it, down to eight; linked folders are left out.
std::uint64_t sizeOfTree(const std::filesystem::path& path);
/// Names, sizes and times of the files at path (a file, or what lies directly in a folder): another
/// text once one of them was exchanged.
std::string stateOfFiles(const std::string& path);

/// The two things opened last, by path, for as long as their files stay as they are: scrolling
/// through a large file indexes it once. Thread-safe.
template <typename Opened>
class FileCache
{
public:
    /// open(path) is called where nothing is kept; what it throws goes on to the caller.
    template <typename Open>
    std::shared_ptr<const Opened> get(const std::string& path, Open open)
    {
        const std::string state = stateOfFiles(path);
        {
            const std::lock_guard lock(m_mutex);
            for (auto it = m_entries.begin(); it != m_entries.end(); ++it)
                if (it->path == path && it->state == state) {
                    m_entries.splice(m_entries.begin(), m_entries, it);
                    return it->opened;
                }
        }
        std::shared_ptr<const Opened> opened = open(path); // outside: it may take seconds
        const std::lock_guard lock(m_mutex);
        m_entries.remove_if([&](const Entry& entry) { return entry.path == path; });
        m_entries.push_front({path, state, opened});
        if (m_entries.size() > kKept)
            m_entries.pop_back();
        return opened;
    }

private:
    static constexpr std::size_t kKept = 2; // training and held-out data

    struct Entry
    {
        std::string path;
        std::string state;
        std::shared_ptr<const Opened> opened;
    };
    std::mutex m_mutex;
    std::list<Entry> m_entries; ///< newest first
};

/// Data sets and tokenizers that the window asks for again at every click.
struct OpenFiles
{
    FileCache<Dataset> datasets;
    FileCache<Tokenizer> tokenizers;

    std::shared_ptr<const Dataset> dataset(const std::string& path);
    std::shared_ptr<const Tokenizer> tokenizer(const std::string& path);
};

} // namespace tw
