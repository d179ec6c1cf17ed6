// SPDX-License-Identifier: Apache-2.0
// A zip archive with one file of rows in it, unpacked in memory through libzip. Workbooks are zip
// archives too and are refused with advice.

#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/data/registry.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <zip.h>

namespace tw {
namespace {

namespace fs = std::filesystem;

// A table of texts packs to a fifth or a tenth of its size; beyond these it is no honest one.
constexpr std::uint64_t kMaxRatio = 30;
constexpr std::uint64_t kAlwaysFine = 16'000'000; // bytes, however well they were packed
constexpr std::uint64_t kMaxUnpacked = 4'000'000'000;

struct ZipDeleter
{
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, ZipDeleter>;

std::string lowerExtension(const fs::path& path)
{
    std::string extension = path.extension().string();
    for (char& c : extension)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return extension;
}

/// By name as well: models and documents of other programs are zip archives too.
bool isFor(const DataPath& path)
{
    static constexpr std::array<std::string_view, 5> kNames {".zip", ".xlsx", ".xlsm", ".xlsb",
                                                             ".ods"};
    return (path.head.starts_with("PK\x03\x04") || path.head.starts_with("PK\x05\x06"))
        && std::find(kNames.begin(), kNames.end(), lowerExtension(path.path)) != kNames.end();
}

Archive opened(const std::string& name)
{
    int code = 0;
    Archive archive(zip_open(name.c_str(), ZIP_RDONLY, &code));
    if (archive != nullptr)
        return archive;
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    throw Error(name + " cannot be unpacked: " + why + ".",
                "Check whether the archive is whole; pack or download it again.");
}

bool holdsRows(const std::string& entry)
{
    static constexpr std::array<std::string_view, 8> kKnown {".csv",    ".tsv", ".tab", ".json",
                                                             ".ndjson", ".txt", ".md",  ".jsonl"};
    const fs::path path(entry);
    return !path.filename().string().starts_with(".") && !entry.starts_with("__MACOSX/")
        && std::find(kKnown.begin(), kKnown.end(), lowerExtension(path)) != kKnown.end();
}

/// The one entry with rows. Throws Error where it is a workbook, or there is not exactly one.
std::string entryIn(zip_t* archive, const std::string& name)
{
    constexpr zip_int64_t kMaxEntries = 100'000; // our choice: names are looked at one by one
    const zip_int64_t count = std::min(zip_get_num_entries(archive, 0), kMaxEntries);
    std::vector<std::string> found;
    for (zip_int64_t i = 0; i < count; ++i) {
        const char* raw = zip_get_name(archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_GUESS);
        const std::string entry = raw == nullptr ? "" : repairedUtf8(raw);
        if (entry == "xl/workbook.xml" || entry == "xl/workbook.bin")
            throw Error(name + " is an Excel workbook, which cannot be read.",
                        "Open it in a spreadsheet program and save the sheet as CSV (UTF-8).");
        if (entry == "content.xml")
            throw Error(name + " is an OpenDocument file, which cannot be read.",
                        "Open it in its program and save the sheet as CSV (UTF-8).");
        if (holdsRows(entry))
            found.push_back(entry);
    }
    if (found.size() == 1)
        return found.front();
    if (found.empty())
        throw Error(name + " is a zip archive without a file of rows in it.",
                    "It is opened where it holds one file as CSV, TSV, JSON, JSON Lines or text.");
    const std::size_t shown = std::min<std::size_t>(found.size(), 5);
    const std::vector<std::string> first(found.begin(),
                                         found.begin() + static_cast<std::ptrdiff_t>(shown));
    throw Error(name + " holds " + std::to_string(found.size()) + " files with rows: "
                    + join(first, ", ") + (found.size() > shown ? ", ..." : "") + ".",
                "Unpack it, and open one of them.");
}

/// What comes out of an entry; more than `most` bytes are not asked for.
std::string bytesOf(zip_t* archive, const std::string& entry, std::uint64_t most)
{
    constexpr std::size_t kPiece = 1 << 20;
    const std::unique_ptr<zip_file_t, ZipDeleter> file(
        zip_fopen(archive, entry.c_str(), ZIP_FL_ENC_GUESS));
    std::string text;
    for (zip_int64_t got = 1; file != nullptr && got > 0 && text.size() < most;) {
        const std::size_t at = text.size();
        text.resize(std::min<std::uint64_t>(most, at + kPiece)); // grows with what really comes
        got = zip_fread(file.get(), text.data() + at, text.size() - at);
        text.resize(got < 0 ? 0 : at + static_cast<std::size_t>(got));
    }
    return text;
}

std::string unpacked(zip_t* archive, const std::string& entry, const std::string& name)
{
    zip_stat_t stat;
    zip_stat_init(&stat);
    const bool isKnown = zip_stat(archive, entry.c_str(), ZIP_FL_ENC_GUESS, &stat) == 0
        && (stat.valid & ZIP_STAT_SIZE) != 0 && (stat.valid & ZIP_STAT_COMP_SIZE) != 0;
    if (isKnown && (stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0
        && stat.encryption_method != ZIP_EM_NONE)
        throw Error(name + " is locked with a password.", "Unpack it first.");
    // The archive's own word on what is packed counts no further than the file is long.
    std::error_code error;
    const std::uint64_t whole = fs::file_size(name, error);
    const std::uint64_t packed = isKnown && !error ? std::min(stat.comp_size, whole) : 0;
    const std::uint64_t most = std::min(kMaxUnpacked, std::max(kAlwaysFine, packed * kMaxRatio));
    if (!isKnown || stat.size > most)
        throw Error(name + " would unpack to " + bytesInWords(isKnown ? stat.size : 0)
                        + ", far more than a table of texts does.",
                    "If that is right, unpack it yourself and open the file in it.");
    std::string text = bytesOf(archive, entry, stat.size + 1); // nothing may come behind the end
    if (text.size() != stat.size)
        throw Error(name + " is damaged: " + entry + " cannot be unpacked whole.",
                    "Pack or download it again.");
    return text;
}

std::shared_ptr<const Dataset> open(const fs::path& path)
{
    const std::string name = path.string();
    const Archive archive = opened(name);
    const std::string entry = entryIn(archive.get(), name);
    return datasetFromText(unpacked(archive.get(), entry, name), name + "/" + entry);
}

} // namespace

void registerZip(Registry<DataReader>& registry)
{
    registry.add({.id = "zip",
                  .title = QT_TRANSLATE_NOOP("data", "Zip archive with one file of rows"),
                  .isFor = isFor,
                  .openPath = open});
}

} // namespace tw
