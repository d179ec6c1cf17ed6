// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adapter_reader.h"
#include "core/adaptation/registry.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>

using namespace tw;

namespace {

const Adaptation& lora()
{
    return adaptations().at("lora");
}

const AdapterReader& reader()
{
    return adapterReaders().at("lora");
}

std::shared_ptr<const WeightDelta> deltaAt(const Adapter& adapter, Site site)
{
    return std::dynamic_pointer_cast<const WeightDelta>(adapter.delta(site));
}

std::unique_ptr<Adapter> fresh(Model& model, const ParamValues& settings)
{
    RandomStream random(7, "test");
    return lora().attach(model, {{SiteKind::AttnQ, {0, 1}}, {SiteKind::MlpDown, {1}}}, settings,
                         {random});
}

at::Tensor parameter(const Adapter& adapter, const std::string& name)
{
    for (const auto& [own, tensor] : adapter.parameters())
        if (own == name)
            return tensor;
    return {};
}

/// Tensors in memory, as a file would give them.
class TensorsInMemory final : public TensorFile
{
public:
    explicit TensorsInMemory(NamedTensors tensors)
        : m_tensors(std::move(tensors))
    {
        for (const auto& [name, tensor] : m_tensors)
            m_infos.push_back(
                {name, "F32", tensor.sizes().vec(), static_cast<std::uint64_t>(tensor.nbytes())});
    }
    const std::vector<TensorInfo>& tensors() const override { return m_infos; }
    const std::map<std::string, std::string>& metadata() const override { return m_metadata; }
    const TensorInfo* find(const std::string& name) const override
    {
        for (const auto& info : m_infos)
            if (info.name == name)
                return &info;
        return nullptr;
    }
    at::Tensor read(const std::string& name) const override
    {
        for (const auto& [own, tensor] : m_tensors)
            if (own == name)
                return tensor;
        throw Error("no tensor " + name);
    }

private:
    NamedTensors m_tensors;
    std::vector<TensorInfo> m_infos;
    std::map<std::string, std::string> m_metadata;
};

const char* const kQ0 = "base_model.model.model.layers.0.self_attn.q_proj";

NamedTensors factorsForQ0(std::int64_t rank)
{
    return {{std::string(kQ0) + ".lora_A.weight", at::ones({rank, 32})},
            {std::string(kQ0) + ".lora_B.weight", at::ones({32, rank})}};
}

QString refusal(const char* config, const NamedTensors& tensors)
{
    const auto model = tinyModel();
    try {
        attachStored(reader(), *model, config, TensorsInMemory(tensors));
    } catch (const Error& error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

} // namespace

class TestLora : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theUpdateIsScaledAsThePapersSay_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<double>("scale");
        QTest::newRow("alpha / rank") << QByteArray(R"("r": 4, "lora_alpha": 3)") << 0.75;
        QTest::newRow("alpha / sqrt(rank)")
            << QByteArray(R"("r": 4, "lora_alpha": 3, "use_rslora": true)") << 1.5;
        QTest::newRow("own alpha")
            << QByteArray(R"("r": 4, "lora_alpha": 3, "alpha_pattern": {"q_proj": 10})") << 2.5;
        QTest::newRow("own rank") << QByteArray(
            R"("r": 9, "lora_alpha": 3, "rank_pattern": {"q_proj": 4})")
                                  << 0.75;
    }

    void theUpdateIsScaledAsThePapersSay()
    {
        QFETCH(QByteArray, config);
        QFETCH(double, scale);
        const auto model = tinyModel();
        const std::string text = R"({"target_modules": ["model.layers.0.self_attn.q_proj"], )"
            + config.toStdString() + "}";
        const auto adapter = attachStored(reader(), *model, text, TensorsInMemory(factorsForQ0(4)));
        const auto delta = deltaAt(*adapter, {SiteKind::AttnQ, 0});
        QVERIFY(delta != nullptr);
        QCOMPARE(delta->matrix()[3][5].item<double>(), 4 * scale); // B A of ones: the rank
        QCOMPARE(delta->apply(at::ones({1, 32}))[0][0].item<double>(), 4 * 32 * scale);
    }

