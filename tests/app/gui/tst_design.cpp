// SPDX-License-Identifier: Apache-2.0
// What the designer does to a document: methods that come, move, share and go, with a model and
// methods made up for it.
#include "app/gui/pages/tune/design.h"
#include "app/gui/pages/tune/design_problems.h"
#include "app/gui/pages/tune/design_view.h"
#include "app/gui/pages/tune/presets.h"

#include <QtTest>

#include <numeric>

using namespace tw;

namespace {

constexpr int kLayers = 12;

std::vector<std::int32_t> all()
{
    std::vector<std::int32_t> layers(kLayers);
    std::iota(layers.begin(), layers.end(), 0);
    return layers;
}

/// Every fourth layer has no attention, as in hybrid models.
ModelSummary hybrid()
{
    std::vector<std::int32_t> attention = all();
    std::erase_if(attention, [](std::int32_t layer) { return layer % 4 == 3; });
    ModelSummary model;
    model.layers = kLayers;
    model.sites = {{"embed", 100, 8, false, true, false, {-1}},
                   {"norm1", 8, 8, false, true, false, all()},
                   {"attn.q", 8, 8, true, true, false, attention},
                   {"attn.v", 8, 4, true, true, false, attention},
                   {"mlp.up", 8, 32, true, true, false, all()},
                   {"mlp.out", 8, 8, false, false, false, all()},
                   {"final.norm", 8, 8, false, true, false, {-1}},
                   {"prompt", 8, 96, false, false, false, {-1}}};
    return model;
}

PluginInfo method(const char* id, std::vector<std::string> sites, std::vector<std::string> usual)
{
    PluginInfo info;
    info.kind = "adaptation";
    info.id = info.title = id;
    info.sites = std::move(sites);
    info.defaultSites = std::move(usual);
    return info;
}

std::vector<PluginInfo> methods()
{
    const std::vector<std::string> linear {"attn.q", "attn.v", "mlp.up"};
    std::vector<PluginInfo> all {method("lora", linear, {"attn.q", "attn.v"}),
                                 method("full", {"embed", "norm1", "attn.q", "attn.v", "mlp.up"},
                                        {"attn.q", "attn.v", "mlp.up"}),
                                 method("half", linear, linear),
                                 method("prompt_tuning", {"prompt"}, {"prompt"}),
                                 method("prefix_tuning", {"prompt"}, {"prompt"}),
                                 method("parallel_adapter", {"mlp.out"}, {"mlp.out"})};
    all[1].takesWeights = all[2].takesWeights = true;
    ParamSpec tokens;
    tokens.id = "virtualTokens";
    tokens.type = ParamType::Integer;
    tokens.defaultValue = std::int64_t {20};
    all[3].params = {tokens};
    return all;
}

Design design()
{
    return {hybrid(), methods()};
}

int rowOf(const Design& design, const char* site)
{
    for (int row = 0; row < static_cast<int>(design.rows().size()); ++row) {
        if (design.rows()[static_cast<std::size_t>(row)].site == site)
            return row;
    }
    return -1;
}

Experiment with(std::vector<AdaptationChoice> adaptations)
{
    Experiment experiment;
    experiment.adaptations = std::move(adaptations);
    return experiment;
}

} // namespace

