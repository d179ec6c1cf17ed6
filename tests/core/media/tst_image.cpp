// SPDX-License-Identifier: Apache-2.0
// Pictures against Pillow and Transformers' processors: tests/fixtures/media/make_media.py.

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/media/image_steps.h"
#include "core/tensorfile/tensor_file.h"

#include <ATen/ATen.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

const std::filesystem::path kFixtures = TW_FIXTURES "/media";
const std::vector<const char*> kFilters {"nearest", "lanczos", "bilinear",
                                         "bicubic", "box",     "hamming"};

at::Tensor expected(const std::string& name)
{
    return openTensorFile(kFixtures / "images.safetensors")->read(name).contiguous();
}

at::Tensor pixelsOf(const Image& image)
{
    return at::tensor(image.pixels, at::kByte).view({image.height, image.width, kColours});
}

std::string processor(const std::string& name)
{
    return readJsonFile(kFixtures / "processors.json", 1 << 20).at(name).dump();
}

/// The first half of a file.
std::filesystem::path halfOf(const QTemporaryDir& folder, const std::string& name)
{
    const auto to = std::filesystem::path(folder.path().toStdString()) / name;
    std::filesystem::copy_file(kFixtures / name, to);
    std::filesystem::resize_file(to, std::filesystem::file_size(to) / 2);
    return to;
}

} // namespace

class TestImage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pixelsAreThoseOfPillow_data()
    {
        QTest::addColumn<QString>("file");
        for (const char* name : {"rgb.png", "grey.png", "two.png", "palette.png", "transparent.png",
                                 "photo.jpg", "progressive.jpg", "grey.jpg", "inks.jpg",
                                 "lossless.webp", "lossy.webp", "rgb.ppm", "grey.pgm"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void pixelsAreThoseOfPillow()
    {
        QFETCH(QString, file);
        const Image image = readImage(kFixtures / file.toStdString());
        QVERIFY(at::equal(pixelsOf(image), expected(file.toStdString())));
    }

    void aTurnedCameraIsSetUpright_data()
    {
        QTest::addColumn<int>("orientation");
        for (int orientation = 1; orientation <= 8; ++orientation)
            QTest::addRow("orientation %d", orientation) << orientation;
    }

    void aTurnedCameraIsSetUpright()
    {
        QFETCH(int, orientation);
        const std::string name = "turned_" + std::to_string(orientation) + ".jpg";
        const auto expected = openTensorFile(kFixtures / "turned.safetensors")->read(name);
        QVERIFY(at::equal(pixelsOf(readImage(kFixtures / name)), expected));
    }

    void resizingGivesTheBytesOfPillow_data()
    {
        QTest::addColumn<int>("filter");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        for (std::size_t filter = 0; filter < kFilters.size(); ++filter)
            for (const auto& [width, height] :
                 {std::pair(13, 9), std::pair(43, 27), std::pair(37, 10), std::pair(8, 23),
                  std::pair(1, 1)})
                QTest::addRow("%s to %d x %d", kFilters[filter], width, height)
                    << static_cast<int>(filter) << width << height;
    }

    void resizingGivesTheBytesOfPillow()
    {
        QFETCH(int, filter);
        QFETCH(int, width);
        QFETCH(int, height);
        const Image image = resized(readImage(kFixtures / "rgb.png"), width, height,
                                    static_cast<Resampling>(filter));
        const std::string name = std::string(kFilters[static_cast<std::size_t>(filter)]) + "."
            + std::to_string(width) + "x" + std::to_string(height);
        QVERIFY(at::equal(pixelsOf(image), expected(name)));
    }

    void processorsGiveTheNumbersOfTransformers_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"vit", "vit_plain", "clip", "clip_border", "bit"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void processorsGiveTheNumbersOfTransformers()
    {
        QFETCH(QString, name);
        const ImageSteps steps = imageStepsFrom(processor(name.toStdString()), "processors.json");
        for (const char* file : {"rgb.png", "photo.jpg"}) {
            const ImagePlanes planes = prepared(readImage(kFixtures / file), steps);
            const at::Tensor found = at::tensor(planes.values, at::kFloat)
                                         .view({1, kColours, planes.height, planes.width});
            const at::Tensor wanted = expected(name.toStdString() + "." + file);
            QCOMPARE(found.sizes().vec(), wanted.sizes().vec());
            QCOMPARE_LE((found - wanted).abs().max().item<double>(), 1e-6);
        }
    }

    void whatIsNoPictureIsNamed()
    {
        try {
            readImage(kFixtures / "processors.json");
            QFAIL("It was read.");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("processors.json") != std::string::npos);
            QVERIFY(error.hint().find("PNG") != std::string::npos);
        }
    }

    void aPictureThatPromisesTooMuchIsRefused()
    {
        const QTemporaryDir folder;
        QFile ppm(folder.filePath(QStringLiteral("huge.ppm")));
        QVERIFY(ppm.open(QIODevice::WriteOnly));
        ppm.write("P6 60000 60000 255\nabc");
        ppm.close();
        QVERIFY_THROWS_EXCEPTION(Error, readImage(ppm.fileName().toStdString()));
    }

    void aDamagedPictureIsRefused_data()
    {
        QTest::addColumn<QString>("file");
        for (const char* name : {"rgb.png", "photo.jpg", "lossy.webp", "rgb.ppm"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void aDamagedPictureIsRefused()
    {
        QFETCH(QString, file);
        const QTemporaryDir folder;
        const auto path = halfOf(folder, file.toStdString());
        QVERIFY_THROWS_EXCEPTION(Error, readImage(path));
    }

    void aWrongSizeInTheConfigIsRefused()
    {
        for (const char* config :
             {R"({"image_processor_type": "ViTImageProcessor", "size": {"height": 0, "width": 3}})",
              R"({"image_processor_type": "ViTImageProcessor", "size": -4})",
              R"({"image_processor_type": "ViTImageProcessor", "image_std": [1, 0, 1]})",
              R"({"image_processor_type": "SomethingElse"})", "[]"})
            QVERIFY_THROWS_EXCEPTION(Error, imageStepsFrom(config, "preprocessor_config.json"));
    }
};

QTEST_APPLESS_MAIN(TestImage)
#include "tst_image.moc"
