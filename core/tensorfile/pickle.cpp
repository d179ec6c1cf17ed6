// SPDX-License-Identifier: Apache-2.0
// A pickle is a program for a machine with a stack and a memo (Python's Lib/pickletools.py lists
// its instructions). The instructions that build plain values are carried out as they stand; those
// that call functions go to PickleBuilder, which knows the few that PyTorch needs.
#include "core/tensorfile/pickle.h"

#include "core/tensorfile/pickle_builder.h"
#include "core/tensorfile/pickle_input.h"

#include <unordered_map>

namespace tw {
namespace {

using Kind = PickleValue::Kind;

constexpr int kNewestProtocol = 5;

class Unpickler
{
public:
    Unpickler(std::span<const std::byte> pickle, const std::string& where)
        : m_build(pickle.size(), where)
        , m_input({reinterpret_cast<const char*>(pickle.data()), pickle.size()}, m_build)
    {
    }

    PickleDocument read()
    {
        for (;;) {
            const char code = m_input.take(1)[0];
            if (code == '.')
                break;
            if (!pushesPlain(code) && !collects(code) && !remembers(code) && !calls(code))
                fail("has the unknown instruction "
                     + std::to_string(static_cast<unsigned char>(code)));
        }
        m_build.document().root = pop();
        return std::move(m_build.document());
    }

private:
    [[noreturn]] void fail(const std::string& what) const { m_input.fail(what); }

    void push(PickleValue value)
    {
        if (m_stack.size() == m_stack.capacity())
            m_build.charge((m_stack.size() + 64) * sizeof value); // it doubles
        m_stack.push_back(value);
    }
    bool pushed(PickleValue value) { return push(value), true; }
    PickleValue pop()
    {
        if (m_stack.empty() || m_stack.back().kind == Kind::Mark)
            fail("takes more values than there are");
        const PickleValue value = m_stack.back();
        m_stack.pop_back();
        return value;
    }
    PickleValue& top()
    {
        if (m_stack.empty() || m_stack.back().kind == Kind::Mark)
            fail("takes more values than there are");
        return m_stack.back();
    }
    std::vector<PickleValue> popTo(std::size_t begin)
    {
        std::vector<PickleValue> values(m_stack.begin() + static_cast<std::ptrdiff_t>(begin),
                                        m_stack.end());
        m_stack.resize(begin);
        return values;
    }
    std::vector<PickleValue> popToMark()
    {
        std::size_t mark = m_stack.size();
        while (mark > 0 && m_stack[mark - 1].kind != Kind::Mark)
            --mark;
        if (mark == 0)
            fail("takes more values than there are");
        auto values = popTo(mark);
        m_stack.pop_back();
        return values;
    }
    bool pushTuple(std::size_t count)
    {
        std::vector<PickleValue> items(count);
        while (count-- > 0)
            items[count] = pop();
        return pushed(m_build.sequence(std::move(items)));
    }

    bool pushesPlain(char code)
    {
        auto value = m_input.plain(code);
        if (!value)
            value = m_input.text(code);
        return value && pushed(*value);
    }

    /// Tuples, lists, sets, dictionaries.
    bool collects(char code)
    {
        switch (code) {
        case '(':
            return pushed(PickleValue::of(Kind::Mark, 0));
        case ')':
        case ']':
        case '\x8F':
            return pushTuple(0);
        case '\x85':
        case '\x86':
        case '\x87':
            return pushTuple(static_cast<unsigned char>(code) - 0x84U);
        case 't':
        case 'l':
        case '\x91': {
            auto items = popToMark();
            return pushed(m_build.sequence(std::move(items)));
        }
        case 'a': {
            const PickleValue item = pop();
            return m_build.append(top(), item), true;
        }
        case 'e':
        case '\x90':
            for (const PickleValue item : popToMark())
                m_build.append(top(), item);
            return true;
        case '}':
            return pushed(m_build.dict());
        case 'd': {
            const auto items = popToMark();
            push(m_build.dict());
            return putAll(items);
        }
        case 's': {
            const PickleValue value = pop();
            const PickleValue key = pop();
            return m_build.put(top(), key, value), true;
        }
        case 'u':
            return putAll(popToMark());
        default:
            return false;
        }
    }
    bool putAll(const std::vector<PickleValue>& items)
    {
        if (items.size() % 2 != 0)
            fail("has a key without a value");
        for (std::size_t i = 0; i < items.size(); i += 2)
            m_build.put(top(), items[i], items[i + 1]);
        return true;
    }

