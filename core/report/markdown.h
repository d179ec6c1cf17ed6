// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tw {

/// Markdown (CommonMark with tables and strike-through) as HTML. HTML in the text is shown, not
/// used; links keep http, https and mailto addresses only; pictures become their description,
/// because a report refers to no other file.
std::string markdownToHtml(std::string_view markdown);

} // namespace tw
