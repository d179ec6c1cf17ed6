// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/train/memory.h"
#include "core/workbench/answers.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sqlite3.h>
#include <torch/headeronly/version.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace tw {
namespace {

std::string processorName()
{
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.rfind("model name", 0) == 0 && line.find(':') != std::string::npos)
            return trimmed(line.substr(line.find(':') + 1));
    return "unknown processor";
}

/// A line of /proc/meminfo in bytes.
std::uint64_t memoryLine(const std::string& key)
{
    std::ifstream in("/proc/meminfo");
    for (std::string line; std::getline(in, line);)
        if (line.rfind(key + ":", 0) == 0)
            return 1024 * std::strtoull(line.c_str() + key.size() + 1, nullptr, 10);
    return 0;
}

std::int64_t threadsInUse(std::int64_t wanted)
{
    return wanted > 0 ? wanted : static_cast<std::int64_t>(at::get_num_threads());
}

/// Billions of floating-point operations per second in [n, n] x [n, n].
double matmulSpeed(at::ScalarType type)
{
    constexpr std::int64_t kSize = 1024; // a matrix of this size fills the caches as a model's do
    constexpr double kSeconds = 0.4; // long enough for the clock and for the processor to speed up
    const at::Tensor a = at::ones({kSize, kSize}, type);
    const at::Tensor b = at::ones({kSize, kSize}, type);
    at::Tensor out = at::matmul(a, b);
    const auto start = std::chrono::steady_clock::now();
    double seconds = 0;
    double operations = 0;
    while (seconds < kSeconds) {
        at::matmul_out(out, a, b);
        operations += 2.0 * kSize * kSize * kSize;
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    return operations / seconds / 1e9;
}

AnalysisResult examine(const DeviceInfo& device, JobControl& control)
{
    AnalysisResult result;
    result.method = "doctor";
    result.title = "This machine";
    result.provenance = "{}";
    ResultTable table {"machine", "Machine and versions", {"what", "value"}, {}};
    table.rows = {
        {"tunewright", TW_VERSION},
        {"libtorch", TORCH_VERSION},
        {"sqlite", sqlite3_libversion()},
        {"compiler", __VERSION__},
        {"processor", device.processor},
        {"devices", "cpu"},
        {"threads",
         std::to_string(device.threads) + " of "
             + std::to_string(std::thread::hardware_concurrency())},
        {"memory",
         bytesInWords(device.memoryUsed) + " of " + bytesInWords(device.memoryTotal) + " used"},
        {"disk", bytesInWords(device.diskFree) + " free"}};
    result.tables = {table};
    const std::pair<at::ScalarType, const char*> types[] {{at::kFloat, "float32"},
                                                          {at::kBFloat16, "bfloat16"}};
    std::int64_t done = 0;
    for (const auto& [type, name] : types) {
        control.report("measuring", done++, 2);
        control.throwIfCancelled();
        result.numbers.push_back({std::string("matmul.") + name,
                                  std::string("matrix product, ") + name, matmulSpeed(type),
                                  "GFLOP/s", "1024 x 1024"});
    }
    result.summary = std::to_string(static_cast<int>(result.numbers[0].value))
        + " GFLOP/s in float32 with " + std::to_string(device.threads) + " threads.";
    return result;
}

} // namespace

std::uint64_t availableMemory()
{
    return memoryLine("MemAvailable");
}

void Workspace::State::useThreads(std::int64_t threads)
{
    if (threads > 0 && threads != at::get_num_threads())
        at::set_num_threads(static_cast<int>(threads));
}

DeviceInfo Workspace::device() const
{
    DeviceInfo info;
    static const std::string processor = processorName();
    info.processor = processor;
    info.threads = threadsInUse(m_state->threads);
    info.name = "CPU, " + std::to_string(info.threads)
        + (info.threads == 1 ? " thread" : " threads") + ", float32";
    info.memoryTotal = memoryLine("MemTotal");
    info.memoryUsed = info.memoryTotal - std::min(info.memoryTotal, memoryLine("MemAvailable"));
    info.memoryOwn = static_cast<std::uint64_t>(residentBytes());
    std::error_code code;
    const auto space = std::filesystem::space(std::filesystem::current_path(code), code);
    info.diskFree = code ? 0 : space.available;
    return info;
}

Job<AnalysisResult> Workspace::doctor()
{
    return m_state->start(Lane::Kind::Heavy, [device = device()](JobControl& control) {
        return examine(device, control);
    });
}

} // namespace tw
