// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QTest>

using namespace tw;

namespace {

const Adaptation& bitfit()
{
    return adaptations().at("bitfit");
}

SiteSelection everywhere(const Model& model)
{
    SiteSelection selection;
    for (const SiteInfo& info : model.sites())
        for (const SiteKind kind : bitfit().siteKinds)
            if (info.site.kind == kind)
                selection[kind].push_back(info.site.layer);
    return selection;
}

std::shared_ptr<Model> load(const char* folder)
{
    JobControl control;
    return loadModel(openModelSource(std::filesystem::path(TW_FIXTURES) / folder), control);
}

} // namespace

class TestBitfit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allBiasesAndNothingElseAreTrained()
    {
        const auto model = load("model/families/gpt2");
        RandomStream random(1, "test");
        std::int64_t biases = 0;
        for (const auto& [name, weight] : model->weights())
            if (name.ends_with(".bias"))
                biases += weight.numel();
        const auto adapter = bitfit().attach(*model, everywhere(*model), {}, {random});
        std::int64_t trained = 0;
        for (const auto& [name, tensor] : adapter->parameters()) {
            QVERIFY2(name.ends_with(".bias"), name.c_str());
            trained += tensor.numel();
        }
        QCOMPARE(trained, biases);
    }

    void aModelWithoutBiasesIsRefusedInWords()
    {
        const auto model = tinyModel();
        const Problems problems = bitfit().check(model->sites(), everywhere(*model), {});
        QVERIFY(blocks(problems));
        QVERIFY(problems.front().what.find("no biases") != std::string::npos);
        QVERIFY(!problems.front().hint.empty());
    }
};

QTEST_GUILESS_MAIN(TestBitfit)
#include "tst_bitfit.moc"
