// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/base/json.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/adaptation/peft_check.h"
#include "tests/core/train/lora_run.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace tw;

namespace {

const Adaptation& pTuning()
{
    return adaptations().at("p_tuning");
}

const SiteSelection kPrompt {{SiteKind::Prompt, {-1}}};

std::unique_ptr<Adapter> fresh(Model& model, const std::string& encoder)
{
    RandomStream random(7, "test");
    return pTuning().attach(
        model, kPrompt,
        {{"virtualTokens", std::int64_t {3}}, {"width", std::int64_t {8}}, {"encoder", encoder}},
        {random});
}

std::map<std::string, at::Tensor> byName(const Adapter& adapter)
{
    std::map<std::string, at::Tensor> all;
    for (const auto& [name, tensor] : adapter.parameters())
        all[name.substr(std::string("prompt_encoder.").size())] = tensor.detach();
    return all;
}

/// One direction of an LSTM's layer, step by step as Hochreiter and Schmidhuber 1997 with the gates
/// of Gers et al. 2000: x [steps, in] -> [steps, hidden].
at::Tensor lstmByHand(std::map<std::string, at::Tensor>& own, const std::string& of, at::Tensor x)
{
    const bool isBackward = of.ends_with("_reverse");
    const std::int64_t hidden = own.at("lstm_head.weight_hh" + of).size(1);
    at::Tensor h = at::zeros({hidden});
    at::Tensor c = at::zeros({hidden});
    std::vector<at::Tensor> states;
    if (isBackward)
        x = x.flip(0);
    for (std::int64_t step = 0; step < x.size(0); ++step) {
        const at::Tensor gates = own.at("lstm_head.weight_ih" + of).mv(x[step])
            + own.at("lstm_head.bias_ih" + of) + own.at("lstm_head.weight_hh" + of).mv(h)
            + own.at("lstm_head.bias_hh" + of);
        const auto parts = gates.chunk(4); // input, forget, cell, output
        c = at::sigmoid(parts[1]) * c + at::sigmoid(parts[0]) * at::tanh(parts[2]);
        h = at::sigmoid(parts[3]) * at::tanh(c);
        states.push_back(h);
    }
    const at::Tensor all = at::stack(states);
    return isBackward ? all.flip(0) : all;
}

at::Tensor linearByHand(std::map<std::string, at::Tensor>& own, const char* layer, at::Tensor x)
{
    const std::string name = std::string("mlp_head.") + layer;
    return x.matmul(own.at(name + ".weight").t()) + own.at(name + ".bias");
}

/// Losses of the steps up to the sixth, with a checkpoint after each third; goes on where the
/// folder has one.
std::vector<double> lossesOfSixSteps(const std::string& encoder,
                                     const std::filesystem::path& folder)
{
    LoraRun run;
    run.adapter.reset(); // another method in its place
    run.adapter = fresh(*run.model, encoder);
    run.optimizer =
        optimizers().at("adamw").make(run.adapter->parameters(), {{"learningRate", 1e-2}});
    TrainingPlan plan;
    plan.steps = 6;
    plan.checkpointEvery = 3;
    plan.folder = folder;
    std::vector<double> losses;
    TrainingEvents events;
    events.stepped = [&](const StepReport& report) { losses.push_back(report.loss); };
    JobControl control;
    train(run.parts(), plan, events, control);
    return losses;
}

} // namespace

