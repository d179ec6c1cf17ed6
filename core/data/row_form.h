// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/layout.h"
#include "core/data/row_cells.h"

#include <algorithm>

namespace tw {

/// What every form is made from.
struct FormParts
{
    std::shared_ptr<const Tokenizer> tokenizer;
    ColumnRoles roles;
    LayoutOptions options;

    bool has(Role role) const
    {
        return std::ranges::any_of(roles, [&](const auto& item) { return item.second == role; });
    }
    bool isChat() const
    {
        return options.layout == Layout::Chat || options.layout == Layout::ChatMl;
    }
};

/// Lays out the rows of one use. Thread-safe.
class RowForm
{
public:
    virtual ~RowForm() = default;
    /// Throws Error for a row that cannot be laid out.
    virtual TokenizedRow row(const RowCells& cells) const = 0;
    /// What generation begins from; none where rows are not answered. Throws Error.
    virtual std::vector<std::int64_t> promptIds(const RowCells& /*cells*/) const { return {}; }
};

// Each throws Error where the roles do not make such a row.
std::unique_ptr<const RowForm> textForm(const FormParts& parts);
std::unique_ptr<const RowForm> answerForm(const FormParts& parts);
std::unique_ptr<const RowForm> preferenceForm(const FormParts& parts);
std::unique_ptr<const RowForm> judgedForm(const FormParts& parts);
std::unique_ptr<const RowForm> labelForm(const FormParts& parts);
std::unique_ptr<const RowForm> tokenLabelForm(const FormParts& parts);
/// Of columns that name pictures or sounds, for models that see or hear.
std::unique_ptr<const RowForm> mediaForm(const FormParts& parts);
/// Of columns that hold tokens.
std::unique_ptr<const RowForm> givenForm(const FormParts& parts);

} // namespace tw
