// SPDX-License-Identifier: Apache-2.0
// Models that see and hear learn from folders of pictures and sounds: from the document to the
// scores, and back from the adapter's folder.
#include "core/adaptation/registry.h"
#include "core/adaptation/task_head.h"
#include "core/base/json.h"
#include "core/experiment/run.h"
#include "core/media/image.h"
#include "core/tensorfile/tensor_file.h"
#include "core/train/media_batches.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"
#include "core/workbench/workspace.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>

using namespace tw;
namespace fs = std::filesystem;

namespace {

const fs::path kModels = TW_FIXTURES "/model/families";
constexpr int kSide = 12; // pixels
constexpr int kRate = 16000;

/// The fixture sees one colour; photographs have three.
void writeSeeingModel(const fs::path& folder)
{
    fs::create_directories(folder);
    Json config = readJsonFile(kModels / "vit_images/config.json", 1 << 20);
    config["num_channels"] = kColours;
    std::ofstream(folder / "config.json") << config.dump();
    const auto file = openTensorFile(kModels / "vit_images/model.safetensors");
    NamedTensors all;
    for (const TensorInfo& info : file->tensors()) {
        at::Tensor tensor = file->read(info.name);
        if (tensor.dim() == 4)
            tensor = tensor.repeat({1, kColours, 1, 1}).contiguous();
        all.emplace_back(info.name, tensor);
    }
    writeSafetensors(folder / "model.safetensors", all, {});
    std::ofstream(folder / "preprocessor_config.json")
        << R"({"image_processor_type": "ViTImageProcessor", "size": {"height": 12, "width": 12},
               "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})";
}

/// Red of a pixel of picture i, which is bright in its upper or in its lower half.
int redOf(int i, int x, int y)
{
    const int light = (y < kSide / 2) == (i % 2 == 0) ? 180 : 20;
    return light + (i * 31 + x * 17 + y * 7) % 60;
}

/// As PPM; green and blue are a little darker.
void writePictures(const fs::path& folder, int first, int count)
{
    for (int i = first; i < first + count; ++i) {
        const fs::path place = folder / (i % 2 == 0 ? "upper" : "lower");
        fs::create_directories(place);
        std::ofstream out(place / (std::to_string(i) + ".ppm"), std::ios::binary);
        out << "P6\n" << kSide << ' ' << kSide << "\n255\n";
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x)
                for (int darker = 0; darker < 15; darker += 5)
                    out << static_cast<char>(redOf(i, x, y) - darker);
    }
}

void put(std::string& bytes, std::uint32_t value, int size)
{
    for (int i = 0; i < size; ++i)
        bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
}

/// A fifth of a second of one tone: PCM of 16 bits.
void writeTone(const fs::path& file, double hertz)
{
    std::string samples;
    for (int i = 0; i < kRate / 5; ++i) {
        const double value = 0.5 * std::sin(2 * std::numbers::pi * hertz * i / kRate);
        put(samples, static_cast<std::uint16_t>(std::lround(32767 * value)), 2);
    }
    std::string head = "RIFF";
    put(head, static_cast<std::uint32_t>(36 + samples.size()), 4);
    head += "WAVEfmt ";
    put(head, 16, 4);
    put(head, 1, 2);
    put(head, 1, 2);
    put(head, kRate, 4);
    put(head, kRate * 2, 4);
    put(head, 2, 2);
    put(head, 16, 2);
    head += "data";
    put(head, static_cast<std::uint32_t>(samples.size()), 4);
    std::ofstream(file, std::ios::binary) << head << samples;
}

double last(const std::vector<MetricPoint>& points)
{
    return points.empty() ? -1.0 : points.back().value;
}

} // namespace

class TestMediaRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aModelThatSeesLearnsLabelsOfPictures();
    void aModelsOwnHeadCanBePutAside();
    void everyMethodTrainsAModelThatSeesOrSaysWhyNot_data();
    void everyMethodTrainsAModelThatSeesOrSaysWhyNot();
    void picturesArePreparedAsTheModelAsks();
    void whatCannotBeSeenIsTold();
    void aModelThatHearsLearnsToWrite();
    void aModelThatHearsLearnsLabels();

