// SPDX-License-Identifier: Apache-2.0
// Sounds against soundfile, soxr and Transformers' extractors: tests/fixtures/media/make_media.py.

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/media/sound_steps.h"
#include "core/tensorfile/tensor_file.h"

#include <ATen/ATen.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

const std::filesystem::path kFixtures = TW_FIXTURES "/media";

at::Tensor expected(const std::string& name)
{
    return openTensorFile(kFixtures / "sounds.safetensors")->read(name).contiguous();
}

double difference(const Sound& sound, const at::Tensor& wanted)
{
    const at::Tensor found = at::tensor(sound.samples, at::kFloat);
    return found.sizes() == wanted.sizes() ? (found - wanted).abs().max().item<double>() : 1e9;
}

} // namespace

class TestSound : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void samplesAreThoseOfSoundfile_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("rate");
        for (const char* name : {"8.wav", "16.wav", "24.wav", "32.wav", "float.wav"})
            QTest::newRow(name) << QString::fromLatin1(name) << 16000;
        QTest::newRow("16.flac") << QStringLiteral("16.flac") << 22050;
    }

    void samplesAreThoseOfSoundfile()
    {
        QFETCH(QString, file);
        QFETCH(int, rate);
        const Sound sound = readSound(kFixtures / file.toStdString());
        QCOMPARE(sound.rate, rate);
        QCOMPARE_LE(difference(sound, expected(file.toStdString())), 1e-7);
    }

    void anotherRateIsThatOfSoxr()
    {
        const Sound down = resampled(readSound(kFixtures / "16.flac"), 16000);
        QCOMPARE_LE(difference(down, expected("16.flac.16000")), 1e-5);
        const Sound up = resampled(readSound(kFixtures / "16.wav"), 44100);
        QCOMPARE_LE(difference(up, expected("16.wav.44100")), 1e-5);
    }

    void extractorsGiveTheNumbersOfTransformers_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"wav2vec2", "wav2vec2_raw", "ast", "ast_cut", "whisper"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void extractorsGiveTheNumbersOfTransformers()
    {
        QFETCH(QString, name);
        const Json all = readJsonFile(kFixtures / "processors.json", 1 << 20);
        const SoundSteps steps =
            soundStepsFrom(all.at(name.toStdString()).dump(), "processors.json");
        const at::Tensor found = prepared(readSound(kFixtures / "16.wav"), steps);
        const at::Tensor wanted = expected(name.toStdString() + ".16.wav");
        QCOMPARE(found.sizes().vec(), wanted.sizes().vec());
        QCOMPARE_LE((found - wanted).abs().max().item<double>(), 1e-4);
    }

    void whatIsNoSoundIsNamed()
    {
        try {
            readSound(kFixtures / "rgb.png");
            QFAIL("It was read.");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("rgb.png") != std::string::npos);
            QVERIFY(error.hint().find("WAV") != std::string::npos);
        }
    }

    /// A header that promises gigabytes gives what the file holds, and takes no more memory.
    void aHeaderThatPromisesTooMuchIsNotBelieved()
    {
        QFile from(QString::fromStdString((kFixtures / "16.wav").string()));
        QVERIFY(from.open(QIODevice::ReadOnly));
        QByteArray bytes = from.readAll();
        bytes.replace(40, 4, QByteArray::fromHex("fcffff7f"));
        const QTemporaryDir folder;
        QFile to(folder.filePath(QStringLiteral("long.wav")));
        QVERIFY(to.open(QIODevice::WriteOnly));
        to.write(bytes);
        to.close();
        QCOMPARE(readSound(to.fileName().toStdString()).samples.size(), std::size_t(1600));
    }

    void aSoundTooShortForAStretchIsRefused()
    {
        SoundSteps steps;
        steps.kind = SoundSteps::Kind::KaldiMels;
        QVERIFY_THROWS_EXCEPTION(Error, prepared({16000, std::vector<float>(399, 0.1F)}, steps));
    }
};

QTEST_APPLESS_MAIN(TestSound)
#include "tst_sound.moc"
