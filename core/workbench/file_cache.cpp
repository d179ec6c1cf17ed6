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