    /// The stack itself, the memo, and what only frames the pickle.
    bool remembers(char code)
    {
        switch (code) {
        case '0':
            if (!m_stack.empty() && m_stack.back().kind == Kind::Mark)
                return m_stack.pop_back(), true;
            return pop(), true;
        case '1':
            return popToMark(), true;
        case '2':
            return pushed(top());
        case 'p':
            return memorise(m_input.lineNumber());
        case 'q':
            return memorise(m_input.number<std::uint8_t>());
        case 'r':
            return memorise(m_input.number<std::uint32_t>());
        case '\x94':
            return memorise(m_memo.size());
        case 'g':
            return pushed(recalled(m_input.lineNumber()));
        case 'h':
            return pushed(recalled(m_input.number<std::uint8_t>()));
        case 'j':
            return pushed(recalled(m_input.number<std::uint32_t>()));
        case '\x80':
            if (const int protocol = m_input.number<std::uint8_t>(); protocol > kNewestProtocol)
                fail("is of protocol " + std::to_string(protocol)
                     + ", only those up to 5 are read");
            return true;
        case '\x95': // a frame: a hint for reading from a stream
            return m_input.number<std::uint64_t>(), true;
        default:
            return false;
        }
    }
    bool memorise(std::uint64_t place)
    {
        const auto [it, isNew] = m_memo.insert_or_assign(place, top());
        if (isNew)
            m_build.charge(4 * sizeof(*it)); // a node of the map, and its share of the table
        return true;
    }
    PickleValue recalled(std::uint64_t place) const
    {
        const auto it = m_memo.find(place);
        if (it == m_memo.end())
            fail("asks for the value " + std::to_string(place) + ", which it never stored");
        return it->second;
    }

    /// Names of types and functions, and what is made of them.
    bool calls(char code)
    {
        switch (code) {
        case 'c': {
            const std::string_view module = m_input.line();
            return pushed(m_build.name(module, m_input.line()));
        }
        case '\x93': {
            const PickleValue name = pop();
            return pushed(m_build.name(m_build.textOf(pop()), m_build.textOf(name)));
        }
        case 'R':
        case '\x81': {
            const PickleValue arguments = pop();
            return pushed(m_build.call(pop(), arguments));
        }
        case 'b': // attributes of what was made: none of ours has any that we need
            if (pop(); top().kind != Kind::Dict && top().kind != Kind::Tensor)
                fail("sets attributes of something that has none");
            return true;
        case 'Q':
            return pushed(m_build.storage(pop()));
        case 'i': {
            const std::string_view module = m_input.line();
            m_build.name(module, m_input.line()); // refused by its name, unless it is one of ours
            fail("makes an object in a way that PyTorch never uses");
        }
        case 'o':
        case '\x92':
            fail("makes an object in a way that PyTorch never uses");
        case 'P':
            fail("refers to its storages in protocol 0, which PyTorch cannot read either");
        case '\x82':
        case '\x83':
        case '\x84':
            fail("uses Python's registry of extensions");
        default:
            return false;
        }
    }

    PickleBuilder m_build;
    PickleInput m_input; ///< makes its values with m_build
    std::vector<PickleValue> m_stack;
    std::unordered_map<std::uint64_t, PickleValue> m_memo;
};

} // namespace

PickleDocument readPickle(std::span<const std::byte> pickle, const std::string& where)
{
    return Unpickler(pickle, where).read();
}

bool looksLikePickle(std::span<const std::byte> bytes)
{
    return bytes.size() >= 2 && std::to_integer<unsigned>(bytes[0]) == 0x80
        && std::to_integer<unsigned>(bytes[1]) >= 2
        && std::to_integer<unsigned>(bytes[1]) <= kNewestProtocol;
}

} // namespace tw
