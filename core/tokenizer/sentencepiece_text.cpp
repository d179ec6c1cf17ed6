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
        , m_isLlama(own.decoding == Decoding::Llama)
        , m_isCodeLlama(own.decoding == Decoding::CodeLlama)
    {
    }
    std::string text(std::vector<std::string> tokens)
    {
        const bool takesPrefix = m_isLlama || m_isCodeLlama || m_own.decoding == Decoding::T5;
        const bool hasPrefix = m_own.addsPrefixSpace && takesPrefix;
        if (hasPrefix && !tokens.empty() && tokens.front().starts_with(kMark))
            tokens.front().erase(0, kMark.size()); // which was put there
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (m_own.specialTexts.contains(tokens[i])) {
                m_out += isSpacedAt(i) ? " " : "";
                flush();
                m_out += tokens[i];
                m_wasSpecial = true;
                continue;
            }
            if (m_isLlama && m_wasSpecial && i == 1 && hasPrefix && !tokens[i].starts_with(kMark))
                m_out += " ";
            m_run.push_back(std::move(tokens[i]));
            m_wasSpecial = false;
        }
        flush();
        return m_isLlama || m_isCodeLlama ? m_out : strippedLikePython(m_out);
    }

private:
    /// Whether a space goes before what leads up to a special token: odd, but so it is there.
    bool isSpacedAt(std::size_t i) const
    {
        if (m_isCodeLlama || m_own.decoding == Decoding::Pegasus)
            return false;
        return !m_wasSpecial && (!m_isLlama || (i > 0 && m_own.isLegacy));
    }
    void flush()
    {
        m_out += m_model.decode(m_run);
        m_run.clear();
    }
    const SentencePieceModel& m_model;
    const SentencePieceConventions& m_own;
    bool m_isLlama;
    bool m_isCodeLlama;
    std::vector<std::string> m_run;
    std::string m_out;
    bool m_wasSpecial = false;
};

std::string runText(const std::vector<std::string>& run,
                    const SentencePieceModel& model,
                    const SentencePieceConventions& own)
{
    if (own.decoding == Decoding::XlmRoberta || own.decoding == Decoding::XlNet)
        return strippedLikePython(withSpaces(join(run, "")));
    if (own.decoding == Decoding::Plain || own.decoding == Decoding::Gemma)
        return model.decode(run);
    return RunDecoder(model, own).text(run);
}

/// Parts of a text in one, as each class does it.
std::string joinedParts(const std::vector<std::string>& parts, Decoding decoding)
{
    if (decoding == Decoding::Gemma)
        return withSpaces(join(parts, ""));
    if (decoding == Decoding::XlNet)
        return join(parts, "");
    std::string text = join(parts, " ");
    if (decoding == Decoding::BigBird)
        for (const char* const token : {"[MASK]", "[SEP]"})
            text = makeReplaceDecoder(std::string(" ") + token, token)->bytesOf(std::move(text));
    return text;
}

} // namespace

std::vector<NormalizerPtr> cleaningOf(const SentencePieceConventions& conventions)
{
    std::vector<NormalizerPtr> steps;
    if (conventions.squeezesBlanks)
        steps.push_back(std::make_unique<SqueezeBlanks>());
    if (conventions.cleansText) {
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
    const bool keepsEmpty = conventions.decoding == Decoding::BigBird;
    const auto flush = [&] {
        if (!run.empty())
            parts.push_back(runText(run, model, conventions));
        run.clear();
    };
    for (const std::string& token : tokens) {
        if (!conventions.standAlone.contains(token)) {
            run.push_back(token);
            continue;
        }
        flush();
        if (!keepsEmpty && !parts.empty() && parts.back().empty())
            parts.pop_back(); // but the last one stays: so it does in the reference
        parts.push_back(token);
    }
    flush();
    std::string text = joinedParts(parts, conventions.decoding);
    return conventions.cleansUpDecoded ? cleanedUpText(std::move(text)) : text;
}

} // namespace tw