    void freshFactorsAreThoseOfPeft()
    {
        const auto model = tinyModel();
        const auto adapter = fresh(*model, {{"rank", std::int64_t {16}}});
        const at::Tensor A = parameter(*adapter, "model.layers.1.mlp.down_proj.lora_A.weight");
        const double bound = 1 / std::sqrt(48.0); // Kaiming uniform with a = sqrt(5) over 48 inputs
        QVERIFY(A.abs().max().item<double>() <= bound);
        QVERIFY(std::abs(A.std().item<double>() - bound / std::sqrt(3.0)) < 0.05 * bound);
        QCOMPARE(parameter(*adapter, "model.layers.1.mlp.down_proj.lora_B.weight")
                     .abs()
                     .max()
                     .item<double>(),
                 0.0);
    }

    void gaussianFactorsHaveDeviationOneOverRank()
    {
        const auto model = tinyModel();
        const auto adapter =
            fresh(*model, {{"rank", std::int64_t {16}}, {"start", std::string("gaussian")}});
        const double deviation =
            parameter(*adapter, "model.layers.0.self_attn.q_proj.lora_A.weight")
                .std()
                .item<double>();
        QVERIFY(std::abs(deviation - 1.0 / 16) < 0.1 / 16);
    }

    void theSameSeedGivesTheSameFactors()
    {
        const auto one = tinyModel();
        const auto two = tinyModel();
        const auto a = fresh(*one, {})->parameters();
        const auto b = fresh(*two, {})->parameters();
        for (std::size_t i = 0; i < a.size(); ++i)
            QVERIFY(at::equal(a[i].second, b[i].second));
    }

    void dropoutActsOnlyWhereGradientsAreRecorded()
    {
        const auto model = tinyModel();
        const auto adapter = fresh(*model, {{"dropout", 0.5}});
        for (const auto& [name, tensor] : adapter->parameters())
            tensor.detach().fill_(0.1);
        const auto delta = deltaAt(*adapter, {SiteKind::AttnQ, 0});
        const at::Tensor x = at::ones({4, 32});
        QVERIFY(!at::allclose(delta->apply(x), x.matmul(delta->matrix().t())));
        const at::NoGradGuard noGrad;
        QVERIFY(at::allclose(delta->apply(x), x.matmul(delta->matrix().t())));
    }

    void theConfigNamesRankScaleAndTargets()
    {
        const auto model = tinyModel();
        const auto adapter = fresh(
            *model, {{"rank", std::int64_t {4}}, {"alpha", 8.0}, {"scale", std::string("rslora")}});
        const auto config = nlohmann::json::parse(adapter->peftConfig("some/model"));
        QCOMPARE(config["r"].get<int>(), 4);
        QCOMPARE(config["lora_alpha"].dump(), std::string("8"));
        QCOMPARE(config["use_rslora"].get<bool>(), true);
        QCOMPARE(config["base_model_name_or_path"].get<std::string>(), std::string("some/model"));
        QCOMPARE(
            config["target_modules"].dump(),
            std::string(
                R"(["model.layers.0.self_attn.q_proj","model.layers.1.mlp.down_proj","model.layers.1.self_attn.q_proj"])"));
    }

