// SPDX-License-Identifier: Apache-2.0
// The normalizers that look at one character at a time.
#include "core/tokenizer/normalizer.h"

#include "core/base/text.h"
#include "core/tokenizer/byte_level.h"
#include "core/tokenizer/code_points.h"

#include <algorithm>
#include <unicode/locid.h>
#include <unicode/unistr.h>
#include <utf8proc.h>

namespace tw {
namespace {

/// Calls visit(point, begin, end) for each character.
template <typename Visit>
void forEachPoint(std::string_view text, Visit visit)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const char32_t point = nextPoint(text, at);
        visit(point, begin, at);
    }
}

template <typename Predicate>
bool anyPoint(std::string_view text, Predicate predicate)
{
    for (std::size_t at = 0; at < text.size();)
        if (predicate(nextPoint(text, at)))
            return true;
    return false;
}

/// Leaves out the characters that drop() is true of.
template <typename Predicate>
void dropPoints(AlignedText& text, Predicate drop)
{
    if (!anyPoint(text.text(), drop))
        return;
    Rewriter out(text);
    forEachPoint(out.old(), [&](char32_t point, std::size_t begin, std::size_t end) {
        if (!drop(point))
            out.keep(begin, end);
    });
    out.finish();
}

class Lowercase final : public Normalizer
{
public:
    explicit Lowercase(AddedTokenFinder spared = {})
        : m_spared(std::move(spared))
    {
    }
    void normalize(AlignedText& text) const override
    {
        const auto changes = [](char32_t point) {
            return point == kDottedI || lower(point) != point;
        };
        if (!anyPoint(text.text(), changes))
            return;
        Rewriter out(text);
        std::vector<AddedTokenFinder::Segment> segments;
        m_spared.split(out.old(), segments);
        for (const AddedTokenFinder::Segment& segment : segments) {
            if (segment.token != nullptr)
                out.keep(segment.begin, segment.end);
            else
                lowerBetween(segment, out);
        }
        out.finish();
    }

private:
    static void lowerBetween(const AddedTokenFinder::Segment& segment, Rewriter& out)
    {
        const std::string_view part =
            std::string_view(out.old()).substr(segment.begin, segment.end - segment.begin);
        forEachPoint(part, [&](char32_t point, std::size_t from, std::size_t to) {
            const std::size_t begin = segment.begin + from;
            const std::size_t end = segment.begin + to;
            if (point == kDottedI)
                out.put("i\u0307", begin, end); // the only letter that becomes two
            else if (const char32_t small = lower(point); small != point)
                out.put(small, begin, end);
            else
                out.keep(begin, end);
        });
    }

    static constexpr char32_t kDottedI = 0x130;
    static char32_t lower(char32_t point)
    {
        if (point < 0x80)
            return point >= 'A' && point <= 'Z' ? point + 32 : point;
        return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point)));
    }

    AddedTokenFinder m_spared;
};

class Uppercase final : public Normalizer
{
public:
    void normalize(AlignedText& text) const override
    {
        Rewriter out(text);
        forEachPoint(out.old(), [&](char32_t point, std::size_t begin, std::size_t end) {
            icu::UnicodeString large(static_cast<UChar32>(point));
            std::string utf8;
            large.toUpper(icu::Locale::getRoot()).toUTF8String(utf8);
            if (utf8 == std::string_view(out.old()).substr(begin, end - begin))
                out.keep(begin, end);
            else
                out.put(utf8, begin, end);
        });
        out.finish();
    }
};

class Strip final : public Normalizer
{
public:
    Strip(bool left, bool right)
        : m_left(left)
        , m_right(right)
    {
    }
    void normalize(AlignedText& text) const override
    {
        const std::string_view all = text.text();
        std::size_t begin = 0;
        std::size_t end = all.size();
        while (m_left && begin < end && isBlank(pointAt(all, begin)))
            begin += pointLength(all[begin]);
        while (m_right && end > begin && isBlank(pointAt(all, pointBefore(all, end))))
            end = pointBefore(all, end);
        if (begin == 0 && end == all.size())
            return;
        Rewriter out(text);
        out.keep(begin, end);
        out.finish();
    }

private:
    bool m_left;
    bool m_right;
};

class StripAccents final : public Normalizer
{
public:
    void normalize(AlignedText& text) const override
    {
        if (!isAsciiText(text.text()))
            dropPoints(text, isMark);
    }
};

class Replace final : public Normalizer
{
public:
    Replace(Pattern pattern, std::string with)
        : m_pattern(std::move(pattern))
        , m_with(std::move(with))
    {
    }
    void normalize(AlignedText& text) const override
    {
        std::vector<Regex::Match> matches;
        findAll(m_pattern, text.text(), matches);
        if (matches.empty())
            return;
        Rewriter out(text);
        std::size_t done = 0;
        for (const auto& [begin, end] : matches) {
            out.keep(done, begin);
            // It stands for the last of the characters that it replaces: so it does in the
            // reference, whose Metaspace looks at that.
            out.put(m_with, begin == end ? begin : pointBefore(out.old(), end), end);
            done = end;
        }
        out.keep(done, out.old().size());
        out.finish();
    }

private:
    Pattern m_pattern;
    std::string m_with;
};

