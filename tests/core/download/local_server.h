// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace tw {

struct LocalRequest
{
    std::string path; ///< "/api/models/..."
    std::map<std::string, std::string> headers; ///< names in small letters
};

/// What a LocalServer sends, and how badly.
struct LocalAnswer
{
    int status = 200;
    std::string body;
    std::string location; ///< of a redirect
    std::size_t breaksAfter = std::string::npos; ///< bytes of the body, then the line goes dead
};

/// A web server on this machine alone, one request for each connection.
class LocalServer
{
public:
    explicit LocalServer(std::function<LocalAnswer(const LocalRequest&)> answer)
        : m_answer(std::move(answer))
        , m_socket(socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in address {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        if (bind(m_socket, any, size) != 0 || listen(m_socket, 8) != 0
            || getsockname(m_socket, any, &size) != 0)
            throw std::runtime_error("no local server");
        m_port = ntohs(address.sin_port);
        m_thread = std::thread([this] { serve(); });
    }
    ~LocalServer()
    {
        m_isEnding = true;
        shutdown(m_socket, SHUT_RDWR);
        m_thread.join();
        close(m_socket);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_port); }
    std::vector<LocalRequest> requests() const
    {
        const std::lock_guard lock(m_mutex);
        return m_requests;
    }

private:
    void serve()
    {
        while (!m_isEnding) {
            const int client = accept(m_socket, nullptr, nullptr);
            if (client < 0)
                continue;
            const LocalRequest request = readRequest(client);
            {
                const std::lock_guard lock(m_mutex);
                m_requests.push_back(request);
            }
            send(client, m_answer(request));
            close(client);
        }
    }

    static LocalRequest readRequest(int client)
    {
        std::string text;
        char piece[4096];
        while (text.find("\r\n\r\n") == std::string::npos) {
            const auto count = recv(client, piece, sizeof piece, 0);
            if (count <= 0)
                break;
            text.append(piece, static_cast<std::size_t>(count));
        }
        LocalRequest request;
        const auto first = text.find(' ');
        request.path = text.substr(first + 1, text.find(' ', first + 1) - first - 1);
        for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at + 2)) {
            const auto end = text.find("\r\n", at + 2);
            const auto colon = text.find(": ", at + 2);
            if (end == std::string::npos || colon == std::string::npos || colon > end)
                continue;
            std::string name = text.substr(at + 2, colon - at - 2);
            for (char& c : name)
                c = static_cast<char>(std::tolower(c));
            request.headers[name] = text.substr(colon + 2, end - colon - 2);
        }
        return request;
    }

    static void send(int client, const LocalAnswer& answer)
    {
        std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " x\r\nContent-Length: "
            + std::to_string(answer.body.size()) + "\r\nConnection: close\r\n";
        if (!answer.location.empty())
            head += "Location: " + answer.location + "\r\n";
        const std::string all = head + "\r\n" + answer.body.substr(0, answer.breaksAfter);
        for (std::size_t done = 0; done < all.size();) {
            const auto count = ::send(client, all.data() + done, all.size() - done, MSG_NOSIGNAL);
            if (count <= 0)
                return;
            done += static_cast<std::size_t>(count);
        }
    }

    std::function<LocalAnswer(const LocalRequest&)> m_answer;
    int m_socket;
    int m_port = 0;
    std::atomic<bool> m_isEnding = false;
    mutable std::mutex m_mutex;
    std::vector<LocalRequest> m_requests;
    std::thread m_thread; // last: it uses all of the above
};

} // namespace tw
