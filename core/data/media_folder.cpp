// SPDX-License-Identifier: Apache-2.0
// Folders of images or sounds: a folder per class, folders train/validation/test around them where
// there are some, or a metadata.csv or metadata.jsonl that says more about each file by its
// file_name. As Hugging Face's imagefolder and audiofolder read them.

#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/data/media_heads.h"
#include "core/data/records.h"
#include "core/data/registry.h"
#include "core/data/splits.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 5'000'000; // our choice: beyond ImageNet's training set
constexpr int kMaxDepth = 8; // folders within each other; links that lead back would go on for ever

enum class Medium
{
    None,
    Image,
    Audio
};

Medium mediumOf(const fs::path& path)
{
    static constexpr std::array<std::string_view, 9> kImages {
        ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm"};
    static constexpr std::array<std::string_view, 6> kSounds {".wav", ".flac", ".mp3",
                                                              ".ogg", ".opus", ".m4a"};
    std::string extension = path.extension().string();
    for (char& c : extension)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto isIn = [&](const auto& known) {
        return std::find(known.begin(), known.end(), extension) != known.end();
    };
    return isIn(kImages) ? Medium::Image : isIn(kSounds) ? Medium::Audio : Medium::None;
}

/// All files under the folder in the order of their names; hidden ones are left out.
void collect(const fs::path& folder, int depth, std::vector<fs::path>& files)
{
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (!it->path().filename().string().starts_with("."))
            entries.push_back(*it);
    }
    std::sort(entries.begin(), entries.end());
    for (const fs::directory_entry& entry : entries) {
        if (entry.is_directory(error) && !entry.is_symlink(error) && depth < kMaxDepth)
            collect(entry.path(), depth + 1, files);
        else if (entry.is_regular_file(error))
            files.push_back(entry.path());
        if (files.size() > kMaxFiles)
            throw Error(folder.string() + " holds more than " + groupedDigits(kMaxFiles)
                            + " files.",
                        "Choose a folder that holds the data set alone.");
    }
}

/// What holds a medium somewhere near the top is taken for such a folder.
bool holdsMedia(const fs::path& folder, int depth)
{
    constexpr int kLooks = 200; // entries of one folder that are looked at
    std::error_code error;
    int looks = 0;
    std::vector<fs::path> folders;
    for (fs::directory_iterator it(folder, error), end; !error && it != end && looks < kLooks;
         it.increment(error), ++looks) {
        if (it->is_directory(error))
            folders.push_back(it->path());
        else if (mediumOf(it->path()) != Medium::None)
            return true;
    }
    return depth < 2
        && std::any_of(
               folders.begin(), folders.end(),
               [&](const fs::path& inner) { return holdsMedia(inner, depth + 1); });
}

bool isFor(const DataPath& path)
{
    std::error_code error;
    return path.isFolder && !fs::exists(path.path / "config.json", error)
        && holdsMedia(path.path, 0);
}

class MediaFolder
{
public:
    explicit MediaFolder(const fs::path& folder)
        : m_folder(folder)
    {
        std::vector<fs::path> files;
        collect(folder, 0, files);
        std::size_t images = 0;
        for (const fs::path& file : files) {
            if (mediumOf(file) != Medium::None)
                m_media.push_back(file);
            images += mediumOf(file) == Medium::Image ? std::size_t {1} : std::size_t {0};
            const std::string name = file.filename().string();
            if (name == "metadata.csv" || name == "metadata.jsonl")
                readMetadata(file);
        }
        m_medium = images * 2 >= m_media.size() ? Medium::Image : Medium::Audio;
        std::erase_if(m_media, [&](const fs::path& file) { return mediumOf(file) != m_medium; });
    }

