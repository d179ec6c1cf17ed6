// SPDX-License-Identifier: Apache-2.0
// .npy: "\x93NUMPY", major and minor version, length of the header (2 bytes in version 1, 4 since),
// header, numbers. The header is a Python dictionary with exactly three keys, e.g.
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
#include "core/tensorfile/npy.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/checked_math.h"
#include "core/tensorfile/safetensors_header.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tw {
namespace {

constexpr const char* kDamaged = "The file is damaged or not complete: download or copy it again.";
constexpr const char* kSaveNumbers =
    "Save it again as plain numbers: numpy.save(file, array.astype('float32')).";
constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxDimensions = 64; // NumPy's and LibTorch's limit

struct NumberFormat
{
    std::string_view descr; ///< without its byte order
    std::string_view dtype;
};
constexpr std::array<NumberFormat, 14> kFormats {{{"b1", "BOOL"},
                                                  {"i1", "I8"},
                                                  {"u1", "U8"},
                                                  {"i2", "I16"},
                                                  {"u2", "U16"},
                                                  {"i4", "I32"},
                                                  {"u4", "U32"},
                                                  {"i8", "I64"},
                                                  {"u8", "U64"},
                                                  {"f2", "F16"},
                                                  {"f4", "F32"},
                                                  {"f8", "F64"},
                                                  {"c8", "C64"},
                                                  {"c16", "C128"}}};

/// Why numbers of this kind are not read; the letters are NumPy's.
std::string refusalOf(const std::string& descr)
{
    const char kind = descr.size() > 1 ? descr[1] : '?';
    if (kind == 'O')
        return "holds Python objects, which may run code when they are read";
    if (kind == 'S' || kind == 'U' || kind == 'a')
        return "holds texts, no numbers";
    if (kind == 'M' || kind == 'm')
        return "holds dates or durations, no numbers";
    if (kind == 'V')
        return "holds raw bytes of an unknown meaning";
    return "has the number format \"" + descr.substr(0, 40) + "\", which cannot be read";
}

/// Reads the dictionary; knows as much Python as NumPy writes there.
class HeaderParser
{
public:
    HeaderParser(std::string_view text, const std::string& where)
        : m_text(text)
        , m_where(where)
    {
    }

    NpyHeader read()
    {
        NpyHeader header;
        std::vector<std::string> seen;
        expect('{');
        while (!accepts('}')) {
            const std::string key = quoted();
            expect(':');
            if (std::find(seen.begin(), seen.end(), key) != seen.end())
                fail("has \"" + key + "\" twice");
            seen.push_back(key);
            if (key == "descr")
                readDescr(header);
            else if (key == "fortran_order")
                header.isFortran = flag();
            else if (key == "shape")
                header.shape = shape();
            else
                fail("has the unknown key \"" + key.substr(0, 40) + "\"");
            if (!accepts(','))
                expectLast('}');
        }
        skipBlanks();
        if (m_at != m_text.size())
            fail("goes on behind its end");
        if (seen.size() != 3)
            fail("lacks one of \"descr\", \"fortran_order\" and \"shape\"");
        return header;
    }

private:
    [[noreturn]] void fail(const std::string& what) const
    {
        throw Error(m_where + ": the header of the .npy file " + what + " (character "
                        + std::to_string(m_at + 1) + ").",
                    kDamaged);
    }

    void skipBlanks()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n'))
            ++m_at;
    }
    char next()
    {
        skipBlanks();
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }
    bool accepts(char wanted)
    {
        if (next() != wanted || m_at == m_text.size())
            return false;
        ++m_at;
        return true;
    }
    void expect(char wanted)
    {
        if (!accepts(wanted))
            fail(std::string("lacks a \"") + wanted + "\"");
    }
    void expectLast(char wanted) const // leaves it for the loop's end
    {
        std::size_t at = m_at;
        while (at < m_text.size() && (m_text[at] == ' ' || m_text[at] == '\n'))
            ++at;
        if (at == m_text.size() || m_text[at] != wanted)
            fail(std::string("lacks a \"") + wanted + "\"");
    }

    std::string quoted()
    {
        const char quote = next();
        if (quote != '\'' && quote != '"')
            fail("lacks a text in quotes");
        const std::size_t end = m_text.find(quote, ++m_at);
        if (end == std::string_view::npos)
            fail("has a text without end");
        const std::string text(m_text.substr(m_at, end - m_at));
        m_at = end + 1;
        return text;
    }

