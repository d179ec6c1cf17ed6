// SPDX-License-Identifier: Apache-2.0
#include "core/base/quick_team.h"

#include <chrono>
#include <system_error>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tw {
namespace {

// What stands between two products of a token takes some 20 microseconds.
constexpr std::chrono::microseconds kAwake {200};

void restABit()
{
#if defined(__x86_64__)
    _mm_pause();
#else
    std::this_thread::yield();
#endif
}

/// Waits until isReady() for as long as a thread stays awake.
template <typename IsReady>
bool waitAwake(IsReady isReady)
{
    const auto end = std::chrono::steady_clock::now() + kAwake;
    do
        for (int i = 0; i < 32; ++i) {
            if (isReady())
                return true;
            restABit();
        }
    while (std::chrono::steady_clock::now() < end);
    return isReady();
}

} // namespace

QuickTeam& QuickTeam::shared()
{
    static QuickTeam team;
    return team;
}

QuickTeam::~QuickTeam()
{
    m_isEnding = true;
    m_round += 2;
    m_round.notify_all();
    for (std::thread& helper : m_helpers)
        helper.join();
}

void QuickTeam::runPieces(std::int64_t threads, std::int64_t pieces, Call call, const void* context)
{
    if (threads < 2 || pieces < 2 || m_isUsed.exchange(true)) {
        for (std::int64_t piece = 0; piece < pieces; ++piece)
            call(context, piece);
        return;
    }
    try {
        while (std::ssize(m_helpers) + 1 < threads)
            m_helpers.emplace_back(&QuickTeam::serve, this, std::ssize(m_helpers));
    } catch (const std::system_error&) { // those that could be started are enough
    }
    m_pieces = pieces;
    m_allowed = threads - 1;
    m_call = call;
    m_context = context;
    m_next = 0;
    ++m_round;
    m_round.notify_all();
    takePieces();
    ++m_round;
    // A helper may hold a piece still; if it was put to sleep by the system it needs our processor.
    while (!waitAwake([this] { return m_active == 0; }))
        std::this_thread::yield();
    m_isUsed = false;
}

void QuickTeam::takePieces()
{
    for (std::int64_t piece = m_next++; piece < m_pieces; piece = m_next++)
        m_call(m_context, piece);
}

void QuickTeam::serve(std::int64_t number)
{
    std::uint64_t seen = 0;
    while (!m_isEnding) {
        std::uint64_t round = m_round;
        const auto hasWork = [&] {
            round = m_round;
            return (round % 2 == 1 && round != seen) || m_isEnding;
        };
        if (!waitAwake(hasWork)) {
            m_round.wait(round);
            continue;
        }
        ++m_active;
        if (m_round == round && round % 2 == 1 && number < m_allowed)
            takePieces();
        --m_active;
        seen = round;
    }
}

} // namespace tw