private:
    fs::path folder() const { return fs::path(m_folder->path().toStdString()); }
    std::string pathOf(const char* name) const { return (folder() / name).string(); }
    void train(const Experiment& experiment)
    {
        m_run = m_project->addRun(experiment);
        JobControl control;
        runExperiment(m_project->state().file, m_run, experiment, 1, control);
    }
    Problems errorsOf(const Experiment& experiment)
    {
        Problems problems = Workspace(1).check(experiment).result.get().problems;
        std::erase_if(problems, [](const Problem& problem) { return problem.isWarning; });
        return problems;
    }
    /// A tone of each file, high or low, with its text and label.
    void writeSounds(int count);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<Project> m_project;
    Experiment m_experiment;
    std::int64_t m_run = 0;
};

void TestMediaRun::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    writeSeeingModel(folder() / "model");
    writePictures(folder() / "train", 0, 24);
    writePictures(folder() / "held_out", 101, 12);
    m_project = Project::create(folder() / "project", "media");
    Experiment e;
    e.name = "media";
    e.model = pathOf("model");
    e.train.path = pathOf("train");
    e.heldOut.path = pathOf("held_out");
    e.layout = "plain";
    e.objective = {"sequence_classification", {{"newHead", true}}};
    AdaptationChoice ssf;
    ssf.method = "ssf";
    e.adaptations = {ssf};
    e.optimizer.settings = {{"learningRate", 0.02}};
    e.schedule = {"constant", {{"warmupSteps", std::int64_t {0}}}};
    e.steps = 40;
    e.batchRows = 8;
    e.evaluateEvery = 0;
    e.checkpointEvery = 0;
    e.threads = 1;
    m_experiment = e;
}

void TestMediaRun::aModelThatSeesLearnsLabelsOfPictures()
{
    const CheckReport report = Workspace(1).check(m_experiment).result.get();
    for (const Problem& problem : report.problems)
        QVERIFY2(problem.isWarning, (problem.field + ": " + problem.what).c_str());
    QCOMPARE(report.train.tokens, std::int64_t {24 * (3 * 3 + 1)}); // patches and one of its own
    train(m_experiment);
    QCOMPARE(m_project->run(m_run).state, RunState::Finished);
    QVERIFY(last(m_project->metric(m_run, "heldOut.accuracy")) > 0.9);
    const ModelSource source = openModelFor(m_experiment.model, {m_project->run(m_run).adapter});
    QCOMPARE(source.config.architecture, std::string("ViTForImageClassification"));
    QCOMPARE(source.config.labels, (std::vector<std::string> {"lower", "upper"}));
    const RowTokens row = Workspace(1).rowTokens(m_experiment, false, 0).result.get();
    QVERIFY(row.failure.empty());
    QCOMPARE(row.label, std::string("lower"));
}

void TestMediaRun::aModelsOwnHeadCanBePutAside()
{
    // The model tells LABEL_0, LABEL_1 and LABEL_2 apart.
    m_experiment.objective.settings.clear();
    const Problems problems = errorsOf(m_experiment);
    QCOMPARE(problems.size(), std::size_t {1});
    QVERIFY2(problems.front().hint.find("new head") != std::string::npos,
             problems.front().hint.c_str());
    // With labels of its own, its head goes on unless it is put aside: other start values.
    for (const char* split : {"train", "held_out"}) {
        fs::rename(folder() / split / "upper", folder() / split / "LABEL_0");
        fs::rename(folder() / split / "lower", folder() / split / "LABEL_1");
    }
    m_experiment.adaptations.clear();
    m_experiment.steps = 1;
    QVERIFY(errorsOf(m_experiment).empty());
    train(m_experiment);
    const double own = m_project->metric(m_run, "heldOut.loss").front().value;
    m_experiment.objective.settings = {{"newHead", true}};
    train(m_experiment);
    const double fresh = m_project->metric(m_run, "heldOut.loss").front().value;
    QVERIFY(std::abs(own - fresh) > 1e-3);
    QCOMPARE(openModelFor(m_experiment.model, {m_project->run(m_run).adapter}).config.labels,
             (std::vector<std::string> {"LABEL_0", "LABEL_1"})); // the third is not in the data
}

