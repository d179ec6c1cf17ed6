// SPDX-License-Identifier: Apache-2.0
// Fresh adapters of PEFT's methods are those that PEFT makes (tests/fixtures/adaptation/
// make_fresh.py), and PEFT opens what we write of them.

#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "core/base/json.h"
#include "tests/contract/tiny_models.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>

using namespace tw;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = fs::path(TW_FIXTURES);

const Json& cases()
{
    static const Json all = readJsonFile(kFixtures / "adaptation/fresh.json", 1U << 20U);
    return all;
}

const Json& caseOf(const std::string& name)
{
    return *std::find_if(cases().begin(), cases().end(),
                         [&](const Json& one) { return one.at("name") == name; });
}

fs::path baseOf(const Json& one)
{
    return kFixtures / one.at("base").get<std::string>();
}

ParamValues settingsOf(const Json& one)
{
    ParamValues values;
    for (const auto& [key, value] : one.at("settings").items()) {
        if (value.is_boolean())
            values[key] = value.get<bool>();
        else if (value.is_number_integer())
            values[key] = value.get<std::int64_t>();
        else if (value.is_number())
            values[key] = value.get<double>();
        else
            values[key] = value.get<std::string>();
    }
    return values;
}

/// Those of the case, or the method's own in all layers.
SiteSelection selectionOf(const Json& one, const Model& model, const Adaptation& method)
{
    SiteSelection selection;
    if (!one.at("sites").is_null()) {
        for (const auto& [kind, layers] : one.at("sites").items())
            selection[siteFrom(kind)] = layersFrom(layers.get<std::string>());
        return selection;
    }
    for (const SiteInfo& info : model.sites())
        if (std::ranges::count(method.defaultSites, info.site.kind) > 0)
            selection[info.site.kind].push_back(info.site.layer);
    return selection;
}

struct Fresh
{
    std::shared_ptr<Model> model;
    std::unique_ptr<Adapter> adapter; ///< goes before its model
    std::int64_t counted = 0;
};

Fresh freshOf(const Json& one)
{
    Fresh fresh;
    fresh.model = load({"", baseOf(one)});
    const Adaptation& method = adaptations().at(one.at("method").get<std::string>());
    const SiteSelection selection = selectionOf(one, *fresh.model, method);
    RandomStream random(3, "fresh");
    fresh.adapter = method.attach(*fresh.model, selection, settingsOf(one), {random});
    fresh.counted =
        method.parameterCount(chosenSites(fresh.model->sites(), selection), settingsOf(one));
    return fresh;
}

/// All tensors of the adapter's file, by PEFT's names.
std::map<std::string, at::Tensor> tensorsOf(const Adapter& adapter)
{
    std::map<std::string, at::Tensor> all;
    for (const auto& [name, tensor] : adapter.parameters())
        all["base_model.model." + name] = tensor.detach();
    for (const auto& [name, tensor] : adapter.frozen())
        all[name] = tensor;
    return all;
}

/// What is different from PEFT's tensor, or nothing. Drawn values follow the same rule where their
/// mean square is the same but for chance: five deviations of the difference of two samples of a
/// uniform distribution.
std::string fault(const at::Tensor& tensor, const Json& expected)
{
    if (tensor.sizes().vec() != expected.at("shape").get<std::vector<std::int64_t>>())
        return c10::str("has the shape ", tensor.sizes());
    if (!expected.at("first").is_null()) {
        const auto first = expected.at("first").get<std::vector<double>>();
        const at::Tensor own =
            tensor.flatten().narrow(0, 0, static_cast<std::int64_t>(first.size()));
        if (!at::allclose(own.to(at::kDouble), at::tensor(first, at::kDouble), 1e-6, 1e-9))
            return c10::str("starts with ", own);
    }
    const double meanSquare = expected.at("meanSquare").get<double>();
    const double ownMeanSquare = tensor.square().mean().item<double>();
    const double chance = 5 * std::sqrt(2 * 0.8 / static_cast<double>(tensor.numel()))
        * std::max(meanSquare, ownMeanSquare);
    const bool isFixed = !expected.at("first").is_null();
    if (std::abs(ownMeanSquare - meanSquare) > (isFixed ? 1e-6 * meanSquare : chance))
        return "has the mean square " + std::to_string(ownMeanSquare) + " instead of "
            + std::to_string(meanSquare);
    return {};
}

void addNames()
{
    QTest::addColumn<std::string>("name");
    for (const Json& one : cases()) {
        const auto name = one.at("name").get<std::string>();
        QTest::newRow(name.c_str()) << name;
    }
}

} // namespace

