// SPDX-License-Identifier: Apache-2.0
// Runs each fuzz target once over each file of its corpus: what fuzzing found once stays found.
#include "core/base/text.h"

#include <QTest>

#include <filesystem>

extern "C" {
int fuzz_safetensors(const unsigned char* data, std::size_t size);
int fuzz_gguf(const unsigned char* data, std::size_t size);
int fuzz_torch_archive(const unsigned char* data, std::size_t size);
int fuzz_npy(const unsigned char* data, std::size_t size);
int fuzz_tokenizer_json(const unsigned char* data, std::size_t size);
int fuzz_sentencepiece(const unsigned char* data, std::size_t size);
int fuzz_csv(const unsigned char* data, std::size_t size);
int fuzz_jsonl(const unsigned char* data, std::size_t size);
int fuzz_table(const unsigned char* data, std::size_t size);
int fuzz_zip(const unsigned char* data, std::size_t size);
int fuzz_jinja(const unsigned char* data, std::size_t size);
int fuzz_image(const unsigned char* data, std::size_t size);
int fuzz_sound(const unsigned char* data, std::size_t size);
int fuzz_documents(const unsigned char* data, std::size_t size);
}

namespace {

using Target = int (*)(const unsigned char*, std::size_t);

constexpr std::pair<const char*, Target> kTargets[] = {
    {"safetensors", fuzz_safetensors},
    {"gguf", fuzz_gguf},
    {"torch_archive", fuzz_torch_archive},
    {"npy", fuzz_npy},
    {"tokenizer_json", fuzz_tokenizer_json},
    {"sentencepiece", fuzz_sentencepiece},
    {"csv", fuzz_csv},
    {"jsonl", fuzz_jsonl},
    {"table", fuzz_table},
    {"zip", fuzz_zip},
    {"jinja", fuzz_jinja},
    {"image", fuzz_image},
    {"sound", fuzz_sound},
    {"documents", fuzz_documents},
};

} // namespace

class TestFuzzCorpus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everySeedIsReadOrRefused_data()
    {
        QTest::addColumn<int>("target");
        QTest::addColumn<QString>("file");
        int index = 0;
        for (const auto& [name, target] : kTargets) {
            const auto folder = std::filesystem::path(TW_CORPUS) / name;
            for (const auto& entry : std::filesystem::directory_iterator(folder)) {
                const std::string row = std::string(name) + ": " + entry.path().filename().string();
                QTest::newRow(row.c_str())
                    << index << QString::fromStdString(entry.path().string());
            }
            ++index;
        }
    }
    void everySeedIsReadOrRefused()
    {
        QFETCH(int, target);
        QFETCH(QString, file);
        const std::string bytes = tw::readFile(file.toStdString(), 1 << 24);
        // The target aborts, or a sanitizer does, where something is wrong.
        QCOMPARE(kTargets[target].second(reinterpret_cast<const unsigned char*>(bytes.data()),
                                         bytes.size()),
                 0);
    }
};

QTEST_APPLESS_MAIN(TestFuzzCorpus)
#include "tst_fuzz_corpus.moc"
