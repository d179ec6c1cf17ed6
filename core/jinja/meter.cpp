// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/meter.h"

#include "core/jinja/value.h"

namespace tw::jinja {
namespace {

constexpr std::size_t kMost = 24'000'000; // bytes; our choice: a hundred times the longest chats

thread_local std::shared_ptr<std::size_t> t_taken; // shared: values may outlive their rendering

} // namespace

Meter::Meter()
    : m_before(std::move(t_taken))
{
    t_taken = std::make_shared<std::size_t>(0);
}

Meter::~Meter()
{
    t_taken = std::move(m_before);
}

Meter::Share::Share(std::size_t bytes)
    : m_taken(t_taken)
    , m_bytes(bytes)
{
    if (m_taken == nullptr)
        return;
    if (bytes > kMost - *m_taken)
        throw Failure("the template's texts and lists grow beyond 24 MB");
    *m_taken += bytes;
}

Meter::Share::~Share()
{
    if (m_taken != nullptr)
        *m_taken -= m_bytes;
}

} // namespace tw::jinja
