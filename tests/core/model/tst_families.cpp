// SPDX-License-Identifier: Apache-2.0
// Every family against what Transformers computes: tests/fixtures/model/families/make_families.py.

#include "core/base/error.h"
#include "core/model/registry.h"

#include <QDir>
#include <QTest>

#include <set>

using namespace tw;

namespace {

const std::filesystem::path kFixtures = TW_FIXTURES "/model/families";

std::shared_ptr<Model> load(const std::filesystem::path& path)
{
    JobControl control;
    return loadModel(openModelSource(path), control);
}

/// Tensors of the file whose names begin with prefix, without it.
Tensors part(const TensorFile& file, const std::string& prefix)
{
    Tensors found;
    for (const TensorInfo& info : file.tensors())
        if (info.name.starts_with(prefix))
            found[info.name.substr(prefix.size())] = file.read(info.name);
    return found;
}

/// Largest difference, where tokens are attended to if the tensor has one entry for each token.
double
largestDifference(const at::Tensor& found, const at::Tensor& expected, const at::Tensor& mask)
{
    at::Tensor difference = (found - expected).abs();
    if (mask.defined() && found.dim() >= 2 && found.size(0) == mask.size(0)
        && found.size(1) == mask.size(1))
        difference = difference.flatten(2 < found.dim() ? 2 : 1)
                         .view({mask.size(0), mask.size(1), -1})
                         .masked_fill(mask.eq(0).unsqueeze(-1), 0.0);
    return difference.max().item<double>();
}

/// Which tokens of an output were attended to; undefined where the inputs do not say.
at::Tensor maskOf(const std::string& output, const Tensors& inputs)
{
    const bool isOfDecoder =
        inputs.contains("decoder_attention_mask") && !output.starts_with("encoder_");
    const auto it = inputs.find(isOfDecoder ? "decoder_attention_mask" : "attention_mask");
    return it == inputs.end() ? at::Tensor() : it->second;
}

std::vector<std::int64_t> list(const at::Tensor& ids)
{
    const at::Tensor flat = ids.contiguous();
    return {flat.const_data_ptr<std::int64_t>(),
            flat.const_data_ptr<std::int64_t>() + flat.numel()};
}

std::int64_t likeliest(const Model& model, const at::Tensor& hidden)
{
    const at::NoGradGuard noGradients;
    return model.logits(hidden.narrow(0, hidden.size(0) - 1, 1)).argmax().item<std::int64_t>();
}

std::vector<QString> folders()
{
    std::vector<QString> all;
    for (const QString& name : QDir(QString::fromStdString(kFixtures.string()))
                                   .entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        all.push_back(name);
    return all;
}

} // namespace

class TestFamilies : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void outputsEqualThoseOfTransformers_data()
    {
        QTest::addColumn<QString>("folder");
        for (const QString& name : folders())
            QTest::newRow(qPrintable(name)) << name;
    }

    void outputsEqualThoseOfTransformers()
    {
        QFETCH(QString, folder);
        const auto path = kFixtures / folder.toStdString();
        const auto expected = openTensorFile(path / "expected.safetensors");
        const Tensors inputs = part(*expected, "in_");
        const Tensors found = load(path)->outputs(inputs);
        const Tensors wanted = part(*expected, "out_");
        QVERIFY(!wanted.empty());
        for (const auto& [name, tensor] : wanted) {
            QVERIFY2(found.contains(name), name.c_str());
            QCOMPARE(found.at(name).sizes().vec(), tensor.sizes().vec());
            // Float32 rounds in another way on another processor: T5's logits go up to 9.
            const double allowed = std::max(1e-4, 2e-5 * tensor.abs().max().item<double>());
            QCOMPARE_LE(largestDifference(found.at(name), tensor, maskOf(name, inputs)), allowed);
        }
    }

    void ggufFilesHoldTheSameModels_data()
    {
        QTest::addColumn<QString>("file");
        for (const QString& name : QDir(QString::fromStdString(kFixtures.string()))
                                       .entryList({QStringLiteral("*.gguf")}, QDir::Files))
            QTest::newRow(qPrintable(name)) << name;
    }

    void ggufFilesHoldTheSameModels()
    {
        QFETCH(QString, file);
        const auto folder = kFixtures / file.section(QLatin1Char('.'), 0, 0).toStdString();
        const auto expected = openTensorFile(folder / "expected.safetensors");
        const Tensors inputs = part(*expected, "in_");
        const Tensors found = load(kFixtures / file.toStdString())->outputs(inputs);
        QCOMPARE_LE(largestDifference(found.at("logits"), expected->read("out_logits"),
                                      inputs.at("attention_mask")),
                    1e-4);
    }

    void greedySearchFindsTheSameTokens_data() { outputsEqualThoseOfTransformers_data(); }

    void greedySearchFindsTheSameTokens()
    {
        QFETCH(QString, folder);
        const auto path = kFixtures / folder.toStdString();
        const auto expected = openTensorFile(path / "expected.safetensors");
        if (expected->find("generated") == nullptr)
            QSKIP("It does not continue text.");
        const auto model = load(path);
        const Continuation text = model->continuing(list(expected->read("prompt")), 4);
        at::Tensor hidden = model->hiddenCached(text.first, *text.cache);
        std::vector<std::int64_t> answer {likeliest(*model, hidden)};
        while (answer.size() < 24) {
            hidden = model->hiddenCached({answer.back()}, *text.cache);
            answer.push_back(likeliest(*model, hidden));
        }
        QCOMPARE(answer, list(expected->read("generated")));
    }

    void gradientsReachTheFirstLayer_data() { outputsEqualThoseOfTransformers_data(); }

    /// The slope of a weighted sum of hidden states along the gradient, against finite differences.
    void gradientsReachTheFirstLayer()
    {
        QFETCH(QString, folder);
        const auto model = load(kFixtures / folder.toStdString());
        if (model->config().task != ModelTask::CausalLm)
            QSKIP("It does not continue text.");
        const auto& sites = model->sites();
        const auto site = std::find_if(sites.begin(), sites.end(),
                                       [](const SiteInfo& info) { return info.isLinear; });
        Linear& first = model->linear(site->site);
        at::manual_seed(5);
        const at::Tensor ids = at::randint(3, 70, {21}, at::kLong);
        const PackedInput input {ids, at::cat({at::arange(9), at::arange(12)}), {0, 9, 21}};
        const at::Tensor weights = at::randn({21, model->head().weight.size(1)});
        const auto loss = [&] { return (model->hidden(input) * weights).sum(); };
        const at::Tensor start = first.weight.clone();
        first.weight = start.clone().requires_grad_(true);
        loss().backward();
        const at::Tensor gradient = first.weight.grad();
        const double slope = gradient.norm().item<double>();
        QVERIFY(slope > 0.0);
        const at::Tensor direction = gradient / slope;
        const double step = 2e-3;
        const at::NoGradGuard noGradients;
        first.weight = start + direction * step;
        const double above = loss().item<double>();
        first.weight = start - direction * step;
        const double below = loss().item<double>();
        QCOMPARE_LE(std::abs((above - below) / (2 * step) / slope - 1.0), 0.05);
    }

    void everyFamilyIsProven()
    {
        std::set<std::string> proven {"llama", "qwen"}; // also in tst_model
        for (const QString& name : folders())
            proven.insert(openModelSource(kFixtures / name.toStdString()).config.family);
        for (const auto& family : modelFamilies().all())
            QVERIFY2(proven.contains(family->id), family->id.c_str());
    }
};

QTEST_APPLESS_MAIN(TestFamilies)
#include "tst_families.moc"
