// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/layer_rates.h"
#include "core/adaptation/merge.h"
#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/adaptation/short_training.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace tw;

namespace {

std::vector<SiteInfo> sitesOfLayers(std::int32_t layers)
{
    std::vector<SiteInfo> sites {{{SiteKind::Embed, -1}, "embed", 40, 8}};
    for (std::int32_t layer = 0; layer < layers; ++layer)
        sites.push_back({{SiteKind::AttnQ, layer}, "q", 8, 8, true});
    return sites;
}

} // namespace

class TestFull : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyWeightIsTrainedAndCounted()
    {
        ShortTraining training("full", {});
        std::int64_t all = 0;
        for (const auto& [name, weight] : training.before)
            all += weight.numel();
        std::int64_t trained = 0;
        for (const auto& [name, tensor] : training.adapter->parameters())
            trained += tensor.numel();
        QCOMPARE(trained, all);
        const double first = training.loss();
        training.run(12, 1e-3);
        QVERIFY(training.loss() < first);
        for (const auto& [name, tensor] : training.adapter->parameters())
            QVERIFY2(training.hasChanged(name), name.c_str());
    }

    void aHeadThatRestoresTokensIsTrainedToo_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"bert_masked", "roberta_masked", "mpnet_masked",
                                 "distilbert_masked", "deberta_v3_masked", "electra_generator"})
            QTest::newRow(name) << name;
    }
    void aHeadThatRestoresTokensIsTrainedToo()
    {
        QFETCH(QString, name);
        const auto model = load({"", TW_FIXTURES "/model/families/" + name.toStdString()});
        const Adaptation& full = adaptations().at("full");
        SiteSelection selection;
        for (const SiteInfo& info : model->sites())
            if (std::ranges::find(full.defaultSites, info.site.kind) != full.defaultSites.end())
                selection[info.site.kind].push_back(info.site.layer);
        RandomStream random(1, "test");
        const auto adapter = full.attach(*model, selection, {}, {random});
        std::set<std::string> left;
        for (const auto& [tensor, value] : model->weights())
            left.insert(tensor);
        std::int64_t count = 0;
        for (const auto& [tensor, value] : adapter->parameters()) {
            left.erase(tensor);
            count += value.numel();
        }
        QVERIFY2(left.empty(), left.empty() ? "" : left.begin()->c_str());
        QCOMPARE(full.parameterCount(chosenSites(model->sites(), selection), {}), count);
        answer(*model).square().sum().backward();
        for (const auto& [tensor, value] : adapter->parameters())
            QVERIFY2(value.grad().defined() || tensor.find("token_type") != std::string::npos,
                     tensor.c_str());
    }

    void aTiedHeadStaysTied()
    {
        ShortTraining training("full", {});
        QVERIFY(training.model->config().tiesHead);
        training.run(3);
        QVERIFY(training.hasChanged("model.embed_tokens.weight"));
        QVERIFY(training.model->embedding().weight.is_same(
            training.model->linear({SiteKind::Head, -1}).weight));
        for (const auto& [name, tensor] : mergedWeights(*training.model))
            QVERIFY2(name != "lm_head.weight", "the merged model has a head of its own");
    }

    void theBaseIsWhatItWasOnceTheAdapterIsGone()
    {
        ShortTraining training("full", {});
        training.run(2);
        training.adapter.reset();
        for (const auto& [name, weight] : training.model->weights()) {
            QVERIFY2(at::equal(weight, training.before.at(name)), name.c_str());
            QVERIFY(!weight.requires_grad());
        }
    }

    /// Of 12 blocks with a factor of 0.9: both published conventions.
    void ratesFallTowardsTheInput()
    {
        const auto sites = sitesOfLayers(12);
        const auto rate = [&](const char* convention, Site site) {
            return rateAt({0.9, convention}, site, sites);
        };
        const auto isNear = [](double a, double b) { return std::abs(a - b) < 1e-5; };
        QVERIFY(isNear(rate("electra", {SiteKind::AttnQ, 11}), 0.81));
        QVERIFY(isNear(rate("electra", {SiteKind::AttnQ, 0}), 0.25419));
        QVERIFY(isNear(rate("electra", {SiteKind::Embed, -1}), 0.22877));
        QVERIFY(isNear(rate("revisit", {SiteKind::AttnQ, 11}), 0.9));
        QVERIFY(isNear(rate("revisit", {SiteKind::AttnQ, 0}), 0.28243));
        QVERIFY(isNear(rate("revisit", {SiteKind::Embed, -1}), 0.25419));
        QCOMPARE(rate("revisit", {SiteKind::Head, -1}), 1.0);
    }

    void aFactorOfOneIsThePlainRunBitForBit()
    {
        ShortTraining plain("full", {});
        ShortTraining same("full", {{"layerDecay", 1.0}, {"layerDecayFrom", "electra"}});
        QCOMPARE(plain.run(5), same.run(5));
        ShortTraining slower("full", {{"layerDecay", 0.5}});
        QVERIFY(plain.run(5) != slower.run(5));
    }
};

QTEST_GUILESS_MAIN(TestFull)
#include "tst_full.moc"
