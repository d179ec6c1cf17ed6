// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adapter_reader.h"
#include "core/adaptation/lora_delta.h"
#include "core/adaptation/registry.h"
#include "core/base/atomic_file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/train/checkpoint.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

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

std::shared_ptr<Model> modelOf(const std::string& fixture)
{
    JobControl control;
    return loadModel(openModelSource(TW_SOURCE "/tests/fixtures/" + fixture), control);
}

std::unique_ptr<Adapter> attached(Model& model, const ParamValues& settings, std::uint64_t seed = 7)
{
    RandomStream random(seed, "test");
    return lora().attach(model, everyLinearSite(model), settings, {random});
}

at::Tensor logitsOf(const Model& model)
{
    const at::NoGradGuard noGrad;
    return model.logits(model.hidden(oneRow(at::arange(3, 40, 3, at::kLong))));
}

double largest(const at::Tensor& difference)
{
    return difference.abs().max().item<double>();
}

/// Moves every parameter, as training would.
void stir(const Adapter& adapter)
{
    for (const auto& [name, tensor] : adapter.parameters())
        tensor.detach().add_(at::linspace(-0.05, 0.04, tensor.numel()).view_as(tensor));
}

/// y for x = (5, 7) over W = I, of a LoRA with A = (1, 0), B = (0, 2) and scale 3.
at::Tensor byHand(LoraTensors tensors)
{
    tensors.factors = {at::tensor({1.0F, 0.0F}).view({1, 2}), at::tensor({0.0F, 2.0F}).view({2, 1}),
                       3.0, 0.0};
    const at::Tensor x = at::tensor({5.0F, 7.0F}).view({1, 2});
    const at::NoGradGuard noGrad;
    return loraChange(std::move(tensors))
        ->forward(x, {at::eye(2), {}}, [](const at::Tensor& input) { return input; });
}

Json configOf(const Adapter& adapter)
{
    return parseJson(adapter.peftConfig("base"), "config");
}

