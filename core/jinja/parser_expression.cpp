// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/operators.h"
#include "core/jinja/parser.h"

#include <algorithm>

namespace tw::jinja {
namespace {

Value negated(const Value& value)
{
    return !isTrue(value);
}

bool notEqual(Runtime& runtime, const Value& a, const Value& b)
{
    return !areEqual(runtime, a, b);
}
bool greater(Runtime& runtime, const Value& a, const Value& b)
{
    return isLess(runtime, b, a);
}
bool greaterOrEqual(Runtime& runtime, const Value& a, const Value& b)
{
    return isLessOrEqual(runtime, b, a);
}
bool isInside(Runtime& runtime, const Value& a, const Value& b)
{
    return contains(runtime, b, a);
}
bool isOutside(Runtime& runtime, const Value& a, const Value& b)
{
    return !contains(runtime, b, a);
}

struct NamedBinary
{
    std::string_view sign;
    Binary::Operation operation;
};
constexpr std::array kSums {NamedBinary {"+", add}, NamedBinary {"-", subtract}};
constexpr std::array kProducts {NamedBinary {"*", multiply}, NamedBinary {"/", divide},
                                NamedBinary {"//", divideDown}, NamedBinary {"%", remainder}};

struct NamedComparison
{
    std::string_view sign;
    Comparison::Operation operation;
};
constexpr std::array kComparisons {
    NamedComparison {"==", areEqual}, NamedComparison {"!=", notEqual},
    NamedComparison {"<", isLess},    NamedComparison {"<=", isLessOrEqual},
    NamedComparison {">", greater},   NamedComparison {">=", greaterOrEqual}};

template <typename Table>
auto operationFor(const Table& table, const Token& token) -> decltype(table.front().operation)
{
    const auto it = std::find_if(table.begin(), table.end(),
                                 [&](const auto& known) { return token.isOperator(known.sign); });
    return it == table.end() ? nullptr : it->operation;
}

} // namespace

bool Parser::isTupleEnd(std::string_view end) const
{
    return current().type == TokenType::VariableEnd || current().type == TokenType::BlockEnd
        || current().isOperator(")") || (!end.empty() && current().isName(end));
}

ExpressionPtr Parser::parseTuple(const TupleRules& rules)
{
    const Place place = current().place;
    std::vector<ExpressionPtr> items;
    bool isTuple = false;
    for (;;) {
        if (!items.empty())
            expectOperator(",");
        if (isTupleEnd(rules.end))
            break;
        items.push_back(rules.onlyPrimaries ? parsePrimary(rules.withNamespace)
                                            : parseExpression(rules.withCondition));
        if (!current().isOperator(","))
            break;
        isTuple = true;
    }
    if (!isTuple && !items.empty())
        return std::move(items.front());
    if (!isTuple && !rules.isParenthesised)
        fail("an expression is missing");
    return std::make_unique<Sequence>(place, ListKind::Tuple, std::move(items));
}

ExpressionPtr Parser::parseExpression(bool withCondition)
{
    const Level level(*this);
    return withCondition ? parseConditional() : parseOr();
}

ExpressionPtr Parser::parseConditional()
{
    ExpressionPtr expression = parseOr();
    while (current().isName("if")) {
        const Place place = take().place;
        ExpressionPtr condition = parseOr();
        ExpressionPtr otherwise;
        if (skipName("else")) {
            const Level level(*this);
            otherwise = parseConditional();
        }
        expression = std::make_unique<Conditional>(place, std::move(condition),
                                                   std::move(expression), std::move(otherwise));
    }
    return expression;
}

ExpressionPtr Parser::parseOr()
{
    ExpressionPtr left = parseAnd();
    while (current().isName("or")) {
        const Place place = take().place;
        left = std::make_unique<Logic>(place, false, std::move(left), parseAnd());
    }
    return left;
}

ExpressionPtr Parser::parseAnd()
{
    ExpressionPtr left = parseNot();
    while (current().isName("and")) {
        const Place place = take().place;
        left = std::make_unique<Logic>(place, true, std::move(left), parseNot());
    }
    return left;
}

ExpressionPtr Parser::parseNot()
{
    if (!current().isName("not"))
        return parseComparison();
    const Level level(*this);
    const Place place = take().place;
    return std::make_unique<Unary>(place, negated, parseNot());
}

ExpressionPtr Parser::parseComparison()
{
    const Place place = current().place;
    ExpressionPtr first = parseSum();
    std::vector<Comparison::Step> steps;
    for (;;) {
        if (const auto operation = operationFor(kComparisons, current())) {
            take();
            steps.push_back({operation, parseSum()});
        } else if (skipName("in")) {
            steps.push_back({isInside, parseSum()});
        } else if (current().isName("not") && ahead().isName("in")) {
            take();
            take();
            steps.push_back({isOutside, parseSum()});
        } else {
            break;
        }
    }
    if (steps.empty())
        return first;
    return std::make_unique<Comparison>(place, std::move(first), std::move(steps));
}

ExpressionPtr Parser::parseSum()
{
    ExpressionPtr left = parseConcatenation();
    while (const auto operation = operationFor(kSums, current())) {
        const Place place = take().place;
        left = std::make_unique<Binary>(place, operation, std::move(left), parseConcatenation());
    }
    return left;
}

ExpressionPtr Parser::parseConcatenation()
{
    const Place place = current().place;
    std::vector<ExpressionPtr> parts;
    parts.push_back(parseProduct());
    while (skipOperator("~"))
        parts.push_back(parseProduct());
    if (parts.size() == 1)
        return std::move(parts.front());
    return std::make_unique<Concatenation>(place, std::move(parts));
}

ExpressionPtr Parser::parseProduct()
{
    ExpressionPtr left = parsePower();
    while (const auto operation = operationFor(kProducts, current())) {
        const Place place = take().place;
        left = std::make_unique<Binary>(place, operation, std::move(left), parsePower());
    }
    return left;
}

ExpressionPtr Parser::parsePower() // from the left, unlike Python's
{
    ExpressionPtr left = parseUnary(true);
    while (current().isOperator("**")) {
        const Place place = take().place;
        left = std::make_unique<Binary>(place, power, std::move(left), parseUnary(true));
    }
    return left;
}

ExpressionPtr Parser::parseUnary(bool withFilter)
{
    const Level level(*this);
    const Place place = current().place;
    ExpressionPtr expression;
    if (skipOperator("-"))
        expression = std::make_unique<Unary>(place, negate, parseUnary(false));
    else if (skipOperator("+"))
        expression = std::make_unique<Unary>(place, plus, parseUnary(false));
    else
        expression = parsePrimary();
    expression = parsePostfix(std::move(expression));
    return withFilter ? parseFilters(std::move(expression)) : std::move(expression);
}

ExpressionPtr Parser::parsePrimary(bool withNamespace)
{
    const Level level(*this);
    const Token& token = current();
    switch (token.type) {
    case TokenType::Name:
        return parseName(withNamespace);
    case TokenType::Text: {
        std::string text = take().text;
        while (current().type == TokenType::Text)
            text += take().text;
        return std::make_unique<Constant>(token.place, Value(std::move(text)));
    }
    case TokenType::Integer:
        return std::make_unique<Constant>(token.place, take().integer);
    case TokenType::Float:
        return std::make_unique<Constant>(token.place, take().number);
    default:
        break;
    }
    if (token.isOperator("["))
        return parseList();
    if (token.isOperator("{"))
        return parseMapping();
    if (!skipOperator("("))
        fail("an expression is missing");
    ExpressionPtr inner = parseTuple({.isParenthesised = true, .end = {}});
    expectOperator(")");
    return inner;
}

ExpressionPtr Parser::parseName(bool withNamespace)
{
    const Place place = current().place;
    const std::string name = take().text;
    if (name == "true" || name == "True" || name == "false" || name == "False")
        return std::make_unique<Constant>(place, Value(name == "true" || name == "True"));
    if (name == "none" || name == "None")
        return std::make_unique<Constant>(place, Value());
    if (withNamespace && skipOperator("."))
        return std::make_unique<NamespaceTarget>(place, name, expectAnyName());
    if (name == "caller" || name == "varargs" || name == "kwargs") {
        for (auto& seen : m_specials)
            seen.insert(name);
    }
    return std::make_unique<Name>(place, name);
}

ExpressionPtr Parser::parseList()
{
    const Place place = take().place;
    std::vector<ExpressionPtr> items;
    while (!current().isOperator("]")) {
        if (!items.empty())
            expectOperator(",");
        if (current().isOperator("]"))
            break;
        items.push_back(parseExpression());
    }
    expectOperator("]");
    return std::make_unique<Sequence>(place, ListKind::List, std::move(items));
}

ExpressionPtr Parser::parseMapping()
{
    const Place place = take().place;
    std::vector<Mapping::Pair> pairs;
    while (!current().isOperator("}")) {
        if (!pairs.empty())
            expectOperator(",");
        if (current().isOperator("}"))
            break;
        ExpressionPtr key = parseExpression();
        expectOperator(":");
        pairs.emplace_back(std::move(key), parseExpression());
    }
    expectOperator("}");
    return std::make_unique<Mapping>(place, std::move(pairs));
}

ExpressionPtr Parser::parsePostfix(ExpressionPtr expression)
{
    for (;;) {
        const Place place = current().place;
        if (current().isOperator("."))
            expression = parseDot(std::move(expression));
        else if (current().isOperator("["))
            expression = parseSubscript(std::move(expression));
        else if (current().isOperator("("))
            expression = std::make_unique<Call>(place, std::move(expression), parseArguments());
        else
            return expression;
    }
}

ExpressionPtr Parser::parseFilters(ExpressionPtr expression)
{
    for (;;) {
        const Place place = current().place;
        if (skipOperator("|"))
            expression = parseFilter(std::move(expression));
        else if (current().isName("is"))
            expression = parseTest(std::move(expression));
        else if (current().isOperator("("))
            expression = std::make_unique<Call>(place, std::move(expression), parseArguments());
        else
            return expression;
    }
}

ExpressionPtr Parser::parseDot(ExpressionPtr owner)
{
    const Place place = take().place;
    const Token& token = take();
    if (token.type == TokenType::Name)
        return std::make_unique<Attribute>(place, std::move(owner), token.text);
    if (token.type == TokenType::Integer)
        return std::make_unique<Item>(place, std::move(owner),
                                      std::make_unique<Constant>(token.place, token.integer));
    throw SyntaxError("a name or a number has to follow the dot", token.place);
}

ExpressionPtr Parser::parseSubscript(ExpressionPtr owner)
{
    const Place place = take().place;
    std::vector<ExpressionPtr> keys;
    while (!current().isOperator("]")) {
        if (!keys.empty())
            expectOperator(",");
        ExpressionPtr key;
        if (!current().isOperator(":"))
            key = parseExpression();
        if (keys.empty() && current().isOperator(":"))
            return parseSlice(std::move(owner), place, std::move(key));
        if (key == nullptr)
            fail("a slice among several keys is not supported");
        keys.push_back(std::move(key));
    }
    expectOperator("]");
    if (keys.size() == 1)
        return std::make_unique<Item>(place, std::move(owner), std::move(keys.front()));
    return std::make_unique<Item>(
        place, std::move(owner),
        std::make_unique<Sequence>(place, ListKind::Tuple, std::move(keys)));
}

ExpressionPtr Parser::parseSlice(ExpressionPtr owner, Place place, ExpressionPtr from)
{
    std::array<ExpressionPtr, 3> bounds {std::move(from), nullptr, nullptr};
    expectOperator(":");
    if (!current().isOperator(":") && !current().isOperator("]"))
        bounds[1] = parseExpression();
    if (skipOperator(":") && !current().isOperator("]"))
        bounds[2] = parseExpression();
    expectOperator("]");
    return std::make_unique<Slice>(place, std::move(owner), std::move(bounds));
}

std::string Parser::parseDottedName()
{
    std::string name = expectAnyName();
    while (skipOperator("."))
        name += "." + expectAnyName();
    return name;
}

std::unique_ptr<const FilterCall> Parser::parseFilter(ExpressionPtr subject)
{
    const Place place = current().place;
    std::string name = parseDottedName();
    CallArguments arguments;
    if (current().isOperator("("))
        arguments = parseArguments();
    return std::make_unique<FilterCall>(place, std::move(subject), std::move(name),
                                        std::move(arguments));
}

ExpressionPtr Parser::parseTest(ExpressionPtr subject)
{
    const Place place = take().place;
    const bool isNegated = skipName("not");
    std::string name = parseDottedName();
    CallArguments arguments;
    const Token& next = current();
    const bool isWord = next.isName("else") || next.isName("or") || next.isName("and");
    const bool startsValue = next.type == TokenType::Name || next.type == TokenType::Text
        || next.type == TokenType::Integer || next.type == TokenType::Float || next.isOperator("[")
        || next.isOperator("{");
    if (next.isOperator("(")) {
        arguments = parseArguments();
    } else if (startsValue && !isWord) {
        if (next.isName("is"))
            fail("tests cannot be chained with `is`");
        arguments.positional.push_back(parsePostfix(parsePrimary()));
    }
    ExpressionPtr test = std::make_unique<TestCall>(place, std::move(subject), std::move(name),
                                                    std::move(arguments));
    if (isNegated)
        test = std::make_unique<Unary>(place, negated, std::move(test));
    return test;
}

CallArguments Parser::parseArguments()
{
    const Level level(*this);
    CallArguments arguments;
    expectOperator("(");
    for (bool isFirst = true; !current().isOperator(")"); isFirst = false) {
        if (!isFirst) {
            expectOperator(",");
            if (current().isOperator(")"))
                break;
        }
        parseArgument(arguments);
    }
    expectOperator(")");
    return arguments;
}

void Parser::parseArgument(CallArguments& arguments)
{
    const auto require = [this](bool isFine) {
        if (!isFine)
            fail("the arguments of the call are in the wrong order");
    };
    if (skipOperator("*")) {
        require(arguments.rest == nullptr && arguments.namedRest == nullptr);
        arguments.rest = parseExpression();
    } else if (skipOperator("**")) {
        require(arguments.namedRest == nullptr);
        arguments.namedRest = parseExpression();
    } else if (current().type == TokenType::Name && ahead().isOperator("=")) {
        require(arguments.namedRest == nullptr);
        std::string name = take().text;
        take();
        arguments.named.emplace_back(std::move(name), parseExpression());
    } else {
        require(arguments.rest == nullptr && arguments.namedRest == nullptr
                && arguments.named.empty());
        arguments.positional.push_back(parseExpression());
    }
}

} // namespace tw::jinja
