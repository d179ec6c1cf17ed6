// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/runtime.h"

namespace tw::jinja {

enum class TokenType
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End
};

struct Token
{
    TokenType type = TokenType::End;
    std::string text; ///< of Data, Name, Operator; a Text without quotes and escapes
    Place place;
    Value integer;
    double number = 0.0;

    bool isName(std::string_view name) const { return type == TokenType::Name && text == name; }
    bool isOperator(std::string_view name) const
    {
        return type == TokenType::Operator && text == name;
    }
};

/// What is wrong with a template's text, and where.
class SyntaxError : public Failure
{
public:
    SyntaxError(const std::string& what, Place place)
        : Failure(what)
        , m_place(place)
    {
    }
    Place place() const { return m_place; }

private:
    Place m_place;
};

/// Takes a template apart as Jinja with trim_blocks and lstrip_blocks does: blanks around tags are
/// gone already. Throws SyntaxError.
std::vector<Token> tokenize(std::string_view source);

} // namespace tw::jinja
