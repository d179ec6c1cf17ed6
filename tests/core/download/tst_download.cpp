// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/download/http.h"
#include "core/download/repository.h"
#include "core/job/failure.h"
#include "tests/core/download/local_server.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <fstream>
#include <optional>
#include <sys/file.h>
#include <unistd.h>

using namespace tw;

namespace {

const std::string kWeights(300'000, 'w');
const std::string kConfig = "{\"a\": 1}"; // 8 bytes

/// A hub with one model; tests break it.
class Hub
{
public:
    Hub()
        : server([this](const LocalRequest& request) { return answer(request); })
    {
    }

    RepositoryAddress address() const { return {server.url(), "me/tiny", "main", token}; }

    std::string listing;
    std::string weights = kWeights;
    std::string token;
    std::size_t breaksAfter = std::string::npos; ///< of the weights, once
    bool knowsRanges = true;
    int weightsStatus = 200;
    LocalServer server;

private:
    LocalAnswer answer(const LocalRequest& request)
    {
        if (request.path == "/api/models/me/tiny/revision/main?blobs=true")
            return {200, listing, {}, std::string::npos};
        if (request.path == "/me/tiny/resolve/c0ffee/config.json")
            return {200, kConfig, {}, std::string::npos};
        if (request.path != "/me/tiny/resolve/c0ffee/model.safetensors")
            return {404, "no such page", {}, std::string::npos};
        if (weightsStatus != 200)
            return {weightsStatus, "sorry", {}, std::string::npos};
        const auto range = request.headers.find("range");
        const std::size_t from = range == request.headers.end() || !knowsRanges
            ? 0
            : std::stoul(range->second.substr(std::string("bytes=").size()));
        const LocalAnswer found {from > 0 ? 206 : 200, weights.substr(from), {}, breaksAfter};
        breaksAfter = std::string::npos;
        return found;
    }
};

/// A server's list of files, of which each entry is JSON.
std::string listing(const std::string& files)
{
    return "{\"sha\": \"c0ffee\", \"siblings\": [" + files + "]}";
}

std::string file(const std::string& name, std::size_t bytes, const std::string& more = {})
{
    return "{\"rfilename\": \"" + name + "\", \"size\": " + std::to_string(bytes) + more + "}";
}

std::string listingOf(const std::string& sha)
{
    return listing(
        file(".gitattributes", 3) + "," + file("config.json", 8) + "," + file("onnx/model.onnx", 9)
        + "," + file("pytorch_model.bin", 10) + ","
        + file("model.safetensors", 300'000, ", \"lfs\": {\"sha256\": \"" + sha + "\"}"));
}

std::string contents(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

class TestDownload : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_hub = std::make_unique<Hub>();
        m_control.emplace();
        m_hub->listing = listingOf(sha256(kWeights));
    }

    void whatOpeningNeedsIsFetched()
    {
        fetch();
        QCOMPARE(contents(path("model.safetensors")), kWeights);
        QCOMPARE(contents(path("config.json")), kConfig);
        QVERIFY(!std::filesystem::exists(path("pytorch_model.bin")));
        QVERIFY(!std::filesystem::exists(path("onnx")));
        QVERIFY(!std::filesystem::exists(path("model.safetensors.part")));
        QCOMPARE(m_control->progress().done, m_control->progress().total);
        QCOMPARE(m_control->progress().total, std::int64_t(300'008));
    }

    void whatIsThereIsNotFetchedAgain()
    {
        fetch();
        const std::size_t asked = m_hub->server.requests().size();
        fetch();
        QCOMPARE(m_hub->server.requests().size(), asked + 1); // the listing
    }

    void aDeadLineIsSaidAndTheDownloadGoesOn_data()
    {
        QTest::addColumn<bool>("knowsRanges");
        QTest::newRow("from where it ended") << true;
        QTest::newRow("from the start, where the server cannot do better") << false;
    }

    void aDeadLineIsSaidAndTheDownloadGoesOn()
    {
        QFETCH(bool, knowsRanges);
        m_hub->breaksAfter = 100'000;
        m_hub->knowsRanges = knowsRanges;
        QVERIFY(failure().hint().find("goes on from there") != std::string::npos);
        QCOMPARE(std::filesystem::file_size(path("model.safetensors.part")),
                 std::uintmax_t(100'000));
        fetch();
        QCOMPARE(contents(path("model.safetensors")), kWeights);
        QCOMPARE(m_hub->server.requests().back().headers.at("range"), std::string("bytes=100000-"));
    }

    void aBeginningOfAnotherFileIsDropped()
    {
        std::ofstream(path("model.safetensors.part")) << std::string(1000, 'x');
        fetch();
        QCOMPARE(contents(path("model.safetensors")), kWeights);
    }

    void aWrongChecksumIsRefused()
    {
        m_hub->weights[7] = 'x';
        QVERIFY(std::string(failure().what()).find("checksum") != std::string::npos);
        QVERIFY(!std::filesystem::exists(path("model.safetensors")));
        QVERIFY(!std::filesystem::exists(path("model.safetensors.part")));
    }

    void aServerThatSendsMoreThanItPromisedIsRefused()
    {
        m_hub->weights += "more";
        QVERIFY(std::string(failure().what()).find("more of") != std::string::npos);
        QVERIFY(!std::filesystem::exists(path("model.safetensors")));
    }

    void smallFilesAreCheckedByTheirGitHash()
    {
        m_hub->listing =
            listing(file("config.json", 8, ", \"blobId\": \"" + std::string(40, '0') + "\""));
        QVERIFY(std::string(failure({"config.json"}).what()).find("checksum") != std::string::npos);
    }

    void aNameThatLeadsOutOfTheFolderIsRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("upwards") << "../evil.json";
        QTest::newRow("from the root") << "/etc/passwd";
        QTest::newRow("upwards within") << "a/../../evil.json";
        QTest::newRow("as Windows writes it") << "..\\\\evil.json";
        QTest::newRow("empty") << "";
    }

    void aNameThatLeadsOutOfTheFolderIsRefused()
    {
        QFETCH(QString, name);
        m_hub->listing = listing(file(name.toStdString(), 8));
        QVERIFY(std::string(failure().what()).find("out of its folder") != std::string::npos);
    }

    void theTokenGoesToTheServerThatWasAsked()
    {
        m_hub->token = "hf_secret";
        fetch();
        for (const LocalRequest& request : m_hub->server.requests())
            QCOMPARE(request.headers.at("authorization"), std::string("Bearer hf_secret"));
    }

    void theTokenGoesToNoOtherServer()
    {
        LocalServer other([](const LocalRequest&) {
            return LocalAnswer {200, "elsewhere", {}, std::string::npos};
        });
        // Another name of this machine counts as another host.
        const std::string elsewhere =
            "http://localhost" + other.url().substr(other.url().rfind(':'));
        const LocalServer first([&](const LocalRequest&) {
            return LocalAnswer {302, {}, elsewhere + "/file", std::string::npos};
        });
        QCOMPARE(HttpClient("hf_secret").text(first.url() + "/file", 100, [] { return true; }),
                 std::string("elsewhere"));
        QVERIFY(!other.requests().front().headers.contains("authorization"));
    }

    void whatTheServerRefusesIsSaid_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("hint");
        QTest::newRow("an account is needed") << 401 << "token";
        QTest::newRow("a gated model") << 403 << "terms";
        QTest::newRow("a server with a problem") << 503 << "later";
    }

    void whatTheServerRefusesIsSaid()
    {
        QFETCH(int, status);
        QFETCH(QString, hint);
        m_hub->weightsStatus = status;
        const Error error = failure();
        QVERIFY(std::string(error.what()).find(std::to_string(status)) != std::string::npos);
        QVERIFY(QString::fromStdString(error.hint()).contains(hint));
    }

    void withoutANetworkThisIsSaid()
    {
        std::string gone;
        {
            const LocalServer server([](const LocalRequest&) { return LocalAnswer(); });
            gone = server.url();
        }
        try {
            listRepository({gone, "me/tiny", "main", {}}, *m_control);
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(error.hint().find("online") != std::string::npos);
        }
    }

    void aNameThatIsNoneIsRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("empty") << "";
        QTest::newRow("upwards") << "me/..";
        QTest::newRow("too deep") << "a/b/c";
    }

    void aNameThatIsNoneIsRefused()
    {
        QFETCH(QString, name);
        QVERIFY_THROWS_EXCEPTION(
            Error,
            listRepository({m_hub->server.url(), name.toStdString(), "main", {}}, *m_control));
    }

    void anAnswerThatIsNoListingIsRefused()
    {
        m_hub->listing = "[1, 2]";
        QVERIFY_THROWS_EXCEPTION(Error, listRepository(m_hub->address(), *m_control));
        m_hub->listing = "<html>";
        QVERIFY_THROWS_EXCEPTION(Error, listRepository(m_hub->address(), *m_control));
    }

    void cancellingKeepsWhatHasArrived()
    {
        m_hub->breaksAfter = 100'000;
        failure();
        m_control->cancel();
        QVERIFY_THROWS_EXCEPTION(Cancelled, fetch());
        QVERIFY(std::filesystem::file_size(path("model.safetensors.part")) >= 100'000);
    }

    void oneOfSeveralGgufFilesHasToBeNamed()
    {
        m_hub->listing = listing(file("m-Q4.gguf", 8) + "," + file("m-Q8.gguf", 9));
        QVERIFY(failure().hint().find("--files") != std::string::npos);
        const RepositoryListing found = listRepository(m_hub->address(), *m_control);
        const auto chosen = chosenFiles(found, {"*Q8.gguf"});
        QCOMPARE(chosen.size(), std::size_t(1));
        QCOMPARE(chosen.front().name, std::string("m-Q8.gguf"));
        QVERIFY_THROWS_EXCEPTION(Error, chosenFiles(found, {"*Q2.gguf"}));
    }

    void filesOfAnotherOriginStay()
    {
        std::ofstream(path("config.json")) << "{\"mine\": 1}";
        QVERIFY(std::string(failure().what()).find("config.json") != std::string::npos);
        QCOMPARE(contents(path("config.json")), std::string("{\"mine\": 1}"));
        QVERIFY(!std::filesystem::exists(path("model.safetensors")));
    }

    void whatWasFetchedBeforeIsReplacedByANewerOne()
    {
        fetch();
        std::ofstream(path("config.json")) << "{\"of\": \"an older commit\"}";
        fetch();
        QCOMPARE(contents(path("config.json")), kConfig);
    }

    void aFileIsFetchedOnceAtATime()
    {
        const int other =
            ::open(path("model.safetensors.part").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        QCOMPARE(::flock(other, LOCK_EX), 0);
        const Error error = failure();
        QVERIFY(std::string(error.what()).find("being fetched already") != std::string::npos);
        ::close(other);
        fetch();
        QCOMPARE(contents(path("model.safetensors")), kWeights);
    }

    void askingForTheListCanBeCancelled()
    {
        m_control->cancel();
        QVERIFY_THROWS_EXCEPTION(Cancelled, listRepository(m_hub->address(), *m_control));
    }

    void addressesAreEscaped()
    {
        QCOMPARE(escapedPath("a b/c#d?e%f"), std::string("a%20b/c%23d%3Fe%25f"));
        QCOMPARE(escapedName("refs/pr/1"), std::string("refs%2Fpr%2F1"));
    }

private:
    std::filesystem::path path(const char* name) const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    void fetch(const std::vector<std::string>& patterns = {})
    {
        const RepositoryListing found = listRepository(m_hub->address(), *m_control);
        fetchFiles(m_hub->address(), found.commit, chosenFiles(found, patterns),
                   m_folder->path().toStdString(), *m_control);
    }
    Error failure(const std::vector<std::string>& patterns = {})
    {
        try {
            fetch(patterns);
        } catch (const Error& error) {
            return error;
        }
        return Error("It did not fail.");
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Hub> m_hub;
    std::optional<JobControl> m_control;
};

QTEST_APPLESS_MAIN(TestDownload)
#include "tst_download.moc"
