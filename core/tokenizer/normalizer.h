// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tw {

enum class NormalForm
{
    Nfc,
    Nfd,
    Nfkc,
    Nfkd
};

/// A text in another form, and for each of its bytes where it comes from.
struct NormalizedText
{
    std::string text;
    std::vector<std::pair<std::size_t, std::size_t>> origin; ///< empty: the text is what it was
};

/// Applies Unicode normal forms one after the other. `text` has to be well-formed.
NormalizedText normalized(std::string_view text, const std::vector<NormalForm>& forms);

} // namespace tw