    void filesThatDoNotFitAreRefused_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<int>("change"); // 0: none, 1: a tensor too many, 2: one too few
        QTest::addColumn<QString>("says");
        const QByteArray q0 = R"({"target_modules": ["model.layers.0.self_attn.q_proj"], )";
        QTest::newRow("another rank")
            << QByteArray(q0 + R"("r": 8})") << 0 << QStringLiteral("[4, 32] instead of [8, 32]");
        QTest::newRow("rank 0") << QByteArray(q0 + R"("r": 0})") << 0
                                << QStringLiteral("at least 1");
        QTest::newRow("rank as text")
            << QByteArray(q0 + R"("r": "4"})") << 0 << QStringLiteral("r has to be a whole number");
        QTest::newRow("half a rank")
            << QByteArray(q0 + R"("r": 4, "rank_pattern": {"q_proj": 1.5}})") << 0
            << QStringLiteral("rank_pattern");
        QTest::newRow("DoRA without magnitudes") << QByteArray(q0 + R"("r": 4, "use_dora": true})")
                                                 << 0 << QStringLiteral("lora_magnitude_vector");
        QTest::newRow("parameters that belong to no module")
            << QByteArray(q0 + R"("r": 4, "target_parameters": ["mlp.experts.down_proj"]})") << 0
            << QStringLiteral("target_parameters");
        QTest::newRow("unknown kind of bias")
            << QByteArray(q0 + R"("r": 4, "bias": "some"})") << 0 << QStringLiteral("bias is some");
        QTest::newRow("saved module that is not there")
            << QByteArray(q0 + R"("r": 4, "modules_to_save": ["score"]})") << 0
            << QStringLiteral("score");
        QTest::newRow("saved module without its tensor")
            << QByteArray(q0 + R"("r": 4, "modules_to_save": ["model.norm"]})") << 0
            << QStringLiteral("model.norm.weight");
        QTest::newRow("token beyond the vocabulary")
            << QByteArray(q0 + R"("r": 4, "trainable_token_indices": [3, 96]})") << 0
            << QStringLiteral("0 to 95");
        QTest::newRow("changed base") << QByteArray(q0 + R"("r": 4, "init_lora_weights": "pissa"})")
                                      << 0 << QStringLiteral("pissa");
        QTest::newRow("unknown tensor")
            << QByteArray(q0 + R"("r": 4})") << 1 << QStringLiteral("lm_head.weight");
        QTest::newRow("missing tensor")
            << QByteArray(q0 + R"("r": 4})") << 2 << QStringLiteral("lacks the tensor");
    }

    void filesThatDoNotFitAreRefused()
    {
        QFETCH(QByteArray, config);
        QFETCH(int, change);
        QFETCH(QString, says);
        NamedTensors tensors = factorsForQ0(4);
        if (change == 1)
            tensors.emplace_back("base_model.model.lm_head.weight", at::ones({1}));
        if (change == 2)
            tensors.pop_back();
        const QString said = refusal(config.constData(), tensors);
        QVERIFY2(said.contains(says), qPrintable(said));
    }

    void aRefusedFileLeavesTheModelAsItWas()
    {
        const auto model = tinyModel();
        NamedTensors tensors = factorsForQ0(4);
        tensors.pop_back();
        QVERIFY_EXCEPTION_THROWN(
            attachStored(reader(), *model,
                         R"({"r": 4, "target_modules": ["model.layers.0.self_attn.q_proj"]})",
                         TensorsInMemory(tensors)),
            Error);
        QVERIFY(model->linear({SiteKind::AttnQ, 0}).deltas.empty());
    }

    void whatIsWrongWithTheSitesIsSaidAtItsField_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("layer");
        QTest::addColumn<int>("rank");
        QTest::newRow("rank larger than the layer")
            << "settings.rank" << int(SiteKind::AttnK) << 0 << 17; // k: 16 x 32
        QTest::newRow("a layer too many") << "sites.attn.q" << int(SiteKind::AttnQ) << 2 << 8;
        QTest::newRow("not a linear layer") << "sites.norm1" << int(SiteKind::Norm1) << 0 << 8;
        QTest::newRow("nowhere") << "sites" << int(SiteKind::AttnQ) << -1 << 8;
        QTest::newRow("all well") << "" << int(SiteKind::AttnK) << 1 << 16;
    }

    void whatIsWrongWithTheSitesIsSaidAtItsField()
    {
        QFETCH(QString, field);
        QFETCH(int, kind);
        QFETCH(int, layer);
        QFETCH(int, rank);
        SiteSelection selection;
        if (layer >= 0)
            selection[static_cast<SiteKind>(kind)].push_back(layer);
        const Problems problems =
            lora().check(tinyModel()->sites(), selection, {{"rank", std::int64_t {rank}}});
        QCOMPARE(problems.size(), std::size_t {field.isEmpty() ? 0U : 1U});
        if (!problems.empty())
            QCOMPARE(QString::fromStdString(problems.front().field), field);
    }

    void whereNoRankIsSaidTheDefaultIsChecked()
    {
        SiteInfo narrow;
        narrow.site = {SiteKind::AttnK, 0};
        narrow.module = "k";
        narrow.in = 32;
        narrow.out = 4;
        narrow.isLinear = true;
        const Problems problems = lora().check({narrow}, {{SiteKind::AttnK, {0}}}, {});
        QCOMPARE(problems.size(), std::size_t {1});
        QVERIFY(problems.front().what.starts_with("Rank 8 is larger"));
    }
};

QTEST_APPLESS_MAIN(TestLora)
#include "tst_lora.moc"
