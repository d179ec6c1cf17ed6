// SPDX-License-Identifier: Apache-2.0
#include "tests/core/adaptation/short_training.h"

#include <QTest>

using namespace tw;

namespace {

Problems problemsOf(const Model& model, const ParamValues& settings)
{
    const Adaptation& freeze = adaptations().at("freeze");
    SiteSelection selection;
    for (const SiteInfo& info : model.sites())
        for (const SiteKind kind : freeze.defaultSites)
            if (info.site.kind == kind)
                selection[kind].push_back(info.site.layer);
    return freeze.check(model.sites(), selection, settings);
}

} // namespace

class TestFreeze : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsFrozenStaysBitForBitAndGetsNoGradient()
    {
        ShortTraining training("freeze", {{"bottom", std::int64_t {1}}});
        training.run(4);
        QVERIFY(!training.hasChanged("model.layers.0.self_attn.q_proj.weight"));
        QVERIFY(!training.hasChanged("model.embed_tokens.weight"));
        QVERIFY(training.hasChanged("model.layers.1.self_attn.q_proj.weight"));
        QVERIFY(training.hasChanged("model.layers.1.input_layernorm.weight"));
        QVERIFY(training.hasChanged("model.norm.weight"));
        for (const auto& [name, weight] : training.model->weights())
            if (!training.hasChanged(name)) {
                QVERIFY2(at::equal(weight.detach(), training.before.at(name)), name.c_str());
                QVERIFY2(!weight.grad().defined(), name.c_str());
            }
    }

    void theTopOrEverySecondBlockCanBeFrozen()
    {
        ShortTraining top("freeze", {{"bottom", std::int64_t {0}}, {"top", std::int64_t {1}}});
        top.run(2);
        QVERIFY(top.hasChanged("model.layers.0.mlp.up_proj.weight"));
        QVERIFY(!top.hasChanged("model.layers.1.mlp.up_proj.weight"));
        ShortTraining odd("freeze", {{"bottom", std::int64_t {0}}, {"pattern", "odd"}});
        odd.run(2);
        QVERIFY(!odd.hasChanged("model.layers.0.mlp.up_proj.weight"));
        QVERIFY(odd.hasChanged("model.layers.1.mlp.up_proj.weight"));
    }

    void nothingFrozenIsFullFineTuning()
    {
        ShortTraining none("freeze", {{"bottom", std::int64_t {0}}, {"embeddings", false}});
        ShortTraining full("full", {});
        QCOMPARE(none.run(5), full.run(5));
    }

    void topBlocksCanBeginAnew()
    {
        ShortTraining training("freeze",
                               {{"bottom", std::int64_t {1}}, {"reinitTop", std::int64_t {1}}});
        for (const auto& [name, tensor] : training.adapter->parameters()) {
            if (!QString::fromStdString(name).contains(QLatin1String("layers.1.")))
                continue;
            if (tensor.dim() == 2)
                QVERIFY2(std::abs(tensor.std().item<double>() - 0.02) < 0.002, name.c_str());
            else
                QVERIFY2(at::equal(tensor, at::ones_like(tensor)), name.c_str());
        }
        QVERIFY(at::equal(training.model->linear({SiteKind::AttnQ, 0}).weight,
                          training.before.at("model.layers.0.self_attn.q_proj.weight")));
    }

    void impossibleSettingsAreTold()
    {
        const auto model = tinyModel(); // of two blocks
        QVERIFY(problemsOf(*model, {}).empty());
        const Problems all = problemsOf(*model, {{"bottom", std::int64_t {2}}});
        QCOMPARE(all.size(), std::size_t {1});
        QCOMPARE(all.front().field, std::string("settings.bottom"));
        const Problems fresh =
            problemsOf(*model, {{"bottom", std::int64_t {1}}, {"reinitTop", std::int64_t {2}}});
        QCOMPARE(fresh.size(), std::size_t {1});
        QCOMPARE(fresh.front().field, std::string("settings.reinitTop"));
    }
};

QTEST_GUILESS_MAIN(TestFreeze)
#include "tst_freeze.moc"
