// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/model/head_weights.h"
#include "core/model/other_task.h"

#include <ATen/ATen.h>

#include <QTest>

#include <algorithm>

using namespace tw;
namespace fs = std::filesystem;

namespace {

const fs::path kFamilies = fs::path(TW_FIXTURES) / "model/families";
const std::vector<std::string> kLabels {"apple", "pear", "plum"};

std::shared_ptr<Model> loaded(const ModelSource& source)
{
    JobControl control;
    return loadModel(source, control);
}

Tensors someRows()
{
    return {{"input_ids", at::arange(3, 23, at::kLong).view({2, 10})}};
}

at::Tensor weightOf(const Model& model, const std::string& name)
{
    const NamedTensors weights = model.weights();
    const auto it =
        std::ranges::find_if(weights, [&](const auto& weight) { return weight.first == name; });
    return it == weights.end() ? at::Tensor() : it->second;
}

std::vector<std::string> headNames(const Model& model)
{
    std::vector<std::string> names;
    for (const auto& [name, tensor] : headWeightsOf(model))
        names.push_back(name);
    return names;
}

} // namespace

class TestOtherTask : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aModelGetsTheHeadOfItsFamily_data();
    void aModelGetsTheHeadOfItsFamily();
    void aHeadThatIsThereStays();
    void freshValuesFollowFromTheSeed();
    void aGgufFileGetsAHead();
    void aSpeechModelGetsLetters();
    void whatNoFamilyHasIsRefused();
};

void TestOtherTask::aModelGetsTheHeadOfItsFamily_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("sequences");
    QTest::addColumn<QString>("tokens");
    const auto row = [](const char* folder, const char* sequences, const char* tokens) {
        QTest::newRow(folder) << folder << sequences << tokens;
    };
    row("bert_masked", "BertForSequenceClassification", "BertForTokenClassification");
    row("gpt2", "GPT2ForSequenceClassification", "GPT2ForTokenClassification");
    row("distilbert_sequences", "DistilBertForSequenceClassification",
        "DistilBertForTokenClassification");
    row("electra_sequences", "ElectraForSequenceClassification", "ElectraForTokenClassification");
    row("mpnet_sequences", "MPNetForSequenceClassification", "MPNetForTokenClassification");
    row("deberta_v3_sequences", "DebertaV2ForSequenceClassification",
        "DebertaV2ForTokenClassification");
    row("xlm_roberta_sequences", "XLMRobertaForSequenceClassification",
        "XLMRobertaForTokenClassification");
}

void TestOtherTask::aModelGetsTheHeadOfItsFamily()
{
    QFETCH(QString, folder);
    QFETCH(QString, sequences);
    QFETCH(QString, tokens);
    const ModelSource source = openModelSource(kFamilies / folder.toStdString());
    const auto base = loaded(source);
    const ModelSource texts = withTask(source, ModelTask::SequenceClassification, kLabels, 7);
    QCOMPARE(texts.config.architecture, sequences.toStdString());
    QCOMPARE(texts.config.labels, kLabels);
    QVERIFY(texts.configText.find("\"plum\"") != std::string::npos);
    const auto ofTexts = loaded(texts);
    QCOMPARE(ofTexts->outputs(someRows()).at("logits").sizes().vec(),
             (std::vector<std::int64_t> {2, 3}));
    QVERIFY(!headNames(*ofTexts).empty());

    const ModelSource words = withTask(source, ModelTask::TokenClassification, kLabels, 7);
    QCOMPARE(words.config.architecture, tokens.toStdString());
    const auto ofWords = loaded(words);
    QCOMPARE(ofWords->outputs(someRows()).at("logits").sizes().vec(),
             (std::vector<std::int64_t> {2, 10, 3}));

    const std::string body = base->sites().front().module + ".weight";
    QVERIFY(weightOf(*base, body).defined());
    QVERIFY(at::equal(weightOf(*ofTexts, body), weightOf(*base, body)));
}

