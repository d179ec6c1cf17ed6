// SPDX-License-Identifier: Apache-2.0
#include "core/download/http.h"

#include "core/base/error.h"

#include <curl/curl.h>
#include <memory>
#include <utility>

namespace tw {
namespace {

constexpr long kMostRedirects = 10;
constexpr long kConnectSeconds = 20;
constexpr long kSilentSeconds = 60; // after which a server counts as gone
constexpr long kListingSeconds = 120; // a megabyte at most, so this is a server that drips

/// libcurl's own start, once in the process.
void startCurl()
{
    static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (kStarted != CURLE_OK)
        throw Error("The network library did not start.", "Restart Tunewright.");
}

/// One request.
class Request
{
public:
    Request(const std::string& url, const std::string& token)
        : m_url(url)
    {
        startCurl();
        m_curl.reset(curl_easy_init());
        if (m_curl == nullptr)
            throw Error("The network library did not start.", "Restart Tunewright.");
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
        set(CURLOPT_FOLLOWLOCATION, 1L);
        set(CURLOPT_MAXREDIRS, kMostRedirects);
        set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
        set(CURLOPT_NOSIGNAL, 1L); // jobs run in threads
        set(CURLOPT_USERAGENT, "tunewright/" TW_VERSION);
        set(CURLOPT_ERRORBUFFER, m_message);
        set(CURLOPT_WRITEFUNCTION, &Request::receivePiece);
        set(CURLOPT_WRITEDATA, this);
        if (!token.empty()) { // libcurl keeps it from other hosts
            set(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
            set(CURLOPT_XOAUTH2_BEARER, token.c_str());
        }
    }

    void startAt(std::int64_t offset)
    {
        // Not CURLOPT_RESUME_FROM, which fails where a server sends the whole file instead.
        if (offset > 0)
            set(CURLOPT_RANGE, (std::to_string(offset) + "-").c_str());
    }
    void onPulse(const HttpClient::Pulse& pulse)
    {
        m_pulse = &pulse;
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &Request::pulseNow);
        set(CURLOPT_XFERINFODATA, this);
    }
    void endAfter(long seconds) { set(CURLOPT_TIMEOUT, seconds); }
    void onPiece(HttpClient::Receive receive) { m_receive = std::move(receive); }

    /// False where receive or pulse ended it. Throws Error.
    bool run()
    {
        const CURLcode code = curl_easy_perform(m_curl.get());
        if (m_thrown)
            std::rethrow_exception(m_thrown);
        if (m_wasEnded)
            return false;
        if (code != CURLE_OK)
            throw Error("No answer from " + m_url + ": "
                            + (m_message[0] != '\0' ? m_message : curl_easy_strerror(code)) + ".",
                        hintFor(code));
        return true;
    }
    long status() const
    {
        long status = 0;
        curl_easy_getinfo(m_curl.get(), CURLINFO_RESPONSE_CODE, &status);
        return status;
    }
    void throwUnlessFound(const std::string& hint) const
    {
        const long found = status();
        if (found == 200 || found == 206)
            return;
        const bool isDenied = found == 401 || found == 403;
        throw Error("The server answers " + std::to_string(found) + " for " + m_url + ".",
                    isDenied ? "The model may ask for an account: give a token that may read it, "
                               "and accept its terms on the web first."
                        : found >= 500 ? "The server has a problem; try again later."
                                       : hint);
    }

private:
    template <typename Value>
    void set(CURLoption option, Value value)
    {
        curl_easy_setopt(m_curl.get(), option, value);
    }

    static const char* hintFor(CURLcode code)
    {
        switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
            return "Is this machine online, and is the address right? Everything else works "
                   "without a network: a model that was fetched elsewhere can be opened from its "
                   "folder.";
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return "Write an address that begins with https://.";
        case CURLE_PEER_FAILED_VERIFICATION:
            return "The server's certificate is not trusted here. If it is your own, let the "
                   "system trust it.";
        default:
            return "Try again: what has arrived is kept, and the download goes on from there.";
        }
    }

    static std::size_t receivePiece(char* bytes, std::size_t, std::size_t count, void* self)
    {
        auto& request = *static_cast<Request*>(self);
        try { // nothing may be thrown through a C library
            request.m_wasEnded = !request.m_receive(bytes, count);
        } catch (...) {
            request.m_thrown = std::current_exception();
        }
        return request.m_wasEnded || request.m_thrown ? CURL_WRITEFUNC_ERROR : count;
    }

    static int pulseNow(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
    {
        auto& request = *static_cast<Request*>(self);
        try {
            request.m_wasEnded = request.m_wasEnded || !(*request.m_pulse)();
        } catch (...) {
            request.m_thrown = std::current_exception();
        }
        return request.m_wasEnded || request.m_thrown ? 1 : 0;
    }

    struct Cleanup
    {
        void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    };
    std::string m_url;
    std::unique_ptr<CURL, Cleanup> m_curl;
    char m_message[CURL_ERROR_SIZE] = {};
    HttpClient::Receive m_receive;
    const HttpClient::Pulse* m_pulse = nullptr;
    std::exception_ptr m_thrown;
    bool m_wasEnded = false;
};

} // namespace

HttpClient::HttpClient(std::string token)
    : m_token(std::move(token))
{
}

std::string HttpClient::text(const std::string& url, std::size_t limit, const Pulse& pulse) const
{
    Request request(url, m_token);
    request.onPulse(pulse);
    request.endAfter(kListingSeconds);
    std::string body;
    request.onPiece([&](const char* bytes, std::size_t count) {
        if (count > limit - body.size())
            return false;
        body.append(bytes, count);
        return true;
    });
    const bool isWhole = request.run();
    request.throwUnlessFound("Check the name of the model and the address.");
    if (!isWhole)
        throw Error("The answer of " + url + " is longer than any that makes sense.",
                    "Check the address.");
    return body;
}

HttpClient::Answer HttpClient::file(const std::string& url,
                                    std::int64_t offset,
                                    const std::function<void(bool isWhole)>& begin,
                                    const Receive& receive,
                                    const Pulse& pulse) const
{
    Request request(url, m_token);
    request.startAt(offset);
    request.onPulse(pulse);
    Answer answer;
    bool hasBegun = false;
    request.onPiece([&](const char* bytes, std::size_t count) {
        if (request.status() != 200 && request.status() != 206)
            return true; // the page that says what went wrong
        if (!std::exchange(hasBegun, true)) {
            answer.isWhole = offset == 0 || request.status() == 200;
            begin(answer.isWhole);
        }
        return receive(bytes, count);
    });
    answer.wasEnded = !request.run();
    if (!answer.wasEnded)
        request.throwUnlessFound("The file may have gone from the server; ask for the model anew.");
    if (!answer.wasEnded && !hasBegun) // an empty file
        begin(offset == 0);
    return answer;
}

namespace {

std::string escaped(const std::string& text, bool keepsSlash)
{
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~'
            || (c == '/' && keepsSlash);
        if (isPlain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
        }
    }
    return out;
}

} // namespace

std::string escapedPath(const std::string& path)
{
    return escaped(path, true);
}

std::string escapedName(const std::string& name)
{
    return escaped(name, false);
}

} // namespace tw
