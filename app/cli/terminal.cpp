// SPDX-License-Identifier: Apache-2.0
#include "app/cli/terminal.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

namespace tw::cli {
namespace {

std::atomic<int> g_interrupts {0};
static_assert(std::atomic<int>::is_always_lock_free); // a signal handler may touch nothing else

void onInterruptSignal(int)
{
    if (++g_interrupts >= 3)
        std::_Exit(3);
}

double secondsNow()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string lineOf(const Progress& progress)
{
    std::string line = progress.stage.empty() ? "waiting" : progress.stage;
    if (progress.total > 0)
        line += " " + groupedDigits(progress.done) + "/" + groupedDigits(progress.total);
    else if (progress.done > 0)
        line += " " + groupedDigits(progress.done);
    if (progress.remainingSeconds >= 0 && progress.done < progress.total)
        line += ", " + clockText(progress.remainingSeconds) + " left";
    return line;
}

} // namespace

void watchInterrupts()
{
    struct sigaction action
    {
    };
    action.sa_handler = onInterruptSignal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr); // a cluster's scheduler and a shutdown ask like this
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe shows as a failed write
}

int interrupts()
{
    return g_interrupts.load();
}

ProgressLine::ProgressLine()
    : m_isTerminal(::isatty(STDERR_FILENO) == 1)
{
}

ProgressLine::~ProgressLine()
{
    clear();
}

void ProgressLine::show(const Progress& progress)
{
    const double now = secondsNow();
    if (progress.stage.empty() || (!m_isTerminal && now < m_nextSeconds))
        return;
    const std::string line = lineOf(progress);
    if (m_isTerminal) {
        std::cerr << '\r' << line
                  << std::string(m_width > line.size() ? m_width - line.size() : 0, ' ')
                  << std::flush;
        m_width = line.size();
    } else {
        std::cerr << line << std::endl;
        constexpr double kSecondsBetweenLines =
            10.0; // a log file should show that it goes on, not fill up
        m_nextSeconds = now + kSecondsBetweenLines;
    }
}

void ProgressLine::clear()
{
    if (m_isTerminal && m_width > 0)
        std::cerr << '\r' << std::string(m_width, ' ') << '\r' << std::flush;
    m_width = 0;
}

void watch(JobControl& control,
           OnInterrupt onInterrupt,
           const std::function<bool(std::chrono::milliseconds)>& isDoneWithin,
           const Between& between)
{
    ProgressLine line;
    bool hasStopped = false;
    bool hasCancelled = false;
    while (!isDoneWithin(std::chrono::milliseconds(100))) {
        const int count = interrupts();
        if (count >= 1 && !hasStopped && onInterrupt == OnInterrupt::StopAndKeep) {
            hasStopped = true;
            line.clear();
            std::cerr << "Finishing the step and saving; Ctrl+C again stops now." << std::endl;
            control.stop();
        }
        if (!hasCancelled && count >= (onInterrupt == OnInterrupt::StopAndKeep ? 2 : 1)) {
            hasCancelled = true;
            control.cancel();
        }
        if (between)
            line.clear();
        if (!between || !between())
            line.show(control.progress());
    }
    line.clear();
    if (between)
        between();
}

void printJson(const nlohmann::ordered_json& json, int indent)
{
    std::cout << json.dump(indent, ' ', false, Json::error_handler_t::replace) << std::endl;
}

void printTable(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], toCodePoints(row[i]).size());
    }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size())
                line += std::string(widths[i] - toCodePoints(row[i]).size() + 2, ' ');
        }
        std::cout << line << '\n';
    }
}

std::string numberText(double value, int digits)
{
    if (!std::isfinite(value))
        return "-";
    std::array<char, 64> out {};
    std::snprintf(out.data(), out.size(), "%.*g", digits, value);
    return out.data();
}

} // namespace tw::cli
