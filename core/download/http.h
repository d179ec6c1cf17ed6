// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace tw {

/// Asks web servers. The only part of Tunewright that opens a connection, and only when somebody
/// asked for a download. Certificates are checked; only http and https are followed.
class HttpClient
{
public:
    /// token: sent to the host that was asked, and to no other that it sends us on to; may be
    /// empty.
    explicit HttpClient(std::string token = {});

    /// Receives bytes of the body in pieces; false ends the transfer.
    using Receive = std::function<bool(const char* bytes, std::size_t count)>;
    /// Called a few times a second, also while nothing comes; false ends the transfer. May throw.
    using Pulse = std::function<bool()>;

    /// The answer's body. Throws Error: no connection, an answer that is not 200, more than limit
    /// bytes, more than two minutes.
    std::string text(const std::string& url, std::size_t limit, const Pulse& pulse) const;

    struct Answer
    {
        bool isWhole = false; ///< the server sends the file from its start, whatever was asked for
        bool wasEnded = false; ///< by receive or pulse
    };
    /// The body from byte `offset` on. begin(isWhole) is called before the first byte. Throws
    /// Error.
    Answer file(const std::string& url,
                std::int64_t offset,
                const std::function<void(bool isWhole)>& begin,
                const Receive& receive,
                const Pulse& pulse) const;

private:
    std::string m_token;
};

/// A path with what has a meaning of its own in an address written as %XX; "/" stays.
std::string escapedPath(const std::string& path);
/// The same for one part of a path, which may itself hold a "/": a branch "feature/x".
std::string escapedName(const std::string& name);

} // namespace tw