void TestMediaRun::everyMethodTrainsAModelThatSeesOrSaysWhyNot_data()
{
    QTest::addColumn<QString>("method");
    for (const auto& method : adaptations().all())
        QTest::newRow(method->id.c_str()) << QString::fromStdString(method->id);
}

void TestMediaRun::everyMethodTrainsAModelThatSeesOrSaysWhyNot()
{
    QFETCH(QString, method);
    AdaptationChoice choice;
    choice.method = method.toStdString();
    m_experiment.adaptations = {choice};
    m_experiment.steps = 3;
    m_experiment.optimizer.settings = {{"learningRate", 0.001}};
    const Problems problems = errorsOf(m_experiment);
    if (!problems.empty()) {
        for (const Problem& problem : problems)
            QVERIFY2(problem.field.starts_with("adaptations[0]"), problem.what.c_str());
        QSKIP(problems.front().what.c_str());
    }
    train(m_experiment);
    QCOMPARE(m_project->run(m_run).state, RunState::Finished);
    const double trained = last(m_project->metric(m_run, "heldOut.loss"));
    // Going on from its file, a run begins where this one ended.
    choice.from = (folder() / "project" / m_project->run(m_run).adapter).string();
    if (!fs::exists(choice.from))
        choice.from = m_project->run(m_run).adapter;
    m_experiment.adaptations = {choice};
    m_experiment.steps = 1;
    train(m_experiment);
    const double again = m_project->metric(m_run, "heldOut.loss").front().value;
    QVERIFY2(std::abs(again - trained) < 1e-4,
             (std::to_string(trained) + " " + std::to_string(again)).c_str());
}

void TestMediaRun::picturesArePreparedAsTheModelAsks()
{
    TokenizedRow row;
    row.ids = {0};
    row.isTrained = {0};
    row.kinds = {TokenKind::Prompt};
    row.labels = {0.0};
    row.file = (folder() / "train/upper/0.ppm").string();
    const auto batches =
        mediaBatches(orderedBatches({row, row, row}, 2), RowMedium::Picture, folder() / "model");
    QCOMPARE(batches->batchesPerEpoch(), std::int64_t {2});
    const Batch batch = batches->batch(0);
    QCOMPARE(batch.pictures.height, std::int64_t {kSide});
    QCOMPARE(batch.pictures.values.size(), std::size_t {2 * kColours * kSide * kSide});
    // (byte / 255 - 0.5) / 0.5 of the first pixel, red and green.
    const int red = redOf(0, 0, 0);
    const auto prepared = [](int byte) { return static_cast<float>(byte / 255.0 * 2.0 - 1.0); };
    QVERIFY(std::abs(batch.pictures.values[0] - prepared(red)) < 1e-6F);
    QVERIFY(std::abs(batch.pictures.values[kSide * kSide] - prepared(red - 5)) < 1e-6F);
    QCOMPARE(batches->batch(1).rowCount(), std::int64_t {1});
    QCOMPARE(batches->batch(2).pictures.values, batch.pictures.values); // the next epoch
}

void TestMediaRun::whatCannotBeSeenIsTold()
{
    const auto firstOf = [&](const Experiment& experiment) {
        const Problems problems = errorsOf(experiment);
        return problems.empty() ? std::string()
                                : problems.front().field + ": " + problems.front().what;
    };
    std::ofstream(folder() / "train/upper/broken.ppm") << "no picture";
    QVERIFY2(firstOf(m_experiment).starts_with("train.path: "), firstOf(m_experiment).c_str());
    fs::remove(folder() / "train/upper/broken.ppm");
    QCOMPARE(firstOf(m_experiment), std::string());
    fs::remove(folder() / "model/preprocessor_config.json");
    QVERIFY(firstOf(m_experiment).starts_with("model: "));
    Experiment texts = m_experiment;
    std::ofstream(folder() / "texts.csv") << "text,label\nhello,a\nbye,b\n";
    texts.train = {pathOf("texts.csv"), {{"text", "text"}, {"label", "label"}}, 0};
    texts.heldOut = texts.train;
    QVERIFY2(firstOf(texts).find("do not make a picture") != std::string::npos,
             firstOf(texts).c_str());
    Experiment reading = m_experiment; // pictures for a model that reads
    reading.model = (kModels / "bert_sequences").string();
    QVERIFY(!firstOf(reading).empty());
}