    std::shared_ptr<const Dataset> rows()
    {
        std::vector<std::string> columns {m_medium == Medium::Image ? "image" : "audio"};
        std::vector<std::vector<std::string>> labels;
        bool hasSplit = false;
        bool hasLabel = m_metadata.empty();
        for (const fs::path& file : m_media) {
            const auto [split, label] = placeOf(file);
            hasSplit = hasSplit || !split.empty();
            hasLabel = hasLabel && !label.empty();
            labels.push_back({split, label});
        }
        if (hasLabel)
            columns.emplace_back("label");
        if (hasSplit)
            columns.emplace_back("split");
        columns.insert(columns.end(), m_metadataColumns.begin(), m_metadataColumns.end());
        std::vector<std::vector<std::string>> rows;
        for (std::size_t i = 0; i < m_media.size(); ++i) {
            std::vector<std::string> row {m_media[i].string()};
            if (hasLabel)
                row.push_back(labels[i][1]);
            if (hasSplit)
                row.push_back(labels[i][0]);
            if (addMetadata(m_media[i], row))
                rows.push_back(std::move(row));
        }
        for (const auto& [file, cells] : m_metadata)
            m_notes.leftOut(0, "There is no file " + file + ", which the metadata names.",
                            "Add the file, or delete its row in the metadata.");
        if (rows.empty())
            throw Error(
                m_folder.string() + " has no file that its metadata names.",
                "Its column file_name holds paths from the folder that the metadata is in.");
        if (m_medium == Medium::Image)
            notePictures(m_media, m_notes);
        const std::string what = m_medium == Medium::Image ? "images" : "sounds";
        return tableOf(std::move(columns), std::move(rows), "folder of " + what, m_notes.take());
    }

private:
    /// Split and class of a file, from the folders it lies in.
    std::pair<std::string, std::string> placeOf(const fs::path& file) const
    {
        std::vector<std::string> folders;
        for (const fs::path& part : file.parent_path().lexically_relative(m_folder)) {
            if (part != ".")
                folders.push_back(part.string());
        }
        std::string split;
        if (!folders.empty() && isSplitFolder(folders.front())) {
            split = splitNamed(folders.front());
            folders.erase(folders.begin());
        }
        return {split, folders.empty() ? std::string {} : folders.back()};
    }

    void readMetadata(const fs::path& file)
    {
        const auto table = openDataset(file);
        const auto& names = table->columns();
        const auto key = std::find(names.begin(), names.end(), "file_name");
        if (key == names.end())
            throw Error(file.string() + " has no column file_name.",
                        "It names the file that each row is about.");
        std::vector<std::size_t> places; // of its columns among ours
        for (const std::string& name : names) {
            auto it = std::find(m_metadataColumns.begin(), m_metadataColumns.end(), name);
            if (name != "file_name" && it == m_metadataColumns.end())
                it = m_metadataColumns.insert(it, name);
            places.push_back(static_cast<std::size_t>(it - m_metadataColumns.begin()));
        }
        const auto keyAt = static_cast<std::size_t>(key - names.begin());
        for (std::int64_t r = 0; r < table->rowCount(); ++r) {
            const std::vector<std::string> cells = table->row(r);
            std::vector<std::string> row(m_metadataColumns.size());
            for (std::size_t c = 0; c < cells.size(); ++c) {
                if (c != keyAt)
                    row[places[c]] = cells[c];
            }
            const fs::path about = file.parent_path() / cells[keyAt];
            m_metadata[about.lexically_normal().string()] = std::move(row);
        }
    }

    /// False where there is metadata, but none about this file.
    bool addMetadata(const fs::path& file, std::vector<std::string>& row)
    {
        if (m_metadataColumns.empty() && m_metadata.empty())
            return true;
        const auto it = m_metadata.find(file.lexically_normal().string());
        if (it == m_metadata.end()) {
            m_notes.leftOut(0, file.string() + " was left out: the metadata does not name it.",
                            "Add a row for it.");
            return false;
        }
        it->second.resize(m_metadataColumns.size());
        row.insert(row.end(), it->second.begin(), it->second.end());
        m_metadata.erase(it);
        return true;
    }

    fs::path m_folder;
    Medium m_medium = Medium::Image;
    std::vector<fs::path> m_media;
    std::vector<std::string> m_metadataColumns;
    std::map<std::string, std::vector<std::string>> m_metadata;
    ReadingNotes m_notes;
};

std::shared_ptr<const Dataset> open(const fs::path& path)
{
    return MediaFolder(path).rows();
}

} // namespace

void registerMediaFolder(Registry<DataReader>& registry)
{
    registry.add({.id = "media_folder",
                  .title = QT_TRANSLATE_NOOP("data", "Folder of images or sounds"),
                  .isFor = isFor,
                  .openPath = open});
}

} // namespace tw
