// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/peft_config.h"

#include <QTest>

using namespace tw;

namespace {

std::vector<SiteInfo> someSites()
{
    std::vector<SiteInfo> sites;
    for (std::int32_t layer = 0; layer < 3; ++layer) {
        const std::string block = "model.layers." + std::to_string(layer);
        sites.push_back({{SiteKind::Norm1, layer}, block + ".input_layernorm", 0, 8, false});
        sites.push_back({{SiteKind::AttnQ, layer}, block + ".self_attn.q_proj", 8, 8, true});
        sites.push_back({{SiteKind::MlpUp, layer}, block + ".mlp.up_proj", 8, 16, true});
    }
    sites.push_back({{SiteKind::Head, -1}, "lm_head", 8, 96, true});
    return sites;
}

/// "q0 u2": the kinds and layers that config targets.
QString targeted(const char* config)
{
    QStringList found;
    for (const auto& info : targetedSites(parsePeftConfig(config), someSites()))
        found << QLatin1String(info.site.kind == SiteKind::AttnQ ? "q" : "u")
                + QString::number(info.site.layer);
    return found.join(QLatin1Char(' '));
}

QString refusal(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

} // namespace

class TestPeftConfig : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void modulesAreTargetedByTheRulesOfPeft_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* config, const char* expected) {
            QTest::newRow(name) << QByteArray(config) << QString::fromLatin1(expected);
        };
        row("last part of the name", R"({"target_modules": ["q_proj"]})", "q0 q1 q2");
        row("part of a last part is no match", R"({"target_modules": ["proj", "up_proj"]})",
            "u0 u1 u2");
        row("whole name", R"({"target_modules": ["model.layers.1.mlp.up_proj"]})", "u1");
        row("all-linear leaves the head alone", R"({"target_modules": "all-linear"})",
            "q0 u0 q1 u1 q2 u2");
        row("a pattern has to match the whole name",
            R"({"target_modules": ".*(0|2)\\.self_attn\\.q_proj"})", "q0 q2");
        row("the longer alternative counts",
            R"({"target_modules": ".*\\.q_proj|.*\\.1\\.mlp\\.up|.*\\.1\\.mlp\\.up_proj"})",
            "q0 q1 u1 q2");
        row("excluded", R"({"target_modules": "all-linear", "exclude_modules": ["up_proj"]})",
            "q0 q1 q2");
        row("excluded by pattern",
            R"({"target_modules": ["q_proj"], "exclude_modules": ".*\\.1\\..*"})", "q0 q2");
        row("one layer", R"({"target_modules": ["q_proj"], "layers_to_transform": 2})", "q2");
        row("some layers",
            R"({"target_modules": ["q_proj", "up_proj"], "layers_to_transform": [0, 2], "layers_pattern": "layers"})",
            "q0 u0 q2 u2");
        row("a module that is spelled out is in whatever layer it is",
            R"({"target_modules": ["model.layers.0.mlp.up_proj", "q_proj"], "layers_to_transform": 1})",
            "u0 q1");
        row("the layer behind one of several patterns",
            R"({"target_modules": ["q_proj"], "layers_to_transform": [1], "layers_pattern": ["h", "layers"]})",
            "q1");
        row("nothing within a module that is saved whole",
            R"({"target_modules": "all-linear", "modules_to_save": ["mlp", "layers.1"]})", "q0 q2");
        row("no layers given means all",
            R"({"target_modules": ["q_proj"], "layers_to_transform": []})", "q0 q1 q2");
    }

    void modulesAreTargetedByTheRulesOfPeft()
    {
        QFETCH(QByteArray, config);
        QFETCH(QString, expected);
        QCOMPARE(targeted(config.constData()), expected);
    }

    void whatCannotBeAttachedIsRefused_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing here")
            << QByteArray(R"({"target_modules": ["c_attn"]})") << QStringLiteral("names no module");
        QTest::newRow("the head") << QByteArray(R"({"target_modules": ["lm_head"]})")
                                  << QStringLiteral("lm_head");
        QTest::newRow("a norm") << QByteArray(R"({"target_modules": ["input_layernorm"]})")
                                << QStringLiteral("input_layernorm");
        QTest::newRow("no targets")
            << QByteArray("{}") << QStringLiteral("target_modules has to be");
        QTest::newRow("a number") << QByteArray(R"({"target_modules": [3]})")
                                  << QStringLiteral("target_modules has to be");
        QTest::newRow("no pattern") << QByteArray(R"({"target_modules": "*q_proj"})")
                                    << QStringLiteral("*q_proj is not valid");
        QTest::newRow("a list") << QByteArray("[]") << QStringLiteral("does not hold an object");
        QTest::newRow("a pattern made to run for hours")
            << QByteArray(R"({"target_modules": "(((((.*)*)*)*)*)*!"})")
            << QStringLiteral("in reasonable time");
    }

    void whatCannotBeAttachedIsRefused()
    {
        QFETCH(QByteArray, config);
        QFETCH(QString, says);
        const QString said = refusal([&] { targeted(config.constData()); });
        QVERIFY2(said.contains(says), qPrintable(said));
    }

    void settingsThatChangeTheArithmeticAreRefusedByName()
    {
        const auto refused = [](const char* config) {
            return refusal([config] { refuseUnknownSettings(parsePeftConfig(config), {"r"}); });
        };
        QVERIFY(refused(R"({"use_dora": true})").contains(QStringLiteral("use_dora")));
        QVERIFY(refused(R"({"bias": "all"})").contains(QStringLiteral("bias")));
        QVERIFY(refused(R"({"modules_to_save": ["lm_head"]})").contains(QStringLiteral("lm_head")));
        QVERIFY(refused(R"({"a_later_variant": {"on": 1}})")
                    .contains(QStringLiteral("a_later_variant")));
        QCOMPARE(
            refused(
                R"({"r": 8, "use_dora": false, "bias": "none", "loftq_config": {}, "peft_version": "9", "new": null})"),
            QString());
    }

    void theFirstPatternThatMatchesTheEndOfTheNameCounts()
    {
        const PeftPatterns ranks(
            parsePeftConfig(
                R"({"rank_pattern": {"layers\\.1\\.mlp\\.up_proj": 2, "up_proj": 5, "proj": 9}})"),
            "rank_pattern");
        QCOMPARE(ranks.find("model.layers.1.mlp.up_proj").value(), 2.0);
        QCOMPARE(ranks.find("model.layers.0.mlp.up_proj").value(), 5.0);
        QVERIFY(!ranks.find("model.layers.0.self_attn.q_proj").has_value());
    }

    void targetsAreWrittenAsShortAsTheyCanBe()
    {
        const auto sites = someSites();
        QCOMPARE(targetModules({sites[1], sites[4], sites[7]}, sites).dump(),
                 std::string(R"(["q_proj"])"));
        QCOMPARE(targetModules({sites[1]}, sites).dump(),
                 std::string(R"(["model.layers.0.self_attn.q_proj"])"));
    }
};

QTEST_APPLESS_MAIN(TestPeftConfig)
#include "tst_peft_config.moc"
