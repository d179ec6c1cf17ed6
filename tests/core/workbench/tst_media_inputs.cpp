// SPDX-License-Identifier: Apache-2.0
// Pictures and sounds through tiny models, against Transformers; see fixtures/media/make_inputs.py.
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/tensorfile/tensor_file.h"
#include "core/workbench/workspace.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace tw;

namespace {

namespace fs = std::filesystem;

const fs::path kMedia = TW_FIXTURES "/media";
const fs::path kModels = TW_FIXTURES "/model/families";

const Json& cases()
{
    static const Json json = readJsonFile(kMedia / "inputs.json", 1 << 20);
    return json;
}

void write(const fs::path& path, const Json& json)
{
    std::ofstream(path) << json.dump();
}

LogitsSummary computed(const fs::path& folder, const LogitsFiles& files)
{
    Workspace workspace(1);
    return workspace.writeLogits({folder.string(), "", {}}, files).result.get();
}

/// Every tensor of ours that the reference has under the prefix; says how many those are.
int comparedWith(const std::string& prefix, const fs::path& ours, double tolerance)
{
    const auto expected = openTensorFile(kMedia / "inputs.safetensors");
    const auto file = openTensorFile(ours);
    int count = 0;
    for (const TensorInfo& info : expected->tensors()) {
        if (!info.name.starts_with(prefix) || info.name.find('.', prefix.size()) != info.name.npos)
            continue;
        const at::Tensor want = expected->read(info.name).to(at::kFloat);
        const at::Tensor got = file->read(info.name.substr(prefix.size())).to(at::kFloat);
        if (got.sizes() != want.sizes() || (got - want).abs().max().item<double>() > tolerance)
            return -1;
        ++count;
    }
    return count;
}

} // namespace

class TestMediaInputs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void picturesAndSoundsGiveWhatTransformersGives_data()
    {
        QTest::addColumn<QString>("model");
        for (const auto& [name, value] : cases().items())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void picturesAndSoundsGiveWhatTransformersGives()
    {
        QFETCH(QString, model);
        const std::string name = model.toStdString();
        const Json& one = cases().at(name);
        const QTemporaryDir temporary;
        const fs::path folder = fs::path(temporary.path().toStdString()) / "model";
        fs::copy(kModels / name, folder);
        write(folder / "preprocessor_config.json", one.at("processor"));
        Json files = Json::array();
        for (const Json& file : one.at("files"))
            files.push_back((kMedia / file.get<std::string>()).string());
        write(folder / "in.json", {{one.at("list").get<std::string>(), files}});

        computed(folder,
                 {(folder / "in.json").string(), (folder / "out.safetensors").string(),
                  (folder / "prepared.safetensors").string()});
        QVERIFY(comparedWith(name + ".prepared.", folder / "prepared.safetensors", 1e-5) > 0);
        QVERIFY(comparedWith(name + ".", folder / "out.safetensors", 1e-4) > 0);
    }

    void onePictureNeedsNoList()
    {
        const QTemporaryDir temporary;
        const fs::path folder = fs::path(temporary.path().toStdString()) / "model";
        fs::copy(kModels / "vit", folder);
        write(folder / "preprocessor_config.json", cases().at("vit").at("processor"));
        const LogitsSummary summary = computed(
            folder, {(kMedia / "photo.jpg").string(), (folder / "out.safetensors").string(), {}});
        QVERIFY(!summary.outputs.empty());
        QCOMPARE(summary.outputs.front().shape.front(), std::int64_t {1});
    }

    void aModelGivenAsAFileIsPreparedForLikeItsFolder()
    {
        const QTemporaryDir temporary;
        const fs::path folder = fs::path(temporary.path().toStdString()) / "model";
        fs::copy(kModels / "vit", folder);
        write(folder / "preprocessor_config.json", cases().at("vit").at("processor"));
        const LogitsSummary summary =
            computed(folder / "model.safetensors",
                     {(kMedia / "photo.jpg").string(), (folder / "out.safetensors").string(), {}});
        QCOMPARE(summary.outputs.front().shape.front(), std::int64_t {1});
    }

    void picturesGivenAsFilesAndAsNumbersAreRefused()
    {
        const QTemporaryDir temporary;
        const fs::path folder = fs::path(temporary.path().toStdString()) / "model";
        fs::copy(kModels / "vit", folder);
        write(folder / "preprocessor_config.json", cases().at("vit").at("processor"));
        write(folder / "in.json",
              {{"images", {(kMedia / "photo.jpg").string()}}, {"pixel_values", {{0.5, 0.25}}}});
        try {
            computed(folder,
                     {(folder / "in.json").string(), (folder / "out.safetensors").string(), {}});
            QFAIL("should have failed");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("twice") != std::string::npos, error.what());
        }
    }

    void aModelThatSaysNotHowIsRefused()
    {
        const QTemporaryDir temporary;
        const std::string out = temporary.path().toStdString() + "/out.safetensors";
        try {
            computed(kModels / "vit", {(kMedia / "photo.jpg").string(), out, {}});
            QFAIL("should have failed");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("preprocessor_config.json")
                         != std::string::npos,
                     error.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestMediaInputs)
#include "tst_media_inputs.moc"