void TestMediaRun::writeSounds(int count)
{
    const fs::path sounds = folder() / "sounds";
    fs::create_directories(sounds);
    std::ofstream table(sounds / "metadata.csv");
    table << "file_name,text,label\n";
    for (int i = 0; i < count; ++i) {
        const bool isHigh = i % 2 == 0;
        const std::string name = std::to_string(i) + ".wav";
        writeTone(sounds / name, isHigh ? 2000.0 + 10 * i : 300.0 + 10 * i);
        table << name << (isHigh ? ",ab,high\n" : ",ba,low\n");
    }
}

void TestMediaRun::aModelThatHearsLearnsToWrite()
{
    writeSounds(12);
    fs::remove_all(folder() / "model");
    fs::copy(kModels / "wav2vec2_letters", folder() / "model");
    std::ofstream(folder() / "model/vocab.json")
        << R"({"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "|": 4, "a": 5, "b": 6, "c": 7, "d": 8})";
    std::ofstream(folder() / "model/tokenizer_config.json")
        << R"({"tokenizer_class": "Wav2Vec2CTCTokenizer", "pad_token": "<pad>",
               "unk_token": "<unk>", "word_delimiter_token": "|"})";
    std::ofstream(folder() / "model/preprocessor_config.json")
        << R"({"feature_extractor_type": "Wav2Vec2FeatureExtractor", "sampling_rate": 16000,
               "do_normalize": true, "return_attention_mask": false})";
    m_experiment.train = {pathOf("sounds"), {{"audio", "audio"}, {"text", "text"}}, 0};
    m_experiment.heldOut = {};
    m_experiment.heldOutShare = 0.0;
    m_experiment.objective = {"ctc", {{"reduction", std::string("mean")}}};
    m_experiment.adaptations = {AdaptationChoice {}};
    m_experiment.adaptations.front().method = "full";
    m_experiment.optimizer.settings = {{"learningRate", 0.003}};
    m_experiment.steps = 20;
    for (const Problem& problem : errorsOf(m_experiment))
        QFAIL((problem.field + ": " + problem.what).c_str());
    train(m_experiment);
    QCOMPARE(m_project->run(m_run).state, RunState::Finished);
    const auto losses = m_project->metric(m_run, "loss");
    QVERIFY2(
        losses.back().value < 0.7 * losses.front().value,
        (std::to_string(losses.front().value) + " " + std::to_string(losses.back().value)).c_str());
}

void TestMediaRun::aModelThatHearsLearnsLabels()
{
    writeSounds(16);
    fs::remove_all(folder() / "model");
    fs::copy(kModels / "wav2vec2_sounds", folder() / "model");
    std::ofstream(folder() / "model/preprocessor_config.json")
        << R"({"feature_extractor_type": "Wav2Vec2FeatureExtractor", "sampling_rate": 16000,
               "do_normalize": true, "return_attention_mask": true})";
    m_experiment.train = {pathOf("sounds"), {{"audio", "audio"}, {"label", "label"}}, 0};
    m_experiment.heldOut = {};
    m_experiment.heldOutShare = 0.25;
    m_experiment.adaptations.front().method = "lora";
    m_experiment.optimizer.settings = {{"learningRate", 0.01}};
    m_experiment.steps = 30;
    for (const Problem& problem : errorsOf(m_experiment))
        QFAIL((problem.field + ": " + problem.what).c_str());
    train(m_experiment);
    QCOMPARE(m_project->run(m_run).state, RunState::Finished);
    QVERIFY(last(m_project->metric(m_run, "accuracy")) > 0.9);
}

QTEST_GUILESS_MAIN(TestMediaRun)
#include "tst_media_run.moc"
