// SPDX-License-Identifier: Apache-2.0
// Opens hundreds of malformed files as the programs do, once as what is dropped on the window and
// once as what the first part of their path says: nothing may crash, hang or take more memory than
// twice the file and 64 MiB, and every refusal has to name the place, the reason and the next step.
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/dataset.h"
#include "core/media/image_steps.h"
#include "core/media/sound_steps.h"
#include "core/tensorfile/dtypes.h"
#include "core/tensorfile/tensor_file.h"
#include "core/workbench/tokenizer_summary.h"
#include "core/workbench/workspace.h"
#include "tests/hostile/counting_malloc.h"

#include <ATen/ATen.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
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
    for (const auto& entry : fs::recursive_directory_iterator(path))
        bytes += entry.is_regular_file() ? entry.file_size() : 0;
    return bytes;
}

constexpr std::size_t kMostText = 1 << 26;

/// What `tunewright-cli inspect` and the window make of a path.
void inspect(const fs::path& path)
{
    Workspace workspace;
    const std::string kind = workspace.kindOf(path.string());
    if (kind == "model") {
        const ModelSummary model = workspace.describeModel(path.string()).result.get();
        if (!model.loads)
            throw Error(model.whyNot, "It says so instead of failing.");
    } else if (kind == "adapter") {
        workspace.describeAdapter(path.string()).result.get();
    } else if (kind == "dataset") {
        workspace.describeDataset(path.string()).result.get();
    } else if (kind == "tensors") {
        workspace.listTensors(path.string()).result.get();
    } else if (kind == "tokenizer") {
        summaryOfTokenizer(path.string());
    }
}

/// Reads every tensor and writes it, one after the other.
void convert(const fs::path& path)
{
    const auto file = openTensorFile(path);
    std::vector<TensorToWrite> tensors;
    for (const TensorInfo& info : file->tensors()) {
        const auto kept = scalarTypeOf(info.dtype);
        tensors.push_back(
            {info.name, kept.value_or(at::kFloat), info.shape, [&file, kept, name = info.name] {
                 return kept ? file->read(name) : file->readFloat(name);
             }});
    }
    const fs::path to = fs::path(path) += ".converted";
    streamSafetensors(to, tensors, {});
    fs::remove(to);
}

void tokenize(const fs::path& path)
{
    const TextTokenizer tokenizer(path.string());
    tokenizer.encode("The café costs 1,234.50!\r\n  <s> ab abba aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                     true);
    tokenizer.encodePair("a", "b", true);
}

void render(const fs::path& path)
{
    const ChatRenderer renderer(readFile(path, kMostText));
    try {
        renderer.render(R"({"messages": [{"role": "user", "content": "Hi"}]})");
    } catch (const Error& error) { // a template says its line; which file it came from, its reader
        throw Error(path.string() + ": " + error.what(), error.hint());
    }
}

void readRows(const fs::path& path)
{
    constexpr std::int64_t kMostRows = 2000;
    const auto data = openDataset(path);
    for (std::int64_t i = 0; i < std::min(kMostRows, data->rowCount()); ++i)
        data->row(i);
    guessRoles(*data);
}

void see(const fs::path& path)
{
    ImageSteps steps;
    steps.size = ImageSize {8, 8};
    prepared(readImage(path), steps);
}

void hear(const fs::path& path)
{
    prepared(readSound(path), SoundSteps {});
}

/// With a picture and a sound that are nothing out of the ordinary.
void prepare(const fs::path& path)
{
    const std::string where = (path / "preprocessor_config.json").string();
    const std::string config = readFile(where, kMostText);
    if (config.find("feature_extractor_type") == std::string::npos)
        prepared(Image {64, 48, std::vector<std::uint8_t>(64 * 48 * kColours)},
                 imageStepsFrom(config, where));
    else
        prepared(Sound {16000, std::vector<float>(16000, 0.25F)}, soundStepsFrom(config, where));
}

void check(const fs::path& path)
{
    const ParsedExperiment parsed = parseExperimentFile(path.string());
    Problems problems = parsed.problems;
    const CheckReport report = Workspace().check(parsed.experiment).result.get();
    problems.insert(problems.end(), report.problems.begin(), report.problems.end());
    std::string said;
    for (const Problem& problem : problems)
        said += problem.field + ": " + problem.what + "\n";
    if (blocks(problems))
        throw Error(path.string() + ": " + said, "Mend each of them.");
}

using Use = void (*)(const fs::path&);

/// By the first part of the path.
Use useOf(const std::string& name)
{
    static const std::map<std::string, Use> kUses {
        {"config", inspect},  {"adapter", inspect},      {"tokenizer", tokenize},
        {"template", render}, {"data", readRows},        {"image", see},
        {"sound", hear},      {"preprocessor", prepare}, {"experiment", check}};
    const auto it = kUses.find(name.substr(0, name.find('/')));
    return it == kUses.end() ? convert : it->second;
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
    } catch (const std::exception& error) {
        return std::string("not an Error of ours: ") + error.what();
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
        QVERIFY(m_cases.size() >= 300);
        std::signal(SIGALRM, tooLong);
        // What is made once (threads, tables) belongs to no file.
        for (const char* const name :
             {"st/cut_1.safetensors", "pt/bent_0.pt", "data/rows.csv", "data/bent_0.parquet",
              "data/bent_0.arrow", "tokenizer/merge_unknown", "preprocessor/image_mean_short",
              "sound/rate_one.wav", "experiment/unknown_key.json", "config/nan"}) {
            refusalOf([&] { inspect(m_root / name); });
            refusalOf([&] { useOf(name)(m_root / name); });
        }
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
        const std::string inspected = watched(name, inspect);
        const std::string used = watched(name, useOf(name));
        const std::string both = inspected + "\n" + used;
        QVERIFY2(both.find(word.toStdString()) != std::string::npos, both.c_str());
        for (const std::string& said : {inspected, used})
            if (!said.empty())
                QVERIFY2(said.find(m_root.string()) != std::string::npos
                             && said.find(" | ") != std::string::npos,
                         said.c_str());
    }

    void theCommandLineSaysItInOneSentence_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("word");
        QTest::newRow("code") << "pt/call_os.system.pt" << "os.system";
        QTest::newRow("zip bomb") << "pt/bomb.pt" << "zip bomb";
        QTest::newRow("way out") << "index/parent" << "outside the model's folder";
        QTest::newRow("objects") << "np/object.npy" << "Python objects";
    }
    void theCommandLineSaysItInOneSentence()
    {
        QFETCH(QString, path);
        QFETCH(QString, word);
        const QString out = m_folder.filePath(QStringLiteral("out.safetensors"));
        QProcess cli;
        cli.start(
            QStringLiteral(TW_CLI),
            {QStringLiteral("convert"), m_folder.filePath(path), QStringLiteral("--out"), out});
        QVERIFY(cli.waitForFinished(600'000));
        QCOMPARE(cli.exitCode(), 1);
        QVERIFY(cli.readAllStandardOutput().isEmpty());
        const QByteArray said = cli.readAllStandardError();
        QVERIFY2(said.contains(word.toUtf8()) && said.contains(path.toUtf8()), said.constData());
        QVERIFY(!QFile::exists(out));
    }

private:
    /// The refusal of work on a file, with an eye on time and memory.
    std::string watched(const std::string& name, Use use)
    {
        g_current = name;
        const std::int64_t before = counting::bytesNow();
        counting::beginPeak();
        ::alarm(kSeconds);
        std::string said = refusalOf([&] { use(m_root / name); });
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
