// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace tw {

/// Threads for work that takes some microseconds and comes again at once, such as the products of
/// one token: between two pieces of work they stay awake for a moment, where waking a sleeping one
/// would take longer than the work. After that moment they sleep and take nothing from others.
class QuickTeam
{
public:
    static QuickTeam& shared();

    QuickTeam() = default;
    ~QuickTeam();
    QuickTeam(const QuickTeam&) = delete;
    QuickTeam& operator=(const QuickTeam&) = delete;

    /// Calls work(piece) for 0 <= piece < pieces in up to `threads` threads, the caller's among
    /// them, and returns when all is done. work must not throw. Where the
    /// team is in use, by another thread or further up in this one, the caller does everything
    /// itself.
    template <typename Work>
    void run(std::int64_t threads, std::int64_t pieces, const Work& work)
    {
        runPieces(
            threads, pieces,
            [](const void* context, std::int64_t piece) {
                (*static_cast<const Work*>(context))(piece);
            },
            &work);
    }

private:
    using Call = void (*)(const void*, std::int64_t);

    void runPieces(std::int64_t threads, std::int64_t pieces, Call call, const void* context);
    void takePieces();
    void serve(std::int64_t number);

    std::atomic<bool> m_isUsed {false};
    std::vector<std::thread> m_helpers;
    /// Odd while there is work. What stands below it changes only while it is even, and no helper
    /// that counts as active looks at it then.
    std::atomic<std::uint64_t> m_round {0};
    std::atomic<std::int64_t> m_active {0};
    std::atomic<bool> m_isEnding {false};
    std::atomic<std::int64_t> m_next {0};
    std::int64_t m_pieces = 0;
    std::int64_t m_allowed = 0; ///< helpers that may take part
    Call m_call = nullptr;
    const void* m_context = nullptr;
};

} // namespace tw