class TestFreshAdapters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFreshAdapterHasTheTensorsOfPeft_data() { addNames(); }
    void aFreshAdapterHasTheTensorsOfPeft()
    {
        QFETCH(std::string, name);
        const Json& one = caseOf(name);
        const Fresh fresh = freshOf(one);
        const auto tensors = tensorsOf(*fresh.adapter);
        for (const auto& [key, expected] : one.at("tensors").items()) {
            QVERIFY2(tensors.contains(key), key.c_str());
            const std::string what = fault(tensors.at(key), expected);
            QVERIFY2(what.empty(), (key + " " + what).c_str());
        }
        QCOMPARE(tensors.size(), one.at("tensors").size());
        QCOMPARE(fresh.counted, one.at("trained").get<std::int64_t>());
    }

    /// B = 0, lambda_b = 0 and l = 1 leave every bit where it was.
    void aFreshOneChangesNoBit_data()
    {
        QTest::addColumn<std::string>("method");
        QTest::addColumn<std::string>("base");
        for (const char* method : {"lora", "vera", "ia3"})
            for (const TinyModel& tiny : tinyModels())
                QTest::addRow("%s on %s", method, tiny.name.c_str())
                    << std::string(method) << tiny.folder.string();
    }
    void aFreshOneChangesNoBit()
    {
        QFETCH(std::string, method);
        QFETCH(std::string, base);
        const auto model = load({"", base});
        const at::NoGradGuard noGradients;
        const at::Tensor before = answer(*model);
        RandomStream random(3, "fresh");
        SiteSelection selection;
        for (const SiteInfo& info : model->sites())
            if (info.isLinear)
                selection[info.site.kind].push_back(info.site.layer);
        const auto adapter =
            adaptations().at(method).attach(*model, selection, {}, {random});
        QVERIFY(at::equal(answer(*model), before));
    }

    void theConfigIsThatOfPeft_data() { addNames(); }
    void theConfigIsThatOfPeft()
    {
        QFETCH(std::string, name);
        const Json& one = caseOf(name);
        const Fresh fresh = freshOf(one);
        const auto path = one.at("config").at("base_model_name_or_path").get<std::string>();
        Json ours = Json::parse(fresh.adapter->peftConfig(path));
        Json theirs = one.at("config");
        // Which layers they name is seen in the tensors; the same ones have several names.
        // auto_mapping names a Python class where there is no task; PEFT does without.
        for (const char* key : {"target_modules", "feedforward_modules", "auto_mapping"})
            for (Json* config : {&ours, &theirs})
                if (config->contains(key))
                    config->at(key) = nullptr;
        const std::string difference = Json::diff(theirs, ours).dump();
        QVERIFY2(ours.dump() == theirs.dump(), difference.c_str()); // the same order, too
    }

    void peftLoadsWhatWeWriteWithoutAWarning()
    {
        const QString python = qEnvironmentVariable("TW_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with torch, transformers and peft to "
                  "compare with PEFT itself.");
        const QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        QStringList arguments {QStringLiteral(TW_FIXTURES "/adaptation/check_with_peft.py")};
        for (const Json& one : cases()) {
            const auto name = one.at("name").get<std::string>();
            if (name.ends_with("blocks that do not divide")) // PEFT warns of its own as well
                continue;
            writeStirred(one, path / name);
            for (const fs::path& part :
                 {baseOf(one), path / name, path / name / "expected.safetensors"})
                arguments << QString::fromStdString(part.string());
        }
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(python, arguments);
        QVERIFY(process.waitForFinished(300000));
        const QByteArray said = process.readAll();
        QVERIFY2(process.exitCode() == 0, said.constData());
    }

private:
    /// The adapter after something like training, and what the model answers with it.
    static void writeStirred(const Json& one, const fs::path& folder)
    {
        const Fresh fresh = freshOf(one);
        for (const auto& [name, tensor] : fresh.adapter->parameters())
            tensor.detach().add_(at::linspace(-0.3, 0.2, tensor.numel()).view_as(tensor));
        writeAdapter(*fresh.adapter, baseOf(one).string(), folder);
        const at::NoGradGuard noGrad;
        NamedTensors expected {{"logits", answer(*fresh.model).contiguous()}};
        for (const auto& [name, ids] : someInputs(*fresh.model))
            expected.emplace_back(name, ids);
        writeSafetensors(folder / "expected.safetensors", expected, {});
    }
};

QTEST_GUILESS_MAIN(TestFreshAdapters)
#include "tst_fresh_adapters.moc"
