// SPDX-License-Identifier: Apache-2.0
// Opens hundreds of malformed files and writes their tensors out, as `tunewright-cli convert` does:
// nothing may crash, hang or take more memory than twice the file and 64 MiB, and every refusal has
// to name the place, the reason and the next step.
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tensorfile/dtypes.h"
#include "core/tensorfile/tensor_file.h"
#include "tests/hostile/counting_malloc.h"

#include <ATen/ATen.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <filesystem>
#include <functional>
#include <unistd.h>

using namespace tw;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kAllowance = 64 << 20;
constexpr unsigned kSeconds = 60; // a file that is read takes milliseconds; machines can be busy

std::uint64_t sizeOf(const fs::path& path)
{
    if (!fs::is_directory(path))
        return fs::file_size(path);
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(path))
        bytes += entry.file_size();
    return bytes;
}

/// Reads every tensor of `from` and writes it, one after the other.
void convert(const fs::path& from, const fs::path& to)
{
    const auto file = openTensorFile(from);
    std::vector<TensorToWrite> tensors;
    for (const TensorInfo& info : file->tensors()) {
        const auto kept = scalarTypeOf(info.dtype);
        tensors.push_back(
            {info.name, kept.value_or(at::kFloat), info.shape, [&file, kept, name = info.name] {
                 return kept ? file->read(name) : file->readFloat(name);
             }});
    }
    streamSafetensors(to, tensors, {});
}

/// Ends the program with a word about the file at hand, which Qt Test would not name.
std::string g_current;
extern "C" void tooLong(int /*signal*/)
{
    const std::string said = "hangs: " + g_current + "\n";
    (void)!::write(STDERR_FILENO, said.data(), said.size());
    ::_exit(1);
}

/// The sentence with which work refuses; empty where it does not.
std::string refusalOf(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return std::string(error.what()) + (error.hint().empty() ? "" : " | ") + error.hint();
    }
    return {};
}

} // namespace

class TestHostile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QProcess python;
        python.setProcessChannelMode(QProcess::MergedChannels);
        python.start(QStringLiteral("python3"),
                     {QStringLiteral(TW_SOURCE "/tests/hostile/make_hostile.py"), m_folder.path()});
        QVERIFY2(python.waitForStarted(), "python3 is missing; packaging/setup installs it");
        QVERIFY(python.waitForFinished(600'000));
        QVERIFY2(python.exitCode() == 0, python.readAll().constData());
        m_root = m_folder.path().toStdString();
        m_cases = readJsonFile(m_root / "cases.json", 1 << 20);
        QVERIFY(m_cases.size() >= 200);
        std::signal(SIGALRM, tooLong);
        // What is made once (threads, tables) belongs to no file.
        for (const char* const name : {"st/cut_1.safetensors", "pt/bent_0.pt"})
            refusalOf([&] { convert(m_root / name, m_root / "converted.safetensors"); });
    }

    void everyFileIsReadOrRefusedInWords_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("word");
        for (const Json& row : m_cases) {
            const std::string path = row.at(0).get<std::string>();
            QTest::newRow(path.c_str()) << QString::fromStdString(path)
                                        << QString::fromStdString(row.at(1).get<std::string>());
        }
    }
    void everyFileIsReadOrRefusedInWords()
    {
        QFETCH(QString, path);
        QFETCH(QString, word);
        const std::string name = path.toStdString();
        const std::string said =
            watched(name, [&] { convert(m_root / name, m_root / "converted.safetensors"); });
        QVERIFY2(said.find(word.toStdString()) != std::string::npos, said.c_str());
        if (!said.empty())
            QVERIFY2(said.find(m_root.string()) != std::string::npos
                         && said.find(" | ") != std::string::npos,
                     said.c_str());
    }

private:
    /// The refusal of work on a file, with an eye on time and memory.
    std::string watched(const std::string& name, const std::function<void()>& work)
    {
        g_current = name;
        const std::int64_t before = counting::bytesNow();
        counting::beginPeak();
        ::alarm(kSeconds);
        std::string said = refusalOf(work);
        ::alarm(0);
        const std::int64_t taken = counting::peakBytes() - before;
        const auto most = static_cast<std::int64_t>(2 * sizeOf(m_root / name)) + kAllowance;
        if (taken > most)
            QTest::qFail(("takes " + bytesInWords(static_cast<std::uint64_t>(taken))
                          + " of memory, at most " + bytesInWords(static_cast<std::uint64_t>(most))
                          + " are allowed")
                             .c_str(),
                         __FILE__, __LINE__);
        return said;
    }

    QTemporaryDir m_folder;
    fs::path m_root;
    Json m_cases;
};

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
