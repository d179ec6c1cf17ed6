// SPDX-License-Identifier: Apache-2.0
// IDX, the format of MNIST and its kin: a big-endian header (two zero bytes, type, number of
// dimensions, one 32-bit size for each), then the values. (Y. LeCun, "The MNIST database".)

#include "core/base/mapped_file.h"
#include "core/base/translate.h"
#include "core/data/registry.h"

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

struct IdxHeader
{
    unsigned char type = 0;
    std::vector<std::uint64_t> sizes;
    std::size_t valuesAt = 0;
    std::size_t valueBytes = 1;
};

/// Bytes of one value, 0 for types that IDX does not know.
std::size_t bytesOf(unsigned char type)
{
    switch (type) {
    case 0x08: // unsigned byte
    case 0x09: // signed byte
        return 1;
    case 0x0B: // 16 bits
        return 2;
    case 0x0C: // 32 bits
    case 0x0D: // float
        return 4;
    case 0x0E: // double
        return 8;
    default:
        return 0;
    }
}

bool isIdx(std::string_view head)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
    return head.size() >= 8 && byte(0) == 0 && byte(1) == 0 && bytesOf(byte(2)) > 0 && byte(3) >= 1
        && byte(3) <= 4;
}

bool isFor(const DataPath& path)
{
    return isIdx(path.head);
}

/// Throws Error where the file is of another format, or its sizes do not fit it.
IdxHeader headerOf(const MappedFile& file, const std::string& name)
{
    const auto bytes = file.bytes();
    const auto byte = [&](std::size_t i) { return std::to_integer<unsigned char>(bytes[i]); };
    if (!isIdx({reinterpret_cast<const char*>(bytes.data()), bytes.size()}))
        throw Error(name + " is no IDX file.", "Download it again.");
    IdxHeader header;
    header.type = byte(2);
    header.valueBytes = bytesOf(header.type);
    const std::size_t dimensions = byte(3);
    header.valuesAt = 4 + 4 * dimensions;
    std::uint64_t needed = header.valueBytes;
    const auto fail = [&] {
        throw Error(name + " is cut short, or no IDX file: its header asks for more than the "
                        + std::to_string(bytes.size()) + " bytes it has.",
                    "Download it again.");
    };
    if (bytes.size() < header.valuesAt)
        fail();
    for (std::size_t i = 0; i < dimensions; ++i) {
        std::uint64_t size = 0;
        for (std::size_t b = 0; b < 4; ++b)
            size = size << 8U | byte(4 + 4 * i + b);
        header.sizes.push_back(size);
        if (__builtin_mul_overflow(needed, size, &needed) || needed > bytes.size())
            fail();
    }
    if (needed > bytes.size() - header.valuesAt)
        fail();
    return header;
}

/// The file of labels that belongs to a file of images, by MNIST's names; empty where there is
/// none.
fs::path labelsBeside(const fs::path& images)
{
    std::string name = images.filename().string();
    const auto replace = [&](const std::string& from, const std::string& to) {
        const std::size_t at = name.find(from);
        if (at != std::string::npos)
            name.replace(at, from.size(), to);
        return at != std::string::npos;
    };
    if (!replace("images", "labels"))
        return {};
    replace("idx3", "idx1");
    const fs::path labels = images.parent_path() / name;
    std::error_code error;
    return fs::is_regular_file(labels, error) ? labels : fs::path {};
}

class IdxRows final : public Dataset
{
public:
    explicit IdxRows(const fs::path& path)
        : m_name(path.string())
        , m_file(path)
        , m_header(headerOf(m_file, m_name))
    {
        m_isLabels = m_header.sizes.size() == 1;
        if (m_isLabels) {
            if (m_header.valueBytes != 1)
                throw Error(m_name + " holds numbers that are no labels.",
                            "Open the file of images; its labels are found beside it.");
            m_columns = {"label"};
            return;
        }
        m_columns = {"image"};
        const fs::path labels = labelsBeside(path);
        if (labels.empty()) {
            m_problems.push_back({"file", "There is no file of labels beside the images.",
                                  "Put it into the same folder, such as "
                                  "train-labels-idx1-ubyte beside train-images-idx3-ubyte.",
                                  true});
            return;
        }
        m_labels = std::make_unique<IdxRows>(labels);
        if (!m_labels->m_isLabels || m_labels->rowCount() != rowCount())
            throw Error(labels.string() + " has " + std::to_string(m_labels->rowCount())
                            + " labels for " + std::to_string(rowCount()) + " images.",
                        "Download both files again.");
        m_columns.emplace_back("label");
    }

    const std::vector<std::string>& columns() const override { return m_columns; }
    std::int64_t rowCount() const override
    {
        return static_cast<std::int64_t>(m_header.sizes.front());
    }
    std::vector<std::string> row(std::int64_t index) const override
    {
        if (index < 0 || index >= rowCount())
            throw Error(m_name + " has no row " + std::to_string(index + 1) + ".");
        if (m_isLabels)
            return {label(index)};
        std::vector<std::string> cells {m_name + "#" + std::to_string(index)};
        if (m_labels != nullptr)
            cells.push_back(m_labels->label(index));
        return cells;
    }
    std::int64_t lineOf(std::int64_t) const override { return 0; }
    std::string format() const override
    {
        std::string shape;
        for (std::size_t i = 1; i < m_header.sizes.size(); ++i)
            shape += (i == 1 ? "" : " x ") + std::to_string(m_header.sizes[i]);
        return m_isLabels ? "IDX, labels" : "IDX, values of " + shape;
    }
    const Problems& problems() const override { return m_problems; }

private:
    std::string label(std::int64_t index) const
    {
        const std::byte value = m_file.bytes()[m_header.valuesAt + static_cast<std::size_t>(index)];
        const auto number = std::to_integer<int>(value);
        return std::to_string(m_header.type == 0x09 && number > 127 ? number - 256 : number);
    }

    std::string m_name;
    MappedFile m_file;
    IdxHeader m_header;
    bool m_isLabels = false;
    std::unique_ptr<IdxRows> m_labels;
    std::vector<std::string> m_columns;
    Problems m_problems;
};

std::shared_ptr<const Dataset> open(const fs::path& path)
{
    return std::make_shared<IdxRows>(path);
}

} // namespace

void registerIdx(Registry<DataReader>& registry)
{
    registry.add({.id = "idx",
                  .title = QT_TRANSLATE_NOOP("data", "IDX (MNIST)"),
                  .isFor = isFor,
                  .openPath = open});
}

} // namespace tw
