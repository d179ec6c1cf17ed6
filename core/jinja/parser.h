// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/lexer.h"
#include "core/jinja/statement.h"

#include <set>

namespace tw::jinja {

/// Tokens to a tree. The grammar is Jinja's own: its order of precedence (filters bind tighter than
/// signs, `~` looser than `*`), its tuples without parentheses.
class Parser
{
public:
    /// Throws SyntaxError.
    explicit Parser(std::string_view source)
        : m_tokens(tokenize(source))
    {
    }
    Body parse();

private:
    /// Keeps count of nesting, so that hostile text cannot exhaust the stack.
    class Level
    {
    public:
        explicit Level(Parser& parser);
        ~Level() { --m_parser.m_level; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        Parser& m_parser;
    };

    const Token& current() const { return m_tokens[m_at]; }
    const Token& ahead() const { return m_tokens[std::min(m_at + 1, m_tokens.size() - 1)]; }
    const Token& take();
    bool skipName(std::string_view name);
    bool skipOperator(std::string_view name);
    void expectOperator(std::string_view name);
    void expectName(std::string_view name);
    std::string expectAnyName();
    void expect(TokenType type, const char* what);
    [[noreturn]] void fail(const std::string& what) const;

    // parser_statement.cpp
    using EndTags = std::vector<std::string_view>;
    Body parseBody(const EndTags& ends);
    Body
    parseBlock(const EndTags& ends); ///< behind a tag, up to one of the ends, whose name is taken
    std::unique_ptr<Statement> parseStatement();
    std::unique_ptr<Statement> parseIf();
    std::unique_ptr<Statement> parseFor();
    std::unique_ptr<Statement> parseSet();
    std::unique_ptr<Statement> parseWith();
    std::unique_ptr<Statement> parseNamedBlock();
    std::unique_ptr<Statement> parseMacro();
    std::unique_ptr<Statement> parseCallBlock();
    std::unique_ptr<Statement> parseFilterBlock();
    std::unique_ptr<Statement> parseGeneration();
    std::unique_ptr<Statement> parsePrint();
    std::unique_ptr<Statement> parseJump();
    std::vector<MacroParts::Parameter> parseParameters();
    void parseMacroBody(MacroParts& parts, const EndTags& ends);
    ExpressionPtr parseTarget(bool withNamespace, std::string_view end);
    void requireAssignable(const Expression& target) const;

    // parser_expression.cpp
    struct TupleRules
    {
        bool onlyPrimaries = false; ///< as targets have it
        bool withNamespace = false;
        bool withCondition = true;
        bool isParenthesised = false;
        std::string_view end; ///< a name that ends it
    };
    ExpressionPtr parseTuple(const TupleRules& rules);
    bool isTupleEnd(std::string_view end) const;
    ExpressionPtr parseExpression(bool withCondition = true);
    ExpressionPtr parseConditional();
    ExpressionPtr parseOr();
    ExpressionPtr parseAnd();
    ExpressionPtr parseNot();
    ExpressionPtr parseComparison();
    ExpressionPtr parseSum();
    ExpressionPtr parseConcatenation();
    ExpressionPtr parseProduct();
    ExpressionPtr parsePower();
    ExpressionPtr parseUnary(bool withFilter);
    ExpressionPtr parsePrimary(bool withNamespace = false);
    ExpressionPtr parseName(bool withNamespace);
    ExpressionPtr parseList();
    ExpressionPtr parseMapping();
    ExpressionPtr parsePostfix(ExpressionPtr expression);
    ExpressionPtr parseFilters(ExpressionPtr expression);
    ExpressionPtr parseDot(ExpressionPtr owner);
    ExpressionPtr parseSubscript(ExpressionPtr owner);
    ExpressionPtr parseSlice(ExpressionPtr owner, Place place, ExpressionPtr from);
    ExpressionPtr parseTest(ExpressionPtr subject);
    std::unique_ptr<const FilterCall> parseFilter(ExpressionPtr subject);
    std::string parseDottedName();
    CallArguments parseArguments();
    void parseArgument(CallArguments& arguments);

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_level = 0;
    int m_loops = 0; ///< that a break would leave
    int m_enclosingLoops = 0; ///< all, those around a macro too
    std::vector<std::set<std::string>>
        m_specials; ///< caller, varargs, kwargs seen in each macro being parsed
    std::set<std::string> m_blocks;
};

} // namespace tw::jinja