void addStartsFromWeights()
{
    QTest::addColumn<std::string>("start");
    for (const char* start : {"pissa", "olora", "loftq"})
        QTest::newRow(start) << std::string(start);
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
        const auto config = parseJson(adapter->peftConfig("some/model"), "config");
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
        QTest::addColumn<int>("change"); // 1: a tensor too many, 2: one too few, 3: rank 33
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
        QTest::newRow("changed base at random")
            << QByteArray(q0 + R"("r": 4, "init_lora_weights": "pissa_niter_4"})") << 0
            << QStringLiteral("pissa_niter_4");
        QTest::newRow("PiSSA wider than the layer")
            << QByteArray(q0 + R"("r": 33, "init_lora_weights": "pissa"})") << 3
            << QStringLiteral("rank 33");
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
        NamedTensors tensors = factorsForQ0(change == 3 ? 33 : 4);
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

    void theNumbersAreThoseOfTheDefinitions()
    {
        const at::Tensor plain = byHand({});
        QCOMPARE(plain[0][0].item<double>(), 5.0);
        QCOMPARE(plain[0][1].item<double>(), 37.0); // 7 + 3 * 2 * 5
        LoraTensors dora;
        dora.magnitude = at::ones({2}); // rows of W + s B A: (1, 0) and (6, 1)
        const at::Tensor turned = byHand(dora);
        QCOMPARE(turned[0][0].item<double>(), 5.0);
        QVERIFY(std::abs(turned[0][1].item<double>() - 37.0 / std::sqrt(37.0)) < 1e-5);
        LoraTensors biased;
        biased.bias = at::tensor({0.0F, 1.0F});
        QCOMPARE(byHand(biased)[0][1].item<double>(), 40.0); // the bias is scaled too
        LoraTensors started;
        started.start = {at::tensor({1.0F, 0.0F}).view({1, 2}),
                         at::tensor({0.0F, 1.5F}).view({2, 1})};
        QCOMPARE(byHand(started)[0][1].item<double>(), 14.5); // 7 + 3 * (2 - 1.5) * 5
        QCOMPARE(loraScale(3.0, 4, false), 0.75);
        QCOMPARE(loraScale(3.0, 4, true), 1.5);
    }

    void aStartFromTheWeightsChangesNothing_data() { addStartsFromWeights(); }
    void aStartFromTheWeightsChangesNothing()
    {
        QFETCH(std::string, start);
        for (const bool isDora : {false, true}) {
            const auto model = tinyModel();
            const at::Tensor base = logitsOf(*model);
            const auto adapter = attached(*model, {{"start", start}, {"dora", isDora}});
            QVERIFY(largest(logitsOf(*model) - base) < 1e-4);
            QVERIFY(largest(parameter(*adapter, "model.layers.0.self_attn.q_proj.lora_B.weight"))
                    > 1e-3);
            stir(*adapter);
            QVERIFY(largest(logitsOf(*model) - base) > 0.05);
        }
    }

    void thoseThatPeftHasJustMadeChangeNothingEither_data()
    {
        QTest::addColumn<QString>("start");
        QTest::newRow("pissa") << QStringLiteral("pissa");
        QTest::newRow("olora") << QStringLiteral("olora");
    }

    void thoseThatPeftHasJustMadeChangeNothingEither()
    {
        QFETCH(QString, start);
        const auto model = tinyModel();
        const at::Tensor base = logitsOf(*model);
        const auto adapter =
            attachAdapter(*model, TW_SOURCE "/tests/fixtures/training/" + start.toStdString());
        QVERIFY(largest(logitsOf(*model) - base) < 1e-4);
        stir(*adapter);
        QVERIFY(largest(logitsOf(*model) - base) > 0.05);
    }

    void itIsWrittenAsAPlainLoraOfTwiceTheRank_data() { addStartsFromWeights(); }
    void itIsWrittenAsAPlainLoraOfTwiceTheRank()
    {
        QFETCH(std::string, start);
        for (const char* scale : {"classic", "rslora"})
            for (const bool isDora : {false, true}) {
                const QTemporaryDir folder;
                const std::filesystem::path path = folder.path().toStdString();
                const auto model = tinyModel();
                auto adapter = attached(*model,
                                        {{"start", start},
                                         {"dora", isDora},
                                         {"scale", std::string(scale)},
                                         {"rankPattern", std::string("attn.k=3")},
                                         {"alphaPattern", std::string("down_proj=5")}});
                stir(*adapter);
                const at::Tensor tuned = logitsOf(*model);
                writeAdapter(*adapter, "tiny", path / "adapter");
                adapter.reset();
                const auto read = attachAdapter(*model, path / "adapter");
                QVERIFY(largest(logitsOf(*model) - tuned) < 1e-4);
                QCOMPARE(parameter(*read, "model.layers.0.self_attn.q_proj.lora_A.weight").size(0),
                         16);
                QCOMPARE(parameter(*read, "model.layers.0.self_attn.k_proj.lora_A.weight").size(0),
                         6);
                QCOMPARE(configOf(*read).at("init_lora_weights").dump(), std::string("true"));
            }
    }

    void peftComputesTheSameFromWhatIsWritten()
    {
        const QString python = qEnvironmentVariable("TW_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with torch, transformers and peft to "
                  "compare with PEFT itself.");
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        QStringList arguments {QStringLiteral(TW_FIXTURES "/adaptation/check_with_peft.py")};
        const at::Tensor ids = at::arange(3, 40, 3, at::kLong);
        const std::vector<std::array<std::string, 3>> all {
            {"ranks", "train/tiny_llama",
             "{\"start\": \"pissa\", \"scale\": \"rslora\", \"rankPattern\": \"attn.k=3\", "
             "\"alphaPattern\": \"down_proj=5\"}"},
            {"turned", "model/llama_gqa_bias_llama3",
             "{\"start\": \"olora\", \"dora\": true, \"bias\": \"all\"}"},
            {"gpt2", "model/families/gpt2", "{\"dora\": true, \"bias\": \"lora_only\"}"}};
        for (const auto& [name, base, settings] : all) {
            const auto model = modelOf(base);
            const auto adapter =
                attached(*model, paramValuesFrom(parseJson(settings, "settings"), "settings"));
            stir(*adapter);
            writeAdapter(*adapter, base, path / name);
            writeSafetensors(path / (name + ".safetensors"),
                             {{"ids", ids}, {"logits", logitsOf(*model)}}, {});
            for (const std::filesystem::path& part : {std::filesystem::path(TW_FIXTURES) / base,
                                                      path / name, path / (name + ".safetensors")})
                arguments << QString::fromStdString(part.string());
        }
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(python, arguments);
        QVERIFY(process.waitForFinished(300000));
        const QByteArray said = process.readAll();
        QVERIFY2(process.exitCode() == 0, said.constData());
    }

    void aCheckpointBringsBackFactorsAndStartExactly()
    {
        const QTemporaryDir folder;
        const ParamValues settings {{"start", std::string("pissa")},
                                    {"pissaIterations", std::int64_t {1}}};
        const auto model = tinyModel();
        auto adapter = attached(*model, settings, 1);
        stir(*adapter);
        const auto optimizer = optimizers().at("adamw").make(adapter->parameters(), {});
        const auto checkpoint =
            writeCheckpoint(folder.path().toStdString(), {}, *adapter, *optimizer, "tiny");
        const at::Tensor before = logitsOf(*model);
        NamedTensors own;
        for (const auto& [name, tensor] : adapter->parameters())
            own.emplace_back(name, tensor.detach().clone());
        adapter.reset();
        const auto other = attached(*model, settings, 2); // draws another start
        QVERIFY(!at::equal(logitsOf(*model), before));
        const auto restored = optimizers().at("adamw").make(other->parameters(), {});
        restoreCheckpoint(checkpoint, *other, *restored);
        QVERIFY(at::equal(logitsOf(*model), before));
        const NamedTensors now = other->parameters();
        for (std::size_t i = 0; i < own.size(); ++i)
            QVERIFY2(at::equal(now[i].second, own[i].second), own[i].first.c_str());
    }

    void theTensorsHaveTheNamesAndShapesOfPeft_data()
    {
        QTest::addColumn<std::string>("fixture");
        QTest::addColumn<std::string>("base");
        QTest::addColumn<std::string>("sites");
        QTest::addColumn<std::string>("settings");
        const std::string biased = "model/llama_gqa_bias_llama3";
        const auto add = [](const char* name, const std::string& base, const char* sites,
                            const char* settings) {
            QTest::newRow(name) << std::string(name) << base << std::string(sites)
                                << std::string(settings);
        };
        add("lora_bias_all", biased, "attn.q mlp.down", R"({"rank": 2, "bias": "all"})");
        add("lora_bias_only", biased, "attn.k mlp.up", R"({"rank": 2, "bias": "lora_only"})");
        add("lora_own_bias", biased, "attn.q attn.v", R"({"rank": 2, "ownBias": true})");
        add("dora", biased, "attn.q attn.k attn.v attn.o mlp.gate mlp.up mlp.down",
            R"({"rank": 3, "dora": true, "rankPattern": "mlp.down=2"})");
        add("gpt2_dora", "model/families/gpt2", "attn.qkv mlp.down",
            R"({"rank": 2, "dora": true})");
    }

    void theTensorsHaveTheNamesAndShapesOfPeft()
    {
        QFETCH(std::string, fixture);
        QFETCH(std::string, base);
        QFETCH(std::string, sites);
        QFETCH(std::string, settings);
        const auto model = modelOf(base);
        const std::set<std::string> kinds = [&] {
            const std::vector<std::string> all = split(sites, ' ');
            return std::set<std::string>(all.begin(), all.end());
        }();
        SiteSelection selection;
        for (const SiteInfo& info : model->sites())
            if (kinds.contains(siteId(info.site.kind)))
                selection[info.site.kind].push_back(info.site.layer);
        const ParamValues values = paramValuesFrom(parseJson(settings, "settings"), "settings");
        RandomStream random(7, "test");
        const auto adapter = lora().attach(*model, selection, values, {random});
        const auto theirs = openTensorFile(TW_SOURCE "/tests/fixtures/adaptation/" + fixture
                                           + "/adapter_model.safetensors");
        const NamedTensors ours = adapter->parameters();
        QCOMPARE(ours.size(), theirs->tensors().size());
        std::int64_t count = 0;
        for (const auto& [name, tensor] : ours) {
            const TensorInfo* info = theirs->find("base_model.model." + name);
            QVERIFY2(info != nullptr, name.c_str());
            QVERIFY2(info->shape == tensor.sizes().vec(), name.c_str());
            count += tensor.numel();
        }
        if (fixture != "lora_bias_all") { // biases of other layers are not counted
            std::vector<SiteInfo> chosen;
            for (const SiteInfo& info : model->sites())
                if (kinds.contains(siteId(info.site.kind)))
                    chosen.push_back(info);
            QCOMPARE(lora().parameterCount(chosen, values), count);
        }
    }

    void trainedBiasesAreWrittenAndReadAgain()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const auto model = modelOf("model/families/gpt2");
        const at::Tensor base = logitsOf(*model);
        auto adapter = attached(*model, {{"bias", std::string("all")}});
        QVERIFY(largest(logitsOf(*model) - base) < 1e-5);
        for (const auto& [name, tensor] : adapter->parameters())
            if (name.ends_with(".bias"))
                tensor.detach().add_(0.1);
        const at::Tensor tuned = logitsOf(*model);
        QVERIFY(largest(tuned - base) > 0.01);
        writeAdapter(*adapter, "gpt2", path / "adapter");
        adapter.reset();
        QVERIFY(at::equal(logitsOf(*model), base));
        const auto read = attachAdapter(*model, path / "adapter");
        QVERIFY(at::equal(logitsOf(*model), tuned));
    }

    void loraPlusTrainsBFaster()
    {
        const auto model = modelOf("model/llama_gqa_bias_llama3");
        const auto adapter = attached(
            *model, {{"plusRatio", 16.0}, {"dora", true}, {"bias", std::string("lora_only")}});
        const NamedTensors parameters = adapter->parameters();
        const std::vector<Treatment> treatments = adapter->treatments();
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const std::string& name = parameters[i].first;
            const bool isA = name.ends_with("lora_A.weight");
            QCOMPARE(treatments[i].rate, isA ? 1.0 : 16.0);
            QCOMPARE(treatments[i].decays, !name.ends_with(".bias"));
        }
        QVERIFY(std::ranges::any_of(parameters,
                                    [](const auto& p) { return p.first.ends_with(".bias"); }));
    }

    void theEmbeddingHasARateOfItsOwn()
    {
        const auto model = modelOf("model/llama_plain");
        RandomStream random(7, "test");
        const SiteSelection sites {{SiteKind::Embed, {-1}}, {SiteKind::AttnQ, {0}}};
        const auto adapter = lora().attach(
            *model, sites, {{"plusRatio", 16.0}, {"plusEmbedding", 0.25}, {"dora", true}},
            {random});
        std::map<std::string, double> rates;
        for (std::size_t i = 0; i < adapter->parameters().size(); ++i)
            rates[adapter->parameters()[i].first] = adapter->treatments()[i].rate;
        const std::map<std::string, double> expected {
            {"model.embed_tokens.lora_embedding_A", 0.25},
            {"model.embed_tokens.lora_embedding_B", 0.25},
            {"model.embed_tokens.lora_magnitude_vector", 16.0}, // with PEFT's other vectors
            {"model.layers.0.self_attn.q_proj.lora_A.weight", 1.0},
            {"model.layers.0.self_attn.q_proj.lora_B.weight", 16.0},
            {"model.layers.0.self_attn.q_proj.lora_magnitude_vector", 16.0}};
        QVERIFY(rates == expected);
    }

    /// Only layers begin with a change; tables are written as they are, beside twice the rank.
    void anEmbeddingBesidePissaIsReadAgain()
    {
        const auto model = modelOf("model/llama_plain");
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        RandomStream random(7, "test");
        auto adapter =
            lora().attach(*model, {{SiteKind::Embed, {-1}}, {SiteKind::AttnQ, {0, 1}}},
                          {{"start", std::string("pissa")}, {"rank", std::int64_t {3}}}, {random});
        const at::Tensor base = logitsOf(*model);
        stir(*adapter);
        const at::Tensor tuned = logitsOf(*model);
        QVERIFY(largest(tuned - base) > 0.05);
        writeAdapter(*adapter, "plain", path / "adapter");
        adapter.reset();
        const auto read = attachAdapter(*model, path / "adapter");
        QVERIFY(largest(logitsOf(*model) - tuned) < 1e-4);
        QCOMPARE(parameter(*read, "model.embed_tokens.lora_embedding_A").size(0), 3);
        QCOMPARE(parameter(*read, "model.layers.0.self_attn.q_proj.lora_A.weight").size(0), 6);
    }

    void whatCannotSitAtTheEmbeddingIsSaid()
    {
        const SiteSelection embedding {{SiteKind::Embed, {-1}}};
        const auto tied = lora().check(tinyModel()->sites(), embedding, {});
        QCOMPARE(tied.size(), std::size_t {1});
        QCOMPARE(tied.front().field, std::string("sites.embed"));
        QVERIFY(tied.front().isWarning);
        const auto untied = modelOf("model/llama_plain");
        QVERIFY(lora().check(untied->sites(), embedding, {}).empty());
        const auto biased = lora().check(untied->sites(), embedding, {{"ownBias", true}});
        QCOMPARE(biased.size(), std::size_t {1});
        QCOMPARE(biased.front().field, std::string("settings.ownBias"));
        QVERIFY(!biased.front().isWarning);
    }

    void settingsThatDoNotFitAreSaidAtTheirField_data()
    {
        QTest::addColumn<QByteArray>("settings");
        QTest::addColumn<QString>("field");
        const auto add = [](const char* name, const char* settings, const char* field) {
            QTest::newRow(name) << QByteArray(settings) << QString::fromLatin1(field);
        };
        add("no number", R"({"rankPattern": "attn.q"})", "settings.rankPattern");
        add("half a rank", R"({"rankPattern": "attn.q=1.5"})", "settings.rankPattern");
        add("no rank", R"({"rankPattern": "attn.q=0"})", "settings.rankPattern");
        add("fits nothing", R"({"rankPattern": "attn.q=4, query=4"})", "settings.rankPattern");
        add("no expression", "{\"alphaPattern\": \"(q_proj=4\"}", "settings.alphaPattern");
        add("too wide for the layer", R"({"rankPattern": "q_proj=33"})", "settings.rankPattern");
        add("PiSSA without a scale", R"({"start": "pissa", "alpha": 0})", "settings.alpha");
        add("half of an odd rank", R"({"start": "orthogonal", "rank": 5})", "settings.rank");
        add("two that exclude each other", R"({"dora": true, "ownBias": true})",
            "settings.ownBias");
        add("no bias to train", R"({"bias": "lora_only"})", "settings.bias");
        add("all well",
            R"({"rankPattern": "attn.q = 4", "alphaPattern": ".*1.self_attn.q_proj=3"})", "");
    }

    void settingsThatDoNotFitAreSaidAtTheirField()
    {
        QFETCH(QByteArray, settings);
        QFETCH(QString, field);
        const ParamValues values =
            paramValuesFrom(parseJson(settings.toStdString(), "settings"), "settings");
        const Problems problems =
            lora().check(tinyModel()->sites(), {{SiteKind::AttnQ, {0, 1}}}, values);
        QCOMPARE(problems.size(), std::size_t {field.isEmpty() ? 0U : 1U});
        if (problems.empty())
            return;
        QCOMPARE(QString::fromStdString(problems.front().field), field);
        QVERIFY(!problems.front().hint.empty());
    }

    void theFirstPatternThatFitsCounts()
    {
        const auto model = tinyModel();
        const auto adapter = attached(
            *model, {{"rankPattern", std::string("layers.1.self_attn.q_proj=2, attn.q=4")}});
        const auto rankOf = [&](const std::string& module) {
            return parameter(*adapter, module + ".lora_A.weight").size(0);
        };
        QCOMPARE(rankOf("model.layers.0.self_attn.q_proj"), 4);
        QCOMPARE(rankOf("model.layers.1.self_attn.q_proj"), 2);
        QCOMPARE(rankOf("model.layers.1.self_attn.v_proj"), 8);
        QCOMPARE(configOf(*adapter).at("rank_pattern").dump(),
                 std::string(R"({"model.layers.0.self_attn.q_proj":4,)"
                             R"("model.layers.1.self_attn.q_proj":2})"));
    }

    void evaSpreadsTheRankAndIsWrittenWithIt()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const auto model = tinyModel();
        const at::Tensor base = logitsOf(*model);
        RandomStream random(7, "test");
        auto adapter = lora().attach(
            *model, everyLinearSite(*model),
            {{"start", std::string("eva")}, {"rank", std::int64_t {4}}},
            {random, {oneRow(at::cat({at::arange(3, 20), at::full({20}, 7, at::kLong)}))}});
        QVERIFY(largest(logitsOf(*model) - base) < 1e-5);
        std::set<std::int64_t> ranks;
        std::int64_t sum = 0;
        for (const auto& [name, tensor] : adapter->parameters())
            if (name.ends_with("lora_A.weight")) {
                ranks.insert(tensor.size(0));
                sum += tensor.size(0);
            }
        QCOMPARE(sum, 14 * 4); // seven kinds in two layers
        QVERIFY(ranks.size() > 1);
        stir(*adapter);
        const at::Tensor tuned = logitsOf(*model);
        writeAdapter(*adapter, "tiny", path / "adapter");
        adapter.reset();
        const auto read = attachAdapter(*model, path / "adapter");
        QVERIFY(at::equal(logitsOf(*model), tuned));
    }

    void withoutDataEvaBeginsAsTheDefault()
    {
        const auto one = tinyModel();
        const auto two = tinyModel();
        const auto eva = attached(*one, {{"start", std::string("eva")}})->parameters();
        const auto plain = attached(*two, {})->parameters();
        for (std::size_t i = 0; i < eva.size(); ++i)
            QVERIFY(at::equal(eva[i].second, plain[i].second));
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

QTEST_GUILESS_MAIN(TestLora)
#include "tst_lora.moc"
