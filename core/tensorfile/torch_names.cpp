// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/torch_names.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace tw {
namespace {

using Kind = PickleValue::Kind;

constexpr int kMostNesting = 64; // real checkpoints have three or four levels
constexpr std::size_t kMostTensors = 200'000; // as in the other formats
// A list that is shared is gone through each time, which real files do a few times at most.
constexpr std::size_t kVisitsPerItem = 4;
constexpr std::size_t kVisitsAllowance = 20'000;
constexpr std::size_t kMostNameBytes = 2000;
constexpr std::uint64_t kMostNames = 32'000'000; // bytes of all names and texts together
constexpr std::uint64_t kTextOverhead = 100; // a node of a map with two strings
constexpr std::array<std::string_view, 4> kWrappers {"state_dict", "model_state_dict", "model",
                                                     "module"};
constexpr const char* kStateDict = "Save only the state_dict() of the model.";

class Walk
{
public:
    Walk(const PickleDocument& document, const std::string& where)
        : m_document(document)
        , m_where(where)
        , m_isOpenDict(document.dicts.size())
        , m_isOpenSequence(document.sequences.size())
    {
    }

    NamedValues run()
    {
        m_wrapper = wrapper();
        for (const auto& items : m_document.sequences)
            m_mostVisits += kVisitsPerItem * items.size();
        for (const auto& items : m_document.dicts)
            m_mostVisits += kVisitsPerItem * items.size();
        visit(m_document.root, {}, 0);
        refuseTwins();
        return std::move(m_result);
    }

private:
    [[noreturn]] void fail(const std::string& what) const
    {
        throw Error(m_where + ": " + what + ".", kStateDict);
    }

    /// The dictionary whose tensors go by their own names; Kind::None where there is none.
    PickleValue wrapper() const
    {
        if (m_document.root.kind != Kind::Dict)
            return {};
        for (const std::string_view name : kWrappers)
            for (const auto& [key, value] : m_document.dicts[m_document.root.index])
                if (key.kind == Kind::Text && m_document.texts[key.index] == name
                    && value.kind == Kind::Dict)
                    return value;
        return {};
    }
    bool isWrapper(PickleValue value) const
    {
        return m_wrapper.kind == Kind::Dict && value.kind == Kind::Dict
            && value.index == m_wrapper.index;
    }

    void visit(PickleValue value, const std::string& path, int depth)
    {
        if (++m_visits > m_mostVisits)
            fail("its dictionaries and lists refer to each other over and over");
        if (depth > kMostNesting || path.size() > kMostNameBytes)
            fail("\"" + path.substr(0, 200) + "\" is nested more than "
                 + std::to_string(kMostNesting) + " levels deep, or has a name of more than "
                 + std::to_string(kMostNameBytes) + " bytes");
        if (value.kind == Kind::Dict)
            visitDict(value.index, path, depth);
        else if (value.kind == Kind::Sequence)
            visitSequence(value.index, path, depth);
        else if (value.kind == Kind::Tensor)
            addTensor(value.index, path);
        else
            addText(value, path);
    }

    void visitDict(std::uint64_t index, const std::string& path, int depth)
    {
        if (m_isOpenDict[index])
            fail("the dictionary \"" + path.substr(0, 200) + "\" contains itself");
        m_isOpenDict[index] = true;
        for (const auto& [key, value] : m_document.dicts[index])
            visit(value,
                  depth == 0 && isWrapper(value) ? std::string() : joined(path, keyText(key)),
                  depth + 1);
        m_isOpenDict[index] = false;
    }
    void visitSequence(std::uint64_t index, const std::string& path, int depth)
    {
        if (m_isOpenSequence[index])
            fail("the list \"" + path.substr(0, 200) + "\" contains itself");
        m_isOpenSequence[index] = true;
        std::size_t i = 0;
        for (const PickleValue item : m_document.sequences[index])
            visit(item, joined(path, std::to_string(i++)), depth + 1);
        m_isOpenSequence[index] = false;
    }

    std::string joined(const std::string& path, const std::string& key) const
    {
        return path.empty() ? key : path + "." + key;
    }
    std::string keyText(PickleValue key) const
    {
        if (key.kind == Kind::Dict || key.kind == Kind::Sequence || key.kind == Kind::Tensor)
            fail("a dictionary has a key that is neither text nor number");
        return textOf(key);
    }
    std::string textOf(PickleValue value) const
    {
        switch (value.kind) {
        case Kind::Text:
            return repairedUtf8(m_document.texts[value.index].substr(0, kMostNameBytes));
        case Kind::Integer:
            return std::to_string(value.integer);
        case Kind::Bool:
            return value.integer != 0 ? "true" : "false";
        case Kind::Real: {
            std::ostringstream out;
            out.imbue(std::locale::classic());
            out << value.real;
            return out.str();
        }
        case Kind::Name:
            return std::string(m_document.names[value.index]);
        default:
            return "none";
        }
    }

    void addTensor(std::uint64_t index, const std::string& path)
    {
        m_textBytes += path.size();
        if (m_result.tensors.size() >= kMostTensors || m_textBytes > kMostNames)
            fail("it holds more than " + groupedDigits(static_cast<std::int64_t>(kMostTensors))
                 + " tensors, or their names are too long");
        m_result.tensors.emplace_back(path.empty() ? "tensor" : path, index);
    }
    void addText(PickleValue value, const std::string& path)
    {
        const bool isSaid = value.kind == Kind::Text || value.kind == Kind::Integer
            || value.kind == Kind::Real || value.kind == Kind::Bool;
        if (!isSaid || path.empty() || m_textBytes > kMostNames)
            return;
        std::string text = textOf(value);
        m_textBytes += path.size() + text.size() + kTextOverhead;
        m_result.texts.emplace(path, std::move(text));
    }

    void refuseTwins() const
    {
        std::vector<std::string_view> names;
        names.reserve(m_result.tensors.size());
        for (const auto& [name, index] : m_result.tensors)
            names.push_back(name);
        std::sort(names.begin(), names.end());
        const auto twin = std::adjacent_find(names.begin(), names.end());
        if (twin != names.end())
            fail("two tensors are called \"" + std::string(twin->substr(0, 200)) + "\"");
    }

    const PickleDocument& m_document;
    const std::string& m_where;
    PickleValue m_wrapper;
    std::vector<bool> m_isOpenDict; ///< those on the way from the root to the value at hand
    std::vector<bool> m_isOpenSequence;
    std::uint64_t m_textBytes = 0; ///< of names and texts so far
    std::size_t m_visits = 0;
    std::size_t m_mostVisits = kVisitsAllowance;
    NamedValues m_result;
};

} // namespace

NamedValues namedValues(const PickleDocument& document, const std::string& where)
{
    return Walk(document, where).run();
}

} // namespace tw
