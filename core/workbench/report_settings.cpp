// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/report_settings.h"

#include <algorithm>

namespace tw {
namespace {

/// What an experiment has under a field; its own name tells nothing about it.
const FieldDifference* fieldIn(const std::vector<FieldDifference>& fields, const std::string& field)
{
    const auto it = std::ranges::find(fields, field, &FieldDifference::field);
    return it == fields.end() || field == "name" ? nullptr : &*it;
}

} // namespace

std::vector<ReportSetting> settingsOf(const Experiment& experiment)
{
    std::vector<ReportSetting> settings;
    for (const FieldDifference& field : differences(Experiment {}, experiment))
        settings.push_back({"Differs from the defaults", field.field, field.b, field.a});
    return settings;
}

std::vector<ReportSetting> settingsOf(const std::vector<Experiment>& experiments,
                                      const std::vector<std::string>& names)
{
    std::vector<std::vector<FieldDifference>> all;
    for (const Experiment& experiment : experiments)
        all.push_back(differences(Experiment {}, experiment));
    const auto isShared = [&](const FieldDifference& field) {
        return std::ranges::all_of(all, [&](const std::vector<FieldDifference>& fields) {
            const FieldDifference* other = fieldIn(fields, field.field);
            return other != nullptr && other->b == field.b;
        });
    };
    std::vector<ReportSetting> settings;
    for (const FieldDifference& field : all.empty() ? std::vector<FieldDifference> {} : all.front())
        if (isShared(field))
            settings.push_back({"The same in all runs", field.field, field.b, field.a});
    for (std::size_t i = 0; i < all.size(); ++i)
        for (const FieldDifference& field : all[i])
            if (field.field != "name" && !isShared(field))
                settings.push_back({names.at(i), field.field, field.b, field.a});
    return settings;
}

} // namespace tw
