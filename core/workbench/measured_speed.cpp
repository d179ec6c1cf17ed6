// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/measured_speed.h"

#include "core/base/atomic_file.h"
#include "core/base/json.h"
#include "core/workbench/answers.h"

#include <cstdlib>
#include <filesystem>

namespace tw {
namespace {

namespace fs = std::filesystem;

fs::path cacheFile()
{
    const fs::path folder = userCacheFolder();
    return folder.empty() ? folder : folder / "speed.json";
}

Json remembered()
{
    const fs::path file = cacheFile();
    if (file.empty() || !fs::exists(file))
        return Json::object();
    try {
        constexpr std::size_t kMaxBytes = 100'000;
        Json json = readJsonFile(file, kMaxBytes);
        return json.is_object() ? json : Json::object();
    } catch (const Error&) { // a cache that cannot be read is an empty one
        return Json::object();
    }
}

} // namespace

fs::path userCacheFolder()
{
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0')
        return fs::path(cache) / "tunewright";
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
        return fs::path(home) / ".cache" / "tunewright";
    return {};
}

double operationsPerToken(std::int64_t parameters)
{
    return 4.0 * static_cast<double>(parameters);
}

double rememberedSpeed(std::int64_t threads)
{
    const Json json = remembered();
    const auto it = json.find(std::to_string(threads));
    return it != json.end() && it->is_number() ? it->get<double>() : 0.0;
}

void rememberSpeed(std::int64_t threads, double operationsPerSecond)
{
    const fs::path file = cacheFile();
    if (file.empty() || !(operationsPerSecond > 0))
        return;
    Json json = remembered();
    json[std::to_string(threads)] = operationsPerSecond;
    std::error_code code;
    fs::create_directories(file.parent_path(), code);
    try {
        writeFile(file, json.dump(2) + "\n");
    } catch (const Error&) { // without a cache folder the estimate stays unknown: no reason to fail
                             // a run
    }
}

} // namespace tw
