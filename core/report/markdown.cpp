// SPDX-License-Identifier: Apache-2.0
#include "core/report/markdown.h"

#include "core/base/error.h"
#include "core/report/html.h"

#include <algorithm>
#include <cctype>
#include <md4c.h>
#include <string>

namespace tw {
namespace {

/// What md4c's callbacks write into.
struct Writer
{
    std::string out;
};

std::string_view view(const MD_ATTRIBUTE& attribute)
{
    return {attribute.text, attribute.size};
}

bool isSafeAddress(std::string_view address)
{
    std::string lower;
    for (const char c : address.substr(0, 10))
        lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower.starts_with("http://") || lower.starts_with("https://")
        || lower.starts_with("mailto:");
}

const char* cellStyle(const void* detail)
{
    return static_cast<const MD_BLOCK_TD_DETAIL*>(detail)->align == MD_ALIGN_RIGHT ? " class=\"n\""
                                                                                   : "";
}

/// Headings inside a note stand below the section's own (h2).
std::string headingTag(const void* detail)
{
    const unsigned level = static_cast<const MD_BLOCK_H_DETAIL*>(detail)->level;
    return "h" + std::to_string(std::min(level + 2, 6U));
}

std::string blockTag(MD_BLOCKTYPE type, const void* detail)
{
    switch (type) {
    case MD_BLOCK_QUOTE:
        return "blockquote";
    case MD_BLOCK_UL:
        return "ul";
    case MD_BLOCK_OL:
        return "ol";
    case MD_BLOCK_LI:
        return "li";
    case MD_BLOCK_H:
        return headingTag(detail);
    case MD_BLOCK_CODE:
        return "pre";
    case MD_BLOCK_P:
        return "p";
    case MD_BLOCK_TABLE:
        return "table";
    case MD_BLOCK_THEAD:
        return "thead";
    case MD_BLOCK_TBODY:
        return "tbody";
    case MD_BLOCK_TR:
        return "tr";
    case MD_BLOCK_TH:
        return "th";
    case MD_BLOCK_TD:
        return "td";
    default:
        return {};
    }
}

int enterBlock(MD_BLOCKTYPE type, void* detail, void* user)
{
    auto& writer = *static_cast<Writer*>(user);
    if (type == MD_BLOCK_HR) {
        writer.out += "<hr>\n";
        return 0;
    }
    const std::string tag = blockTag(type, detail);
    if (tag.empty())
        return 0;
    const bool isCell = type == MD_BLOCK_TH || type == MD_BLOCK_TD;
    writer.out += "<" + tag + (isCell ? cellStyle(detail) : "");
    if (type == MD_BLOCK_OL && static_cast<const MD_BLOCK_OL_DETAIL*>(detail)->start != 1)
        writer.out += " start=\""
            + std::to_string(static_cast<const MD_BLOCK_OL_DETAIL*>(detail)->start) + "\"";
    writer.out += ">";
    return 0;
}

int leaveBlock(MD_BLOCKTYPE type, void* detail, void* user)
{
    const std::string tag = blockTag(type, detail);
    if (!tag.empty())
        static_cast<Writer*>(user)->out += "</" + tag + ">\n";
    return 0;
}

std::string spanTag(MD_SPANTYPE type)
{
    switch (type) {
    case MD_SPAN_EM:
        return "em";
    case MD_SPAN_STRONG:
        return "strong";
    case MD_SPAN_CODE:
        return "code";
    case MD_SPAN_DEL:
        return "del";
    default:
        return {};
    }
}

int enterSpan(MD_SPANTYPE type, void* detail, void* user)
{
    auto& writer = *static_cast<Writer*>(user);
    if (type == MD_SPAN_IMG) {
        writer.out += "[picture: "; // its description follows as text
    } else if (type == MD_SPAN_A) {
        const std::string_view address = view(static_cast<const MD_SPAN_A_DETAIL*>(detail)->href);
        writer.out += isSafeAddress(address)
            ? "<a rel=\"noreferrer\" href=\"" + html::escaped(address) + "\">"
            : std::string("<a>");
    } else if (const std::string tag = spanTag(type); !tag.empty()) {
        writer.out += "<" + tag + ">";
    }
    return 0;
}

int leaveSpan(MD_SPANTYPE type, void*, void* user)
{
    auto& writer = *static_cast<Writer*>(user);
    if (type == MD_SPAN_IMG) {
        writer.out += "]";
    } else if (type == MD_SPAN_A) {
        writer.out += "</a>";
    } else if (const std::string tag = spanTag(type); !tag.empty()) {
        writer.out += "</" + tag + ">";
    }
    return 0;
}

int text(MD_TEXTTYPE type, const MD_CHAR* characters, MD_SIZE size, void* user)
{
    auto& writer = *static_cast<Writer*>(user);
    switch (type) {
    case MD_TEXT_NULLCHAR:
        writer.out += "\uFFFD";
        break;
    case MD_TEXT_BR:
        writer.out += "<br>\n";
        break;
    case MD_TEXT_SOFTBR:
        writer.out += "\n";
        break;
    case MD_TEXT_ENTITY: // md4c passes only what has the form of an entity: letters, digits and #
                         // between & and ;
        writer.out.append(characters, size);
        break;
    default:
        writer.out += html::escaped({characters, size});
    }
    return 0;
}

} // namespace

std::string markdownToHtml(std::string_view markdown)
{
    MD_PARSER parser {};
    parser.flags =
        MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEURLAUTOLINKS;
    parser.enter_block = enterBlock;
    parser.leave_block = leaveBlock;
    parser.enter_span = enterSpan;
    parser.leave_span = leaveSpan;
    parser.text = text;
    Writer writer;
    if (md_parse(markdown.data(), static_cast<MD_SIZE>(markdown.size()), &parser, &writer) != 0)
        throw Error("The note could not be read as Markdown.",
                    "Shorten the note, or take out deeply nested lists.");
    return writer.out;
}

} // namespace tw
