// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/json_parts.h"

#include <algorithm>

namespace tw {
namespace {

/// A frame in the making: the reference hands a list of parts from processor to processor.
using Frames = std::vector<Frame>;

std::int64_t pairedId(const JsonPlace& place) // ["</s>", 2]
{
    std::int64_t id = -1;
    std::size_t index = 0;
    place.forEach([&](const JsonPlace& part) {
        if (index++ == 1)
            id = part.id();
    });
    if (index != 2)
        place.fail("is no pair of a token and its id");
    return id;
}

/// [CLS] A [SEP], B [SEP]
void addBert(const JsonPlace& place, Frames& frames)
{
    const std::int64_t cls = pairedId(place.at("cls"));
    const std::int64_t sep = pairedId(place.at("sep"));
    for (std::size_t i = 0; i < frames.size(); ++i) {
        auto& parts = frames[i].parts;
        if (i == 0)
            parts.insert(parts.begin(), {-1, cls, 0});
        parts.push_back({-1, sep, i == 0 ? 0 : 1});
    }
}

/// <s> A </s>, </s> B </s>; all of type 0
void addRoberta(const JsonPlace& place, Frames& frames)
{
    const std::int64_t cls = pairedId(place.at("cls"));
    const std::int64_t sep = pairedId(place.at("sep"));
    for (std::size_t i = 0; i < frames.size(); ++i) {
        auto& parts = frames[i].parts;
        for (Frame::Part& part : parts)
            part.typeId = 0;
        parts.insert(parts.begin(), {-1, i == 0 ? cls : sep, 0});
        parts.push_back({-1, sep, 0});
    }
}

void addSpecial(const JsonPlace& part, const JsonPlace& tokens, Frames& made)
{
    const std::string name = part.at("id").text();
    const std::int64_t typeId = static_cast<std::int64_t>(part.at("type_id").countOr(0));
    if (!tokens.has(name.c_str()))
        part.fail("names the special token \"" + name.substr(0, 60)
                  + "\", which is not in special_tokens");
    Frame frame;
    tokens.at(name.c_str()).at("ids").forEach([&](const JsonPlace& id) {
        frame.parts.push_back({-1, id.id(), typeId});
    });
    made.push_back(std::move(frame));
}

void addSequence(const JsonPlace& part, const Frames& frames, Frames& made)
{
    const std::string id = part.at("id").text();
    const std::size_t index = id == "A" ? 0 : 1;
    if (id != "A" && id != "B")
        part.fail("is a text that is neither A nor B");
    if (index >= frames.size())
        part.fail("is a second text where there is one");
    Frame frame = frames[index];
    for (Frame::Part& inner : frame.parts)
        inner.typeId = static_cast<std::int64_t>(part.at("type_id").countOr(0));
    made.push_back(std::move(frame));
}

void addTemplate(const JsonPlace& place, Frames& frames)
{
    if (frames.size() > 2)
        place.fail("stands behind another template, which the reference cannot use either");
    const JsonPlace wanted = place.at(frames.size() == 1 ? "single" : "pair");
    if (frames.size() == 2 && wanted.isNull())
        return; // one text after the other
    Frames made;
    wanted.forEach([&](const JsonPlace& part) {
        if (part.has("Sequence"))
            addSequence(part.at("Sequence"), frames, made);
        else
            addSpecial(part.at("SpecialToken"), place.at("special_tokens"), made);
    });
    const auto isText = [](const Frame::Part& part) { return part.text >= 0; };
    const bool hasText = std::any_of(made.begin(), made.end(), [&](const Frame& frame) {
        return std::any_of(frame.parts.begin(), frame.parts.end(), isText);
    });
    if (!hasText)
        wanted.fail("leaves the text out");
    frames = std::move(made);
}

void addProcessor(const JsonPlace& place, Frames& frames)
{
    const std::string type = place.type();
    if (type == "Sequence")
        place.at("processors").forEach([&](const JsonPlace& part) { addProcessor(part, frames); });
    else if (type == "TemplateProcessing")
        addTemplate(place, frames);
    else if (type == "BertProcessing")
        addBert(place, frames);
    else if (type == "RobertaProcessing")
        addRoberta(place, frames);
    else if (type != "ByteLevel") // which only moves offsets
        place.failType();
}

Frame joined(const Frames& frames)
{
    Frame all;
    for (const Frame& frame : frames)
        all.parts.insert(all.parts.end(), frame.parts.begin(), frame.parts.end());
    return all;
}

} // namespace

PostProcessor readPostProcessor(const JsonPlace& place)
{
    Frames single {{{{0, 0, 0}}}};
    Frames pair {{{{0, 0, 0}}}, {{{1, 0, 1}}}};
    if (!place.isNull()) {
        addProcessor(place, single);
        addProcessor(place, pair);
    }
    return {joined(single), joined(pair)};
}

} // namespace tw