class TestPTuning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void threeLayersMakeTheTokens()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, "mlp");
        auto own = byName(*adapter);
        at::Tensor y = at::relu(linearByHand(own, "0", own.at("embedding.weight")));
        y = linearByHand(own, "4", at::relu(linearByHand(own, "2", y)));
        QVERIFY(at::allclose(adapter->written().front().second, y, 1e-5, 1e-6));
    }

    void theLstmReadsInBothDirections()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, "lstm");
        auto own = byName(*adapter);
        at::Tensor x = own.at("embedding.weight");
        for (const std::string layer : {"_l0", "_l1"})
            x = at::cat({lstmByHand(own, layer, x), lstmByHand(own, layer + "_reverse", x)}, 1);
        const at::Tensor y = linearByHand(own, "2", at::relu(linearByHand(own, "0", x)));
        QVERIFY(at::allclose(adapter->written().front().second, y, 1e-4, 1e-5));
    }

    void firstValuesAreThoseOfPytorch()
    {
        const auto model = load(tinyModels().at(0)); // 32 wide
        for (const auto& [name, tensor] : byName(*fresh(*model, "lstm"))) {
            if (name == "embedding.weight")
                continue;
            const double inputs = name.starts_with("lstm_head") ? 8 : 16;
            QVERIFY2(tensor.abs().max().item<double>() <= 1 / std::sqrt(inputs), name.c_str());
            QVERIFY2(tensor.abs().max().item<double>() > 0.5 / std::sqrt(inputs), name.c_str());
        }
    }

    void whatTheNetworkMadeGivesTheSameAnswersWithoutIt_data()
    {
        QTest::addColumn<std::string>("encoder");
        QTest::newRow("MLP") << std::string("mlp");
        QTest::newRow("LSTM") << std::string("lstm");
    }

    void whatTheNetworkMadeGivesTheSameAnswersWithoutIt()
    {
        QFETCH(std::string, encoder);
        const QTemporaryDir folder;
        const auto path = std::filesystem::path(folder.path().toStdString()) / "adapter";
        const auto model = load(tinyModels().at(0));
        auto adapter = fresh(*model, encoder);
        const at::NoGradGuard noGradients;
        const at::Tensor trained = answer(*model);
        writeAdapter(*adapter, "base", path);
        adapter.reset();
        const auto read = attachAdapter(*model, path);
        QVERIFY(at::allclose(answer(*model), trained, 1e-5, 1e-6));
    }

    void aRunThatStoppedGoesOnBitForBit_data()
    {
        QTest::addColumn<std::string>("encoder");
        QTest::newRow("MLP") << std::string("mlp");
        QTest::newRow("LSTM") << std::string("lstm");
    }

    void aRunThatStoppedGoesOnBitForBit()
    {
        QFETCH(std::string, encoder);
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const std::vector<double> whole = lossesOfSixSteps(encoder, path);
        QCOMPARE(whole.size(), std::size_t {6});
        std::filesystem::remove_all(path / "step-6");
        const std::vector<double> rest = lossesOfSixSteps(encoder, path);
        QCOMPARE(rest, std::vector<double>(whole.begin() + 3, whole.end()));
    }

    void peftOpensIt()
    {
        if (referencePython().isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with torch, transformers and peft.");
        for (const std::size_t which : {0U, 1U}) { // Llama, GPT-2
            const auto model = load(tinyModels().at(which));
            for (const char* encoder : {"mlp", "lstm"}) {
                const auto adapter = fresh(*model, encoder);
                const QString said = peftSaysAgainst(*adapter, tinyModels().at(which), *model);
                QVERIFY2(said.isEmpty(), qPrintable(said));
            }
        }
    }

    void theFileIsOneOfPeft()
    {
        const auto model = load(tinyModels().at(0));
        Json ours = parseJson(fresh(*model, "mlp")->peftConfig(""), "ours");
        const Json theirs =
            readJsonFile(TW_FIXTURES "/adaptation/p_tuning/adapter_config.json", 1U << 20U);
        for (const auto& [key, value] : theirs.items())
            QVERIFY2(ours.contains(key), key.c_str());
        QCOMPARE(ours.size(), theirs.size());
        QCOMPARE(ours.at("encoder_hidden_size").get<int>(), 8);
        QCOMPARE(ours.at("token_dim").get<int>(), 32);
        ours = parseJson(fresh(*model, "lstm")->peftConfig(""), "ours");
        QCOMPARE(ours.at("encoder_reparameterization_type").get<std::string>(),
                 std::string("LSTM"));
    }
};

QTEST_GUILESS_MAIN(TestPTuning)
#include "tst_p_tuning.moc"
