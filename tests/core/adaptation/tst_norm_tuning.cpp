// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adapter_reader.h"
#include "core/base/json.h"
#include "tests/core/adaptation/short_training.h"

#include <QTest>

#include <set>

using namespace tw;

class TestNormTuning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onlyNormsAreTrained()
    {
        ShortTraining training("norm_tuning", {});
        std::int64_t trained = 0;
        for (const auto& [name, tensor] : training.adapter->parameters())
            trained += tensor.numel();
        QCOMPARE(trained, std::int64_t {5 * training.model->config().hiddenSize});
        const double first = training.loss();
        training.run(10);
        QVERIFY(training.loss() < first);
        for (const auto& [name, weight] : training.model->weights())
            if (name.find("norm") == std::string::npos)
                QVERIFY2(at::equal(weight, training.before.at(name)), name.c_str());
    }

    /// tests/fixtures/adaptation/ln_tuning is PEFT's own.
    void itIsWrittenAsPeftWritesIt()
    {
        const ShortTraining training("norm_tuning", {});
        const Json own = Json::parse(training.adapter->peftConfig("tiny"));
        const Json peft = readJsonFile(std::filesystem::path(TW_FIXTURES)
                                           / "adaptation/ln_tuning/adapter_config.json",
                                       1U << 20U);
        for (const auto& [key, value] : peft.items())
            QVERIFY2(own.contains(key), key.c_str());
        QCOMPARE(own.size(), peft.size());
        QVERIFY(own.at("peft_type") == peft.at("peft_type"));
        const auto targets = own.at("target_modules").get<std::set<std::string>>();
        QVERIFY(targets == peft.at("target_modules").get<std::set<std::string>>());
        for (const auto& [name, tensor] : training.adapter->parameters())
            QVERIFY2(name.find(".ln_tuning_layers.") != std::string::npos, name.c_str());
    }
};

QTEST_GUILESS_MAIN(TestNormTuning)
#include "tst_norm_tuning.moc"
