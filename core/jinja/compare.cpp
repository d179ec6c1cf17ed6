// SPDX-License-Identifier: Apache-2.0
// How values compare with each other, as Python's do.
#include "core/jinja/runtime.h"
#include "core/jinja/value.h"
#include "core/jinja/whole.h"

#include <algorithm>

namespace tw::jinja {
namespace {

/// Python compares lists with lists and tuples with tuples only; the views of a mapping compare by
/// what they are.
bool compareAlike(const List& a, const List& b)
{
    return a.kind == b.kind;
}

bool dictsEqual(Runtime& runtime, const Dict& a, const Dict& b)
{
    if (a.entries().size() != b.entries().size())
        return false;
    return std::all_of(a.entries().begin(), a.entries().end(), [&](const Dict::Entry& entry) {
        const Value* other = b.find(entry.first);
        return other != nullptr && areEqual(runtime, entry.second, *other);
    });
}

bool listLess(Runtime& runtime, const List& a, const List& b)
{
    const std::size_t common = std::min(a.items.size(), b.items.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (!areEqual(runtime, a.items[i], b.items[i]))
            return isLess(runtime, a.items[i], b.items[i]);
    }
    return a.items.size() < b.items.size();
}

} // namespace

bool areEqual(Runtime& runtime, const Value& a, const Value& b)
{
    runtime.step();
    if (a.isNumber() && b.isNumber())
        return compareNumbers(a, b) == 0;
    if (a.isText() && b.isText()) {
        if (a.text()->size() != b.text()->size())
            return false;
        runtime.step(a.text()->size() / 1024);
        return *a.text() == *b.text();
    }
    if (a.isUndefined() || b.isUndefined())
        return a.isUndefined() && b.isUndefined();
    if (a.list() != nullptr && b.list() != nullptr) {
        const auto& left = a.list()->items;
        const auto& right = b.list()->items;
        return compareAlike(*a.list(), *b.list()) && left.size() == right.size()
            && std::equal(left.begin(), left.end(), right.begin(),
                          [&](const Value& x, const Value& y) { return areEqual(runtime, x, y); });
    }
    if (a.dict() != nullptr && b.dict() != nullptr)
        return a.isSame(b) || dictsEqual(runtime, *a.dict(), *b.dict());
    return a.isSame(b);
}

bool isLess(Runtime& runtime, const Value& a, const Value& b)
{
    runtime.step();
    if (a.isUndefined() || b.isUndefined())
        throw Failure(a.isUndefined() ? a.why() : b.why());
    if (a.isNumber() && b.isNumber())
        return compareNumbers(a, b) < 0;
    if (a.isText() && b.isText()) {
        runtime.step(std::min(a.text()->size(), b.text()->size()) / 1024);
        return *a.text() < *b.text(); // UTF-8 sorts as its code points do
    }
    const List* left = a.list();
    const List* right = b.list();
    if (left != nullptr && right != nullptr && left->kind == right->kind
        && (left->kind == ListKind::List || left->kind == ListKind::Tuple))
        return listLess(runtime, *left, *right);
    throw Failure("'<' does not order '" + a.typeName() + "' and '" + b.typeName() + "'");
}

bool isLessOrEqual(Runtime& runtime, const Value& a, const Value& b)
{
    if (a.isNumber() && b.isNumber()) // nan is neither
        return compareNumbers(a, b) <= 0;
    return isLess(runtime, a, b) || areEqual(runtime, a, b);
}

bool contains(Runtime& runtime, const Value& container, const Value& value)
{
    if (container.isText()) {
        if (!value.isText())
            throw Failure("'in <text>' needs a text on its left, not '" + value.typeName() + "'");
        runtime.step(container.text()->size() / 1024);
        return container.text()->find(*value.text()) != std::string::npos;
    }
    if (const Dict* dict = container.dict())
        return dict->find(value) != nullptr;
    if (const List* list = container.list()) {
        return std::any_of(list->items.begin(), list->items.end(), [&](const Value& item) {
            return item.isSame(value) || areEqual(runtime, item, value);
        });
    }
    const auto iterator = iterate(container);
    for (Value item; iterator->next(runtime, item);) {
        if (areEqual(runtime, item, value))
            return true;
    }
    return false;
}

} // namespace tw::jinja