class TestDesign : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKindOfSiteHasARow()
    {
        const Design d = design();
        QCOMPARE(d.layers(), kLayers);
        QCOMPARE(d.rows().size(), std::size_t {8});
        QVERIFY(rowOf(d, "attn.q") < rowOf(d, "norm1")); // matrices first, as drawn
        QCOMPARE(rowOf(d, "prompt"), 7);
        QVERIFY(d.rows()[7].isWhole);
        const std::vector<bool>& has = d.rows()[std::size_t(rowOf(d, "attn.q"))].exists;
        QVERIFY(has[2] && !has[3]);
    }

    void withoutSitesOfItsOwnAMethodHasTheUsualOnes()
    {
        const Design d = design();
        QCOMPARE(countOf(d.placesOf({"lora", {}, {}})), 2 * 9); // nine layers have attention
        QCOMPARE(d.placesOf({"lora", {}, {}}), d.usual("lora"));
    }

    void theLastPlaceIsGivenUpWithoutFallingBackToTheUsualOnes()
    {
        const Design d = design();
        Experiment e = with({{"lora", {{"attn.q", "0"}}, {}}});
        d.detach(e, 0, {{rowOf(d, "attn.q"), 0}});
        QCOMPARE(e.adaptations.size(), std::size_t {1});
        QVERIFY(!isAnywhere(d.placesOf(e.adaptations[0])));
    }

    void aNewMethodMovesAnotherWhereBothReplaceTheWeight()
    {
        const Design d = design();
        Experiment e = with({{"full", {{"attn.q", "0-2"}, {"mlp.up", "0-3"}}, {}}});
        const int at = d.attach(e, {"half", -1}, {{rowOf(d, "attn.q"), 1}});
        QCOMPARE(at, 1);
        QCOMPARE(e.adaptations[1].sites, (std::map<std::string, std::string> {{"attn.q", "1"}}));
        QCOMPARE(e.adaptations[0].sites.at("attn.q"), std::string("0,2"));
        QCOMPARE(e.adaptations[0].sites.at("mlp.up"), std::string("0-3"));
    }

    void aNewMethodLiesOverAnotherWhereOnlyOneReplacesTheWeight()
    {
        const Design d = design();
        Experiment e = with({{"full", {{"attn.q", "0-2"}}, {}}});
        d.attach(e, {"lora", -1}, {{rowOf(d, "attn.q"), 1}});
        QCOMPARE(e.adaptations[0].sites.at("attn.q"), std::string("0-2"));
        QCOMPARE(e.adaptations[1].sites.at("attn.q"), std::string("1"));
    }

    void aMethodWithoutAPlaceGoesAndTheNumbersFollow()
    {
        const Design d = design();
        Experiment e = with({{"lora", {{"attn.q", "0"}}, {}}, {"lora", {{"mlp.up", "0-11"}}, {}}});
        const int at = d.attach(e, {"lora", 1}, {{rowOf(d, "attn.q"), 0}});
        QCOMPARE(e.adaptations.size(), std::size_t {1});
        QCOMPARE(at, 0);
        QCOMPARE(e.adaptations[0].sites.at("attn.q"), std::string("0"));
    }

    void onlyOneStandsBeforeTheText()
    {
        const Design d = design();
        Experiment e = with({{"prompt_tuning", {{"prompt", "-1"}}, {}}});
        d.attach(e, {"prefix_tuning", -1}, {{rowOf(d, "prompt"), 0}});
        QCOMPARE(e.adaptations.size(), std::size_t {1});
        QCOMPARE(e.adaptations[0].method, std::string("prefix_tuning"));
        QCOMPARE(e.adaptations[0].sites.at("prompt"), std::string("-1"));
    }

    void aPresetIsOfferedWhereItsMethodsAreAndFit()
    {
        const auto titles = [](const Design& d) {
            QStringList names;
            for (const Preset& preset : presetsFor(d))
                names << preset.title;
            return names;
        };
        QCOMPARE(titles(design()),
                 (QStringList {QStringLiteral("LoRA q, v"), QStringLiteral("LoRA all linear"),
                               QStringLiteral("Last 10 blocks"), QStringLiteral("MAM"),
                               QStringLiteral("Half"), QStringLiteral("Full")}));
        const Design onlyLora(hybrid(), {methods().front()});
        QVERIFY(!titles(onlyLora).contains(QStringLiteral("MAM")));
        QVERIFY(titles({}).isEmpty());
    }

    void mamIsAPrefixAndAnAdapterBesideEachMlp()
    {
        const Design d = design();
        const std::vector<Preset> presets = presetsFor(d);
        const auto mam = std::find_if(presets.begin(), presets.end(), [](const Preset& preset) {
            return preset.title == QLatin1String("MAM");
        });
        const std::vector<AdaptationChoice> choices = choicesOf(*mam, d, {});
        QCOMPARE(choices.size(), std::size_t {2});
        QCOMPARE(choices[0].sites, (std::map<std::string, std::string> {{"prompt", "-1"}}));
        QCOMPARE(choices[1].sites, (std::map<std::string, std::string> {{"mlp.out", "0-11"}}));
        QVERIFY(isSameDesign(choices, choicesOf(*mam, d, choices), d));
    }

    void aPresetKeepsTheSettingsOfItsMethod()
    {
        const Design d = design();
        const std::vector<AdaptationChoice> now {{"lora", {}, {{"rank", std::int64_t {32}}}}};
        const std::vector<AdaptationChoice> choices = choicesOf(presetsFor(d)[1], d, now);
        QCOMPARE(choices[0].settings, now[0].settings);
        QCOMPARE(countOf(d.placesOf(choices[0])), 2 * 9 + 12);
    }

    void problemsAreFoundAtTheirPlaces()
    {
        const std::vector<DesignProblem> found =
            designProblems({{"adaptations[1].sites.attn.q", "taken.", "Move it.", false},
                            {"adaptations[0].settings.rank", "too large.", "", true},
                            {"adaptations", "none.", "", false},
                            {"steps", "0", "", false},
                            {"adaptations[", "cut", "", false}});
        QCOMPARE(found.size(), std::size_t {4});
        QCOMPARE(found[0].adaptation, 1);
        QCOMPARE(found[0].site, std::string("attn.q"));
        QCOMPARE(found[0].words, QStringLiteral("taken. Move it."));
        QCOMPARE(found[1].setting, std::string("rank"));
        QVERIFY(found[1].isWarning);
        QCOMPARE(found[2].adaptation, -1);
        QCOMPARE(sitesWith(found), std::set<std::string> {"attn.q"});
    }

    void theGridSaysWhoSitsWhereAndWhatIsWrong()
    {
        const Design d = design();
        const Experiment e =
            with({{"lora", {{"attn.q", "0-1"}}, {}}, {"prompt_tuning", {{"prompt", "-1"}}, {}}});
        const SiteGridValue grid = gridValue(
            d, e, {"lora", 0}, designProblems({{"adaptations[0].sites.attn.q", "x", "", false}}));
        const SiteGridRow& q = grid.rows[std::size_t(rowOf(d, "attn.q"))];
        QCOMPARE(q.owners[1], ownerBit(0));
        QCOMPARE(q.owners[2], OwnerSet {0});
        QVERIFY(q.hasProblem);
        const SiteGridRow& prompt = grid.rows[std::size_t(rowOf(d, "prompt"))];
        QCOMPARE(prompt.words, QStringLiteral("20 token(s)")); // no translation is loaded
        QVERIFY(!prompt.isAllowed); // LoRA is in hand; a click takes the tokens in hand
        QVERIFY(grid.owners[0].line != grid.owners[1].line);
        QVERIFY(grid.owners[0].letter != grid.owners[1].letter);
        const BlockValue block = blockValue(grid, 3, {true, false});
        QVERIFY(!block.sites.contains(QStringLiteral("attn.q"))); // this block has no attention
        QVERIFY(block.sites.contains(QStringLiteral("mlp.up")));
        QVERIFY(block.normsFollowSums);
        QCOMPARE(block.prompt, prompt.words);
    }

    void emptyRoomForTokensTakesTheFirstMethodThatMakesSome()
    {
        const Design d = design();
        const Experiment e = with({{"lora", {}, {}}});
        const SiteGridValue grid = gridValue(d, e, {"lora", 0}, {});
        const auto row = std::size_t(rowOf(d, "prompt"));
        QVERIFY(grid.rows[row].isAllowed);
        QCOMPARE(d.firstFor(d.rows()[row]), std::string("prompt_tuning"));
    }

    void aDesignIsSaidInWords()
    {
        const Design d = design();
        QCOMPARE(designInWords(d, with({{"lora", {{"attn.q", "0-1"}}, {}}, {"half", {}, {}}})),
                 QStringLiteral("lora on attn.q and half on all linear layers"));
    }
};

QTEST_GUILESS_MAIN(TestDesign)
#include "tst_design.moc"