class Prepend final : public Normalizer
{
public:
    explicit Prepend(std::string what)
        : m_what(std::move(what))
    {
    }
    void normalize(AlignedText& text) const override
    {
        if (text.size() == 0)
            return;
        Rewriter out(text);
        out.put(m_what, 0, 0);
        out.keep(0, out.old().size());
        out.finish();
    }

private:
    std::string m_what;
};

class Nmt final : public Normalizer
{
public:
    void normalize(AlignedText& text) const override
    {
        dropPoints(text, isDropped);
        if (!anyPoint(text.text(), becomesSpace))
            return;
        Rewriter out(text);
        forEachPoint(out.old(), [&](char32_t point, std::size_t begin, std::size_t end) {
            if (becomesSpace(point))
                out.put(" ", begin, end);
            else
                out.keep(begin, end);
        });
        out.finish();
    }

private:
    static bool isDropped(char32_t point)
    {
        return (point >= 0x01 && point <= 0x08) || point == 0x0B || (point >= 0x0E && point <= 0x1F)
            || point == 0x7F || point == 0x8F || point == 0x9F;
    }
    static bool becomesSpace(char32_t point)
    {
        if (point < 0x80)
            return point == 0x09 || point == 0x0A || point == 0x0C || point == 0x0D;
        return point == 0x1680 || (point >= 0x200B && point <= 0x200F) || point == 0x2028
            || point == 0x2029 || point == 0x2581 || point == 0xFEFF || point == 0xFFFD;
    }
};

class ByteMapping final : public Normalizer
{
public:
    void normalize(AlignedText& text) const override
    {
        Rewriter out(text);
        for (std::size_t at = 0; at < out.old().size(); ++at)
            out.put(byteLevelPoint(static_cast<std::uint8_t>(out.old()[at])), at, at + 1);
        out.finish();
    }
};

class BertNormalizer final : public Normalizer
{
public:
    explicit BertNormalizer(const BertNormalizerOptions& options)
        : m_options(options)
    {
    }
    void normalize(AlignedText& text) const override
    {
        if (m_options.cleansText)
            clean(text);
        if (m_options.spacesChinese && anyPoint(text.text(), isChinese))
            spaceChinese(text);
        if (m_options.stripsAccents && !isAsciiText(text.text())) {
            m_decompose->normalize(text);
            dropPoints(text, isNonspacingMark);
        }
        if (m_options.lowers)
            m_lower.normalize(text);
    }

private:
    static bool isDropped(char32_t point)
    {
        if (point >= 0x20 && point < 0x7F)
            return false;
        const bool isKept = point == '\t' || point == '\n' || point == '\r';
        return point == 0 || point == 0xFFFD || (!isKept && isControlOrFormat(point));
    }
    static void clean(AlignedText& text)
    {
        dropPoints(text, isDropped);
        if (!anyPoint(text.text(), [](char32_t point) { return point != ' ' && isBlank(point); }))
            return;
        Rewriter out(text);
        forEachPoint(out.old(), [&](char32_t point, std::size_t begin, std::size_t end) {
            if (isBlank(point))
                out.put(" ", begin, end);
            else
                out.keep(begin, end);
        });
        out.finish();
    }
    static void spaceChinese(AlignedText& text)
    {
        Rewriter out(text);
        forEachPoint(out.old(), [&](char32_t point, std::size_t begin, std::size_t end) {
            const bool isSpaced = isChinese(point);
            if (isSpaced)
                out.put(" ", begin, end);
            out.keep(begin, end);
            if (isSpaced)
                out.put(" ", begin, end);
        });
        out.finish();
    }

    BertNormalizerOptions m_options;
    NormalizerPtr m_decompose = makeNormalForm(NormalForm::Nfd);
    Lowercase m_lower;
};

} // namespace

NormalizerPtr makeLowercase()
{
    return std::make_unique<Lowercase>();
}

NormalizerPtr makeLowercase(AddedTokenFinder spared)
{
    return std::make_unique<Lowercase>(std::move(spared));
}

NormalizerPtr makeUppercase()
{
    return std::make_unique<Uppercase>();
}

NormalizerPtr makeStrip(bool left, bool right)
{
    return std::make_unique<Strip>(left, right);
}

NormalizerPtr makeStripAccents()
{
    return std::make_unique<StripAccents>();
}

NormalizerPtr makeReplace(Pattern pattern, std::string with)
{
    return std::make_unique<Replace>(std::move(pattern), std::move(with));
}

NormalizerPtr makePrepend(std::string what)
{
    return std::make_unique<Prepend>(std::move(what));
}

NormalizerPtr makeNmt()
{
    return std::make_unique<Nmt>();
}

NormalizerPtr makeByteMapping()
{
    return std::make_unique<ByteMapping>();
}

NormalizerPtr makeBertNormalizer(const BertNormalizerOptions& options)
{
    return std::make_unique<BertNormalizer>(options);
}

} // namespace tw
