// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/file_cache.h"

#include "core/base/text.h"

#include <set>

namespace tw {

namespace fs = std::filesystem;

std::uint64_t sizeOfFiles(const fs::path& path)
{
    std::error_code code;
    if (!fs::is_directory(path))
        return fs::file_size(path, code);
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(path, code))
        if (entry.is_regular_file())
            bytes += entry.file_size();
    return bytes;
}

std::uint64_t sizeOfTree(const fs::path& path)
{
    constexpr int kDepth = 8; // as deep as folders of pictures are read
    std::error_code code;
    if (!fs::is_directory(path, code))
        return sizeOfFiles(path);
    std::uint64_t bytes = 0;
    fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, code);
    for (const fs::recursive_directory_iterator end; !code && it != end; it.increment(code)) {
        std::error_code unread; // one file that cannot be asked keeps none of the others out
        if (it.depth() >= kDepth)
            it.disable_recursion_pending();
        if (it->is_regular_file(unread)) { // also behind a link, as the hub keeps them
            const std::uintmax_t size = it->file_size(unread);
            bytes += unread ? 0 : size;
        }
    }
    return bytes;
}

std::string stateOfFiles(const std::string& path)
{
    std::set<std::string> lines;
    const auto add = [&](const fs::path& file) {
        std::error_code code;
        const auto size = fs::file_size(file, code);
        const auto time = fs::last_write_time(file, code).time_since_epoch().count();
        lines.insert(file.filename().string() + " " + std::to_string(size) + " "
                     + std::to_string(time));
    };
    std::error_code code;
    if (!fs::is_directory(path, code))
        add(path);
    for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code))
        if (it->is_regular_file(code))
            add(it->path());
    return join({lines.begin(), lines.end()}, "\n");
}

std::shared_ptr<const Dataset> OpenFiles::dataset(const std::string& path)
{
    const auto open = [](const std::string& file) { return openDataset(file); };
    std::error_code code;
    // Folders are opened anew: what changed deep inside is not seen, and listing one is quick.
    return fs::is_directory(path, code) ? open(path) : datasets.get(path, open);
}

std::shared_ptr<const Tokenizer> OpenFiles::tokenizer(const std::string& path)
{
    return tokenizers.get(path, [](const std::string& file) { return openTokenizer(file); });
}

} // namespace tw
