// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sentencepiece_text.h"

#include "core/base/text.h"
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/decoder.h"

#include <utf8proc.h>

namespace tw {
namespace {

constexpr std::string_view kMark = "\u2581";
using Decoding = SentencePieceConventions::Decoding;

/// What Python's str.strip and str.split take for blanks.
bool isPythonBlank(char32_t point)
{
    return isBlank(point) || (point >= 0x1C && point <= 0x1F);
}

/// One space between words, none at the ends.
class SqueezeBlanks final : public Normalizer
{
public:
    void normalize(AlignedText& text) const override
    {
        Rewriter out(text);
        const std::string& old = out.old();
        bool isWaiting = false; // a space, for a word to follow
        for (std::size_t at = 0; at < old.size();) {
            const std::size_t begin = at;
            if (isPythonBlank(nextPoint(old, at))) {
                isWaiting = out.size() > 0;
                continue;
            }
            if (isWaiting)
                out.put(" ", pointBefore(old, begin), begin);
            isWaiting = false;
            out.keep(begin, at);
        }
        out.finish();
    }
};

/// Leaves out what has a combining class.
class DropCombining final : public Normalizer
{
public:
    void normalize(AlignedText& text) const override
    {
        if (isAsciiText(text.text()))
            return;
        Rewriter out(text);
        const std::string& old = out.old();
        for (std::size_t at = 0; at < old.size();) {
            const std::size_t begin = at;
            const auto point = static_cast<utf8proc_int32_t>(nextPoint(old, at));
            if (utf8proc_get_property(point)->combining_class == 0)
                out.keep(begin, at);
        }
        out.finish();
    }
};

std::string strippedLikePython(std::string_view text)
{
    while (!text.empty() && isPythonBlank(pointAt(text, 0)))
        text.remove_prefix(pointLength(text.front()));
    while (!text.empty() && isPythonBlank(pointAt(text, pointBefore(text, text.size()))))
        text = text.substr(0, pointBefore(text, text.size()));
    return std::string(text);
}

std::string withSpaces(std::string text)
{
    return makeMetaspaceDecoder(0x2581, false)->bytesOf(std::move(text));
}

/// Runs of tokens between special ones, each decoded by the library.
class RunDecoder
{
public:
    RunDecoder(const SentencePieceModel& model, const SentencePieceConventions& own)
        : m_model(model)
        , m_own(own)
    {
    }
    std::string text(std::vector<std::string> tokens)
    {
        const bool isLlama = m_own.decoding == Decoding::Llama;
        const bool hasPrefix = m_own.addsPrefixSpace && (isLlama || m_own.decoding == Decoding::T5);
        if (hasPrefix && !tokens.empty() && tokens.front().starts_with(kMark))
            tokens.front().erase(0, kMark.size()); // which was put there
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (m_own.specialTexts.contains(tokens[i])) {
                const bool isSpaced = !m_wasSpecial && (!isLlama || (i > 0 && m_own.isLegacy));
                m_out += isSpaced ? " " : "";
                flush();
                m_out += tokens[i];
                m_wasSpecial = true;
                continue;
            }
            if (isLlama && m_wasSpecial && i == 1 && hasPrefix && !tokens[i].starts_with(kMark))
                m_out += " ";
            m_run.push_back(std::move(tokens[i]));
            m_wasSpecial = false;
        }
        flush();
        return isLlama ? m_out : strippedLikePython(m_out);
    }

private:
    void flush()
    {
        m_out += m_model.decode(m_run);
        m_run.clear();
    }
    const SentencePieceModel& m_model;
    const SentencePieceConventions& m_own;
    std::vector<std::string> m_run;
    std::string m_out;
    bool m_wasSpecial = false;
};

std::string runText(const std::vector<std::string>& run,
                    const SentencePieceModel& model,
                    const SentencePieceConventions& own)
{
    if (own.decoding == Decoding::XlmRoberta)
        return strippedLikePython(withSpaces(join(run, "")));
    if (own.decoding == Decoding::Plain || own.decoding == Decoding::Gemma)
        return model.decode(run);
    return RunDecoder(model, own).text(run);
}

/// Gemma's: every added token by itself.
bool standsAlone(const std::string& token, const SentencePieceConventions& own)
{
    if (own.decoding != Decoding::Gemma)
        return own.standAlone.contains(token);
    for (const AddedToken& added : own.added)
        if (added.content == token)
            return true;
    return false;
}

} // namespace

std::vector<NormalizerPtr> cleaningOf(const SentencePieceConventions& conventions)
{
    std::vector<NormalizerPtr> steps;
    if (conventions.cleansText) {
        steps.push_back(std::make_unique<SqueezeBlanks>());
        steps.push_back(makeReplace("``", "\""));
        steps.push_back(makeReplace("''", "\""));
    }
    if (!conventions.keepsAccents) {
        steps.push_back(makeNormalForm(NormalForm::Nfkd));
        steps.push_back(std::make_unique<DropCombining>());
    }
    if (conventions.lowers)
        steps.push_back(makeLowercase());
    return steps;
}

void markSpaces(AlignedText& text, bool addsPrefix)
{
    makeReplace(std::string(kMark), " ")->normalize(text);
    if (addsPrefix)
        makePrepend(std::string(kMark))->normalize(text);
}

std::string pieceBytes(std::string token)
{
    return makeByteFallbackDecoder()->bytesOf(withSpaces(std::move(token)));
}

std::string decodedText(const std::vector<std::string>& tokens,
                        const SentencePieceModel& model,
                        const SentencePieceConventions& conventions)
{
    std::vector<std::string> parts;
    std::vector<std::string> run;
    const auto flush = [&] {
        if (!run.empty())
            parts.push_back(runText(run, model, conventions));
        run.clear();
    };
    for (const std::string& token : tokens) {
        if (!standsAlone(token, conventions)) {
            run.push_back(token);
            continue;
        }
        flush();
        if (!parts.empty() && parts.back().empty())
            parts.pop_back(); // but the last one stays: so it does in the reference
        parts.push_back(token);
    }
    flush();
    const bool isGemma = conventions.decoding == Decoding::Gemma;
    std::string text = join(parts, isGemma ? "" : " ");
    if (isGemma)
        text = withSpaces(std::move(text));
    return conventions.cleansUpDecoded ? cleanedUpText(std::move(text)) : text;
}

} // namespace tw