    bool flag()
    {
        next();
        for (const std::string_view word : {"True", "False"})
            if (m_text.substr(m_at, word.size()) == word) {
                m_at += word.size();
                return word == "True";
            }
        fail("says neither True nor False as fortran_order");
    }

    std::vector<std::int64_t> shape()
    {
        std::vector<std::int64_t> lengths;
        expect('(');
        while (!accepts(')')) {
            next();
            std::int64_t length = 0;
            const char* const begin = m_text.data() + m_at;
            const auto read = std::from_chars(begin, m_text.data() + m_text.size(), length);
            if (read.ec != std::errc() || length < 0)
                fail("has a length that is no whole number, or too large");
            if (lengths.size() == kMaxDimensions)
                fail("has more than 64 dimensions");
            lengths.push_back(length);
            m_at += static_cast<std::size_t>(read.ptr - begin);
            accepts('L'); // Python 2 wrote long integers so
            if (!accepts(','))
                expectLast(')');
        }
        return lengths;
    }

    void readDescr(NpyHeader& header)
    {
        if (next() == '[')
            throw Error(m_where + ": the array holds records of several fields, no numbers alone.",
                        "Save each field as an array of its own.");
        const std::string descr = quoted();
        const auto* const format =
            std::find_if(kFormats.begin(), kFormats.end(), [&](const NumberFormat& f) {
                return !descr.empty() && f.descr == std::string_view(descr).substr(1);
            });
        constexpr std::string_view kOrders = "<>=|";
        if (format == kFormats.end() || kOrders.find(descr.front()) == std::string_view::npos)
            throw Error(m_where + ": the array " + refusalOf(repairedUtf8(descr)) + ".",
                        kSaveNumbers);
        header.dtype = format->dtype;
        header.isBigEndian = descr.front() == '>' && format->descr.back() != '1';
    }

    std::string_view m_text;
    const std::string& m_where;
    std::size_t m_at = 0;
};

std::uint64_t headerBytes(std::span<const std::byte> start, int major)
{
    const auto byteAt = [&](std::size_t i) { return std::to_integer<std::uint64_t>(start[i]); };
    std::uint64_t length = byteAt(8) | byteAt(9) << 8U;
    if (major > 1)
        length |= byteAt(10) << 16U | byteAt(11) << 24U;
    return length;
}

} // namespace

bool looksLikeNpy(std::span<const std::byte> file)
{
    return file.size() >= kMagic.size()
        && std::equal(kMagic.begin(), kMagic.end(), file.begin(), [](char c, std::byte b) {
               return static_cast<unsigned char>(c) == std::to_integer<unsigned>(b);
           });
}

NpyHeader
readNpyHeader(std::span<const std::byte> start, std::uint64_t fileBytes, const std::string& where)
{
    const auto fail = [&](const std::string& what) { throw Error(where + ": " + what, kDamaged); };
    constexpr std::size_t kFixed = 12; // of version 2 and 3; version 1 has never less in all
    if (!looksLikeNpy(start) || start.size() < kFixed)
        fail("the file is too short, or no .npy file.");
    const int major = std::to_integer<int>(start[6]);
    if (major < 1 || major > 3)
        fail("it is of version " + std::to_string(major)
             + " of the .npy format; only 1, 2 and 3 are known.");
    const std::uint64_t fixed = major == 1 ? 10 : kFixed;
    const std::uint64_t length = headerBytes(start, major);
    if (length > fileBytes - fixed || length > start.size() - fixed)
        fail("the header of the .npy file says it is " + std::to_string(length)
             + " bytes long; the file has " + std::to_string(fileBytes) + ", and at most "
             + std::to_string(kNpyHeaderBytes - kFixed) + " are read.");
    const std::string_view text(reinterpret_cast<const char*>(start.data()) + fixed, length);
    NpyHeader header = HeaderParser(text, where).read();
    const auto elements = checkedElements(header.shape);
    const std::uint64_t size = header.dtype == "C128" ? 16 : safetensorsElementBytes(header.dtype);
    const auto bytes = elements ? checkedProduct(*elements, size) : std::nullopt;
    header.begin = fixed + length;
    if (!bytes || *bytes != fileBytes - header.begin)
        fail("the array should have "
             + (bytes ? std::to_string(*bytes) + " bytes"
                      : std::string("more bytes than any memory"))
             + " of numbers, the file has " + std::to_string(fileBytes - header.begin) + ".");
    header.bytes = *bytes;
    return header;
}

} // namespace tw
