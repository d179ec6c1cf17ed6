// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/data/layout.h"

#include <algorithm>
#include <array>

namespace tw {
namespace {

struct LayoutName
{
    Layout layout;
    const char* id;
};

constexpr std::array kLayouts {
    LayoutName {Layout::Chat, "chat"},
    LayoutName {Layout::ChatMl, "chatml"},
    LayoutName {Layout::Alpaca, "alpaca"},
    LayoutName {Layout::Plain, "plain"},
};

struct UseName
{
    RowUse use;
    const char* id;
};

constexpr std::array kUses {
    UseName {RowUse::Text, "text"},
    UseName {RowUse::Answer, "answer"},
    UseName {RowUse::Preference, "preference"},
    UseName {RowUse::Judged, "judged"},
    UseName {RowUse::Labels, "labels"},
    UseName {RowUse::TokenLabels, "tokenLabels"},
};

struct TrainOnName
{
    TrainOn trainOn;
    const char* id;
};

constexpr std::array kTrainOn {
    TrainOnName {TrainOn::Answers, "answers"},
    TrainOnName {TrainOn::LastAnswer, "lastAnswer"},
    TrainOnName {TrainOn::Template, "template"},
    TrainOnName {TrainOn::Everything, "everything"},
};

} // namespace

const char* rowUseId(RowUse use)
{
    return std::ranges::find(kUses, use, &UseName::use)->id;
}

const char* trainOnId(TrainOn trainOn)
{
    return std::ranges::find(kTrainOn, trainOn, &TrainOnName::trainOn)->id;
}

TrainOn trainOnFrom(const std::string& id)
{
    std::vector<std::string> known;
    for (const TrainOnName& name : kTrainOn) {
        if (id == name.id)
            return name.trainOn;
        known.emplace_back(name.id);
    }
    throw Error("There is no way \"" + id + "\" to choose the trained tokens.",
                "Choose one of: " + join(known, ", ") + ".");
}

const char* layoutId(Layout layout)
{
    for (const LayoutName& name : kLayouts) {
        if (name.layout == layout)
            return name.id;
    }
    return "chat";
}

Layout layoutFrom(const std::string& id)
{
    for (const LayoutName& name : kLayouts) {
        if (name.id == id)
            return name.layout;
    }
    throw Error("There is no layout \"" + id + "\".", "Known: chat, chatml, alpaca, plain.");
}

} // namespace tw
