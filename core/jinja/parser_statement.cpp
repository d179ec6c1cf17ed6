// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/parser.h"

#include <algorithm>

namespace tw::jinja {
namespace {

constexpr int kMaxNesting = 150; // each level is about a dozen stack frames

std::string described(const Token& token)
{
    switch (token.type) {
    case TokenType::Name:
    case TokenType::Operator:
        return "'" + token.text + "'";
    case TokenType::Text:
        return "a text";
    case TokenType::Integer:
    case TokenType::Float:
        return "a number";
    case TokenType::VariableEnd:
        return "'}}'";
    case TokenType::BlockEnd:
        return "'%}'";
    default:
        return "the end of the template";
    }
}

} // namespace

Parser::Level::Level(Parser& parser)
    : m_parser(parser)
{
    if (++parser.m_level > kMaxNesting) {
        --parser.m_level;
        parser.fail("the template is nested too deeply");
    }
}

const Token& Parser::take()
{
    const Token& token = m_tokens[m_at];
    if (m_at + 1 < m_tokens.size())
        ++m_at;
    return token;
}

bool Parser::skipName(std::string_view name)
{
    const bool isIt = current().isName(name);
    if (isIt)
        take();
    return isIt;
}

bool Parser::skipOperator(std::string_view name)
{
    const bool isIt = current().isOperator(name);
    if (isIt)
        take();
    return isIt;
}

void Parser::expectOperator(std::string_view name)
{
    if (!skipOperator(name))
        fail("'" + std::string(name) + "' is expected, not " + described(current()));
}

void Parser::expectName(std::string_view name)
{
    if (!skipName(name))
        fail("'" + std::string(name) + "' is expected, not " + described(current()));
}

std::string Parser::expectAnyName()
{
    if (current().type != TokenType::Name)
        fail("a name is expected, not " + described(current()));
    return take().text;
}

void Parser::expect(TokenType type, const char* what)
{
    if (current().type != type)
        fail(std::string("'") + what + "' is expected, not " + described(current()));
    take();
}

void Parser::fail(const std::string& what) const
{
    throw SyntaxError(what, current().place);
}

Body Parser::parse()
{
    Body body = parseBody({});
    body.check(false);
    return body;
}

Body Parser::parseBody(const EndTags& ends)
{
    const Level level(*this);
    Body body;
    while (current().type != TokenType::End) {
        if (current().type == TokenType::Data) {
            const Token& token = take();
            body.add(std::make_unique<PlainText>(token.place, token.text));
        } else if (current().type == TokenType::VariableBegin) {
            take();
            body.add(std::make_unique<Print>(parseTuple({.end = {}})));
            expect(TokenType::VariableEnd, "}}");
        } else {
            take(); // the start of a tag
            const bool isEnd = current().type == TokenType::Name
                && std::find(ends.begin(), ends.end(), std::string_view(current().text))
                    != ends.end();
            if (isEnd)
                return body;
            body.add(parseStatement());
            expect(TokenType::BlockEnd, "%}");
        }
    }
    if (!ends.empty())
        fail("the template ends where {% " + std::string(ends.back()) + " %} is expected");
    return body;
}

Body Parser::parseBlock(const EndTags& ends)
{
    skipOperator(":");
    expect(TokenType::BlockEnd, "%}");
    return parseBody(ends);
}

std::unique_ptr<Statement> Parser::parseStatement()
{
    using Parse = std::unique_ptr<Statement> (Parser::*)();
    struct Tag
    {
        std::string_view name;
        Parse parse;
    };
    static constexpr std::array kTags {
        Tag {"if", &Parser::parseIf},
        Tag {"for", &Parser::parseFor},
        Tag {"set", &Parser::parseSet},
        Tag {"with", &Parser::parseWith},
        Tag {"block", &Parser::parseNamedBlock},
        Tag {"macro", &Parser::parseMacro},
        Tag {"call", &Parser::parseCallBlock},
        Tag {"filter", &Parser::parseFilterBlock},
        Tag {"generation", &Parser::parseGeneration},
        Tag {"print", &Parser::parsePrint},
        Tag {"break", &Parser::parseJump},
        Tag {"continue", &Parser::parseJump},
    };
    if (current().type != TokenType::Name)
        fail("the name of a tag is expected, not " + described(current()));
    const auto it = std::find_if(kTags.begin(), kTags.end(),
                                 [&](const Tag& tag) { return tag.name == current().text; });
    if (it == kTags.end())
        fail("the tag '" + current().text + "' is not known here");
    return (this->*it->parse)();
}

std::unique_ptr<Statement> Parser::parseIf()
{
    const Place place = take().place;
    std::vector<If::Branch> branches;
    Body otherwise;
    for (;;) {
        If::Branch branch;
        branch.condition = parseTuple({.withCondition = false, .end = {}});
        branch.body = parseBlock({"elif", "else", "endif"});
        branches.push_back(std::move(branch));
        if (skipName("elif"))
            continue;
        if (skipName("else"))
            otherwise = parseBlock({"endif"});
        expectName("endif");
        return std::make_unique<If>(place, std::move(branches), std::move(otherwise));
    }
}

std::unique_ptr<Statement> Parser::parseFor()
{
    const Place place = take().place;
    For::Parts parts;
    ++m_enclosingLoops;
    parts.target = parseTarget(false, "in");
    expectName("in");
    parts.iterable = parseTuple({.withCondition = false, .end = "recursive"});
    if (skipName("if"))
        parts.condition = parseExpression();
    parts.isRecursive = skipName("recursive");
    ++m_loops;
    parts.body = parseBlock({"else", "endfor"});
    --m_loops;
    if (skipName("else"))
        parts.otherwise = parseBlock({"endfor"});
    expectName("endfor");
    --m_enclosingLoops;
    return std::make_unique<For>(place, std::move(parts));
}

void Parser::requireAssignable(const Expression& target) const
{
    const auto* name = dynamic_cast<const Name*>(&target);
    if (name != nullptr && name->name() == "loop" && m_enclosingLoops > 0)
        throw SyntaxError("'loop' cannot be set inside of a loop", target.place());
    if (name != nullptr || dynamic_cast<const NamespaceTarget*>(&target) != nullptr)
        return;
    const auto* tuple = dynamic_cast<const Sequence*>(&target);
    if (tuple == nullptr || !tuple->isTuple())
        throw SyntaxError("this cannot be given a value", target.place());
    for (const auto& item : tuple->items())
        requireAssignable(*item);
}

ExpressionPtr Parser::parseTarget(bool withNamespace, std::string_view end)
{
    ExpressionPtr target =
        parseTuple({.onlyPrimaries = true, .withNamespace = withNamespace, .end = end});
    requireAssignable(*target);
    return target;
}

std::unique_ptr<Statement> Parser::parseSet()
{
    const Place place = take().place;
    ExpressionPtr target = parseTarget(true, {});
    if (skipOperator("="))
        return std::make_unique<Set>(place, std::move(target), parseTuple({.end = {}}));
    std::unique_ptr<const FilterCall> filter;
    while (skipOperator("|"))
        filter = parseFilter(std::move(filter));
    Body body = parseBlock({"endset"});
    expectName("endset");
    return std::make_unique<BlockText>(place, std::move(target), std::move(filter),
                                       std::move(body));
}

std::unique_ptr<Statement> Parser::parseFilterBlock()
{
    const Place place = take().place;
    std::unique_ptr<const FilterCall> filter = parseFilter(nullptr);
    while (skipOperator("|"))
        filter = parseFilter(std::move(filter));
    Body body = parseBlock({"endfilter"});
    expectName("endfilter");
    return std::make_unique<BlockText>(place, nullptr, std::move(filter), std::move(body));
}

std::unique_ptr<Statement> Parser::parseWith()
{
    const Place place = take().place;
    std::vector<With::Pair> pairs;
    while (current().type != TokenType::BlockEnd && current().type != TokenType::End) {
        if (!pairs.empty())
            expectOperator(",");
        ExpressionPtr target = parsePrimary();
        const int loops = std::exchange(m_enclosingLoops, 0); // here, "loop" is as good as any name
        requireAssignable(*target);
        m_enclosingLoops = loops;
        expectOperator("=");
        pairs.emplace_back(std::move(target), parseExpression());
    }
    Body body = parseBlock({"endwith"});
    expectName("endwith");
    return std::make_unique<With>(place, std::move(pairs), std::move(body));
}

std::unique_ptr<Statement> Parser::parseNamedBlock()
{
    const Place place = take().place;
    const std::string name = expectAnyName();
    if (!m_blocks.insert(name).second)
        fail("the block '" + name + "' is defined twice");
    const bool isScoped = skipName("scoped");
    skipName("required");
    const int loops = std::exchange(m_loops, 0);
    Body body = parseBlock({"endblock"});
    m_loops = loops;
    expectName("endblock");
    skipName(name);
    return std::make_unique<NamedBlock>(place, std::move(body), isScoped);
}

std::vector<MacroParts::Parameter> Parser::parseParameters()
{
    std::vector<MacroParts::Parameter> parameters;
    expectOperator("(");
    while (!current().isOperator(")")) {
        if (!parameters.empty())
            expectOperator(",");
        MacroParts::Parameter parameter;
        parameter.name = expectAnyName();
        if (skipOperator("="))
            parameter.standard = parseExpression();
        else if (!parameters.empty() && parameters.back().standard != nullptr)
            fail("a parameter without a default follows one that has one");
        for (const auto& known : parameters) {
            if (known.name == parameter.name)
                fail("the parameter '" + parameter.name + "' is named twice");
        }
        parameters.push_back(std::move(parameter));
    }
    expectOperator(")");
    return parameters;
}

void Parser::parseMacroBody(MacroParts& parts, const EndTags& ends)
{
    const int loops = std::exchange(m_loops, 0); // a break cannot leave a macro
    m_specials.emplace_back();
    parts.body = parseBlock(ends);
    parts.usesCaller = m_specials.back().contains("caller");
    parts.usesMore = m_specials.back().contains("varargs");
    parts.usesNamed = m_specials.back().contains("kwargs");
    m_specials.pop_back();
    m_loops = loops;
    expectName(ends.back());
}

std::unique_ptr<Statement> Parser::parseMacro()
{
    const Place place = take().place;
    MacroParts parts;
    parts.name = expectAnyName();
    parts.parameters = parseParameters();
    parseMacroBody(parts, {"endmacro"});
    return std::make_unique<MacroDefinition>(place, std::move(parts));
}

std::unique_ptr<Statement> Parser::parseCallBlock()
{
    const Place place = take().place;
    MacroParts caller; // which has no name
    if (current().isOperator("("))
        caller.parameters = parseParameters();
    ExpressionPtr expression = parseExpression();
    const auto* call = dynamic_cast<const Call*>(expression.get());
    if (call == nullptr)
        fail("a call is expected");
    expression.release(); // owned by the next line, under its own type
    std::unique_ptr<const Call> owned(call);
    parseMacroBody(caller, {"endcall"});
    return std::make_unique<CallBlock>(place, std::move(owned), std::move(caller));
}

std::unique_ptr<Statement> Parser::parseGeneration()
{
    const Place place = take().place;
    const int loops = std::exchange(m_loops, 0); // it is a call inside: a break cannot leave it
    Body body = parseBlock({"endgeneration"});
    m_loops = loops;
    expectName("endgeneration");
    return std::make_unique<Generation>(place, std::move(body));
}

std::unique_ptr<Statement> Parser::parsePrint()
{
    take();
    std::vector<ExpressionPtr> parts;
    const Place place = current().place;
    while (current().type != TokenType::BlockEnd && current().type != TokenType::End) {
        if (!parts.empty())
            expectOperator(",");
        parts.push_back(parseExpression());
    }
    if (parts.empty())
        parts.push_back(std::make_unique<Constant>(place, Value("")));
    if (parts.size() == 1)
        return std::make_unique<Print>(std::move(parts.front()));
    return std::make_unique<Print>(std::make_unique<Concatenation>(place, std::move(parts)));
}

std::unique_ptr<Statement> Parser::parseJump()
{
    const Token& token = take();
    if (m_loops == 0)
        throw SyntaxError("'" + token.text + "' stands outside of a loop", token.place);
    return std::make_unique<Jump>(token.place,
                                  token.text == "break" ? Flow::Break : Flow::Continue);
}

} // namespace tw::jinja
