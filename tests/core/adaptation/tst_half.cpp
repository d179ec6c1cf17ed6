// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/site_check.h"
#include "tests/core/adaptation/short_training.h"

#include <QTest>

#include <set>

using namespace tw;

namespace {

const Adaptation& half()
{
    return adaptations().at("half");
}

/// Blocks of a Llama with 4 hidden numbers and 8 in between.
std::vector<SiteInfo> llamaBlocks(std::int32_t layers)
{
    std::vector<SiteInfo> sites;
    for (std::int32_t layer = 0; layer < layers; ++layer) {
        for (const SiteKind kind :
             {SiteKind::AttnQ, SiteKind::AttnK, SiteKind::AttnV, SiteKind::AttnO})
            sites.push_back({{kind, layer}, {}, 4, 4, true});
        sites.push_back({{SiteKind::MlpGate, layer}, {}, 4, 8, true});
        sites.push_back({{SiteKind::MlpUp, layer}, {}, 4, 8, true});
        sites.push_back({{SiteKind::MlpDown, layer}, {}, 8, 4, true});
        sites.push_back({{SiteKind::Norm1, layer}, {}, 4, 4, false});
        sites.push_back({{SiteKind::Norm2, layer}, {}, 4, 4, false});
    }
    return sites;
}

std::set<std::string> trainedNames(const ParamValues& settings)
{
    const ShortTraining training("half", settings);
    std::set<std::string> names;
    for (const auto& [name, tensor] : training.adapter->parameters())
        names.insert(name);
    return names;
}

} // namespace

class TestHalf : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// Attention 2 x 16 in each block, MLP 32 in one and 64 in the other, norms 4 in each.
    void halfOfTwoBlocksIsExactlyHalf()
    {
        for (const std::int64_t seed : {0, 1, 2, 3})
            QCOMPARE(half().parameterCount(llamaBlocks(2), {{"seed", seed}}), std::int64_t {168});
        QCOMPARE(half().parameterCount(llamaBlocks(2), {{"ratio", 1.0}}), std::int64_t {336});
        QCOMPARE(half().parameterCount(llamaBlocks(2), {{"ratio", 0.0}}), std::int64_t {0});
        QCOMPARE(half().parameterCount(llamaBlocks(2), {{"selection", "layer"}}),
                 std::int64_t {168});
    }

    void theSeedDecidesWhichHalf()
    {
        QVERIFY(trainedNames({}) == trainedNames({}));
        QVERIFY(trainedNames({{"seed", std::int64_t {1}}}) != trainedNames({}));
    }

    void embeddingsAndHeadLieOutside()
    {
        QVERIFY(trainedNames({}).contains("model.embed_tokens.weight"));
        QVERIFY(trainedNames({}).contains("model.norm.weight"));
        QVERIFY(!trainedNames({{"ends", false}}).contains("model.embed_tokens.weight"));
    }

    void whatIsFrozenStaysBitForBit()
    {
        ShortTraining training("half", {});
        training.run(4); // with weight decay
        std::set<std::string> trained;
        for (const auto& [name, tensor] : training.adapter->parameters()) {
            trained.insert(name);
            QVERIFY2(training.hasChanged(name), name.c_str());
        }
        QVERIFY(trained.size() < training.before.size());
        for (const auto& [name, weight] : training.model->weights())
            if (!trained.contains(name))
                QVERIFY2(at::equal(weight, training.before.at(name)), name.c_str());
    }

    void allOfItIsFullFineTuning()
    {
        ShortTraining all("half", {{"ratio", 1.0}});
        ShortTraining full("full", {});
        QCOMPARE(all.run(5), full.run(5));
    }
};

QTEST_GUILESS_MAIN(TestHalf)
#include "tst_half.moc"