void TestOtherTask::aHeadThatIsThereStays()
{
    const ModelSource source = openModelSource(kFamilies / "bert_sequences");
    const auto before = loaded(source);
    std::vector<std::string> names = source.config.labels;
    for (std::string& name : names)
        name += " renamed";
    const auto same = loaded(withTask(source, ModelTask::SequenceClassification, names, 1));
    QCOMPARE(same->config().labels, names);
    QVERIFY(
        at::equal(weightOf(*same, "classifier.weight"), weightOf(*before, "classifier.weight")));

    names.push_back("one more");
    const auto other = loaded(withTask(source, ModelTask::SequenceClassification, names, 1));
    QCOMPARE(weightOf(*other, "classifier.weight").size(0),
             static_cast<std::int64_t>(names.size()));
    QVERIFY(at::equal(weightOf(*other, "bert.pooler.dense.weight"),
                      weightOf(*before, "bert.pooler.dense.weight")));
    QCOMPARE(headNames(*other),
             (std::vector<std::string> {"bert.pooler.dense.weight", "bert.pooler.dense.bias",
                                        "classifier.weight", "classifier.bias"}));
}

void TestOtherTask::freshValuesFollowFromTheSeed()
{
    const ModelSource source = openModelSource(kFamilies / "bert_masked");
    std::vector<std::string> many;
    for (int i = 0; i < 200; ++i)
        many.push_back("label " + std::to_string(i));
    const auto headOf = [&](std::uint64_t seed) {
        return weightOf(*loaded(withTask(source, ModelTask::SequenceClassification, many, seed)),
                        "classifier.weight");
    };
    const at::Tensor head = headOf(3);
    QVERIFY(at::equal(headOf(3), head));
    QVERIFY(!at::equal(headOf(4), head));
    QVERIFY(std::abs(head.std().item<double>() - 0.3) < 0.015); // the config's initializer_range
    QVERIFY(std::abs(head.mean().item<double>()) < 0.03);
    const auto model = loaded(withTask(source, ModelTask::SequenceClassification, many, 3));
    QCOMPARE(weightOf(*model, "classifier.bias").abs().sum().item<double>(), 0.0);
}

void TestOtherTask::aGgufFileGetsAHead()
{
    const ModelSource source = openModelSource(fs::path(TW_FIXTURES) / "model/qwen3.gguf");
    const ModelSource other = withTask(source, ModelTask::SequenceClassification, kLabels, 7);
    QCOMPARE(other.config.architecture, std::string("Qwen3ForSequenceClassification"));
    const auto model = loaded(other);
    QCOMPARE(headNames(*model), (std::vector<std::string> {"score.weight"}));
    QCOMPARE(model->outputs(someRows()).at("logits").sizes().vec(),
             (std::vector<std::int64_t> {2, 3}));
}

void TestOtherTask::aSpeechModelGetsLetters()
{
    const ModelSource source = openModelSource(kFamilies / "wav2vec2_sounds");
    const ModelSource other = withTask(source, ModelTask::Ctc, {"<pad>", "a", "b", "c", "|"}, 7);
    QCOMPARE(other.config.architecture, std::string("Wav2Vec2ForCTC"));
    const auto model = loaded(other);
    QCOMPARE(headNames(*model), (std::vector<std::string> {"lm_head.weight", "lm_head.bias"}));
    const at::Tensor logits =
        model->outputs({{"input_values", at::arange(2000, at::kFloat).sin().unsqueeze(0)}})
            .at("logits");
    QCOMPARE(logits.size(2), 5);
}

void TestOtherTask::whatNoFamilyHasIsRefused()
{
    const ModelSource answering = openModelSource(kFamilies / "t5");
    QVERIFY_THROWS_EXCEPTION(Error,
                             withTask(answering, ModelTask::TokenClassification, kLabels, 1));
    const ModelSource bert = openModelSource(kFamilies / "bert_masked");
    QVERIFY_THROWS_EXCEPTION(Error, withTask(bert, ModelTask::CausalLm, kLabels, 1));
    QVERIFY_THROWS_EXCEPTION(Error, withTask(bert, ModelTask::SequenceClassification, {}, 1));
}

QTEST_APPLESS_MAIN(TestOtherTask)
#include "tst_other_task.moc"
