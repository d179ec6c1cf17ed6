// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "core/base/json.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/adaptation/peft_check.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace tw;

namespace {

const Adaptation& prefixTuning()
{
    return adaptations().at("prefix_tuning");
}

const SiteSelection kPrompt {{SiteKind::Prompt, {-1}}};

std::unique_ptr<Adapter> fresh(Model& model, const ParamValues& settings)
{
    RandomStream random(7, "test");
    return prefixTuning().attach(model, kPrompt, settings, {random});
}

ParamValues network(std::int64_t width)
{
    return {{"form", std::string("network")},
            {"virtualTokens", std::int64_t {4}},
            {"width", std::int64_t {width}}};
}

at::Tensor parameter(const Adapter& adapter, const std::string& ending)
{
    for (const auto& [name, tensor] : adapter.parameters())
        if (name.ends_with(ending))
            return tensor.detach();
    return {};
}

std::filesystem::path written(const Adapter& adapter, const QTemporaryDir& folder)
{
    const auto path = std::filesystem::path(folder.path().toStdString()) / "adapter";
    writeAdapter(adapter, "base", path);
    return path;
}

} // namespace

class TestPrefixTuning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theDeviationIsTheChosenOne_data()
    {
        QTest::addColumn<double>("deviation");
        QTest::newRow("He et al.") << 0.02;
        QTest::newRow("PEFT") << 1.0;
        QTest::newRow("zeros") << 0.0;
    }

    void theDeviationIsTheChosenOne()
    {
        QFETCH(double, deviation);
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, {{"deviation", deviation}});
        const at::Tensor prefix = parameter(*adapter, "prompt_embeddings");
        QCOMPARE(prefix.sizes().vec(), (std::vector<std::int64_t> {30, 2 * 2 * 16}));
        QVERIFY(std::abs(prefix.std().item<double>() - deviation) <= 0.05 * deviation);
    }

    void theTextMayStayWhereItIs_data()
    {
        QTest::addColumn<std::size_t>("model");
        QTest::newRow("Llama") << std::size_t {0}; // positions turn
        QTest::newRow("GPT-2") << std::size_t {1}; // positions are looked up
    }

    void theTextMayStayWhereItIs()
    {
        QFETCH(std::size_t, model);
        const at::NoGradGuard noGradients;
        const at::Tensor ids = at::arange(4, 14, at::kLong);
        const PackedInput row {ids, at::arange(10), {0, 10}};
        const auto prefixed = load(tinyModels().at(model));
        const ParamValues tokens {{"virtualTokens", std::int64_t {3}}, {"deviation", 1.0}};
        ParamValues staying = tokens;
        staying["movesText"] = false;
        at::Tensor stayed;
        QTemporaryDir folder;
        {
            const auto adapter = fresh(*prefixed, staying);
            stayed = prefixed->hidden(row);
            // Token by token, behind what a cache holds.
            const auto cache = prefixed->newCache(16);
            at::Tensor last;
            for (std::int64_t i = 0; i < 10; ++i)
                last = prefixed->hiddenBehind({{{4 + i}, cache.get()}});
            QVERIFY(at::allclose(last[0], stayed[9], 1e-4, 1e-5));
            written(*adapter, folder);
        }
        {
            const auto read = attachAdapter(
                *prefixed, std::filesystem::path(folder.path().toStdString()) / "adapter");
            QVERIFY(at::equal(prefixed->hidden(row), stayed));
        }
        const auto adapter = fresh(*prefixed, tokens); // the same numbers
        const at::Tensor moved = prefixed->hidden(row);
        QVERIFY(!at::allclose(moved, stayed, 1e-4, 1e-5));
        const PackedInput back {ids, at::arange(10) - 3, {0, 10}};
        QVERIFY(at::allclose(prefixed->hidden(back), stayed, 1e-4, 1e-5));
    }

    void emptyKeysTakeTheirShareOfTheAttention()
    {
        // Keys of 0 score 0 whatever the query, and values of 0 add nothing: with n of them the
        // heads' outputs shrink by lambda. Where all scores are 0, lambda is n / (n + tokens seen).
        const at::NoGradGuard noGradients;
        const auto model = load(tinyModels().at(1)); // GPT-2
        for (const std::int32_t layer : {0, 1}) {
            Linear& qkv = model->linear({SiteKind::AttnQkv, layer});
            qkv.weight.narrow(0, 0, 32).zero_(); // queries
            qkv.bias.narrow(0, 0, 32).zero_();
        }
        Linear& out = model->linear({SiteKind::AttnO, 0});
        std::vector<at::Tensor> read;
        class Spy final : public LinearChange
        {
        public:
            explicit Spy(std::vector<at::Tensor>& seen)
                : m_seen(seen)
            {
            }
            at::Tensor forward(const at::Tensor& x,
                               const LinearWeights& /*base*/,
                               const TensorFunction& below) const override
            {
                m_seen.push_back(x.clone());
                return below(x);
            }
            LinearWeights merged(const LinearWeights&, const LinearWeights& below) const override
            {
                return below;
            }
            NamedTensors trainable() const override { return {}; }

        private:
            std::vector<at::Tensor>& m_seen;
        };
        out.deltas.push_back(std::make_shared<Spy>(read));
        const at::Tensor ids = at::full({5}, 9, at::kLong);
        const PackedInput row {ids, at::zeros({5}, at::kLong), {0, 5}};
        model->hidden(row);
        const auto adapter =
            fresh(*model, {{"deviation", 0.0}, {"virtualTokens", std::int64_t {3}}});
        // Moves all positions alike, so that the values of the text stay what they were.
        const PackedInput moved {ids, at::full({5}, -3, at::kLong), {0, 5}};
        model->hidden(moved);
        QCOMPARE(read.size(), std::size_t {2});
        const at::Tensor behind = read[1].narrow(0, 3, 5);
        for (std::int64_t i = 0; i < 5; ++i) {
            const double seen = static_cast<double>(i) + 1;
            QVERIFY(at::allclose(behind[i], read[0][i] * (seen / (seen + 3)), 1e-4, 1e-6));
        }
    }

    void theNetworkIsTheFormulaOfThePaper()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, network(6));
        const at::Tensor inner = at::tanh(
            parameter(*adapter, "embedding.weight").matmul(parameter(*adapter, "0.weight").t())
            + parameter(*adapter, "0.bias"));
        const at::Tensor made =
            inner.matmul(parameter(*adapter, "2.weight").t()) + parameter(*adapter, "2.bias");
        const NamedTensors file = adapter->written();
        QCOMPARE(file.size(), std::size_t {1});
        QCOMPARE(file.front().first, std::string("prompt_embeddings"));
        QVERIFY(at::allclose(file.front().second, made, 1e-5, 1e-6));
    }

    void whatTheNetworkMadeGivesTheSameAnswersWithoutIt()
    {
        const QTemporaryDir folder;
        const auto model = load(tinyModels().at(0));
        auto adapter = fresh(*model, network(6));
        const at::NoGradGuard noGradients;
        const at::Tensor trained = answer(*model);
        const auto path = written(*adapter, folder);
        adapter.reset();
        const auto read = attachAdapter(*model, path);
        QVERIFY(at::equal(answer(*model), trained));
        QCOMPARE(read->parameters().front().first, std::string("prompt_embeddings"));
    }

    void theNetworkFollowsItsParameters()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, network(6));
        const at::Tensor recorded = answer(*model); // with gradients
        parameter(*adapter, "2.bias").add_(0.5);
        const at::Tensor after = answer(*model);
        QVERIFY(!at::equal(recorded, after));
        const at::NoGradGuard noGradients;
        QVERIFY(at::allclose(answer(*model), after, 1e-4, 1e-5));
        parameter(*adapter, "2.bias").sub_(0.5);
        QVERIFY(at::allclose(answer(*model), recorded, 1e-4, 1e-5));
    }

    void peftOpensIt()
    {
        if (referencePython().isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with torch, transformers and peft.");
        for (const std::size_t which : {0U, 1U}) { // Llama, GPT-2
            const auto model = load(tinyModels().at(which));
            for (const ParamValues& settings :
                 {ParamValues {{"deviation", 0.7}, {"virtualTokens", std::int64_t {5}}},
                  network(6)}) {
                const auto adapter = fresh(*model, settings);
                const QString said = peftSaysAgainst(*adapter, tinyModels().at(which), *model);
                QVERIFY2(said.isEmpty(), qPrintable(said));
            }
        }
    }

    void theFileIsOneOfPeft()
    {
        const auto model = load(tinyModels().at(0));
        for (const ParamValues& settings :
             {ParamValues {{"virtualTokens", std::int64_t {4}}}, network(6)}) {
            const auto adapter = fresh(*model, settings);
            const Json ours = parseJson(adapter->peftConfig("../train/tiny_llama"), "ours");
            const Json theirs = readJsonFile(
                TW_FIXTURES "/adaptation/prefix_tuning/adapter_config.json", 1U << 20U);
            for (const auto& [key, value] : theirs.items())
                QVERIFY2(ours.contains(key) && (ours.at(key) == value), key.c_str());
            QCOMPARE(ours.size(), theirs.size());
        }
    }

    void bartLargeHasAsManyAsThePaperSays()
    {
        SiteInfo place;
        place.site = {SiteKind::Prompt, -1};
        place.in = 1024;
        place.out = 2 * 36 * 1024; // 12 layers of the encoder, 24 attentions of the decoder
        QCOMPARE(prefixTuning().parameterCount({place}, {}), std::int64_t {2} * 30 * 1024 * 36);
        // Besides the prefix's embeddings: 800 (d + 2 L d), and the biases.
        QCOMPARE(prefixTuning().parameterCount({place}, {{"form", std::string("network")}}),
                 std::int64_t {30 * 1024 + 800 * (1024 + 2 * 36 * 1024) + 800 + 2 * 36 * 1024});
    }
};

QTEST_GUILESS_MAIN(TestPrefixTuning)
#include "tst_prefix_tuning.moc"
