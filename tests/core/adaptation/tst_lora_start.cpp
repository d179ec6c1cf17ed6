// SPDX-License-Identifier: Apache-2.0
// What LoRA begins with is what PEFT begins with (tests/fixtures/adaptation/make_lora_starts.py).

#include "core/adaptation/eva.h"
#include "core/adaptation/loftq.h"
#include "core/adaptation/lora_start.h"
#include "core/adaptation/principal_components.h"
#include "core/adaptation/site_check.h"
#include "core/base/json.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

const std::filesystem::path kFolder = TW_SOURCE "/tests/fixtures/adaptation/lora_starts";

Json facts()
{
    return readJsonFile(kFolder / "starts.json", 1U << 20U);
}

at::Tensor stored(const std::string& name)
{
    static const auto file = openTensorFile(kFolder / "starts.safetensors");
    return file->read(name);
}

at::Tensor weightOf(const Model& model, const std::string& module)
{
    for (const auto& [name, tensor] : model.weights())
        if (name == module + ".weight")
            return tensor;
    return {};
}

double largest(const at::Tensor& difference)
{
    return difference.abs().max().item<double>();
}

at::Tensor product(const LoraFactors& factors)
{
    return factors.B.matmul(factors.A);
}

void addModules()
{
    QTest::addColumn<std::string>("name");
    QTest::addColumn<std::string>("module");
    const Json modules = facts().at("modules");
    for (const auto& [name, module] : modules.items())
        QTest::newRow(name.c_str()) << name << module.get<std::string>();
}

at::Tensor someRows(std::int64_t count, std::uint64_t seed)
{
    RandomStream random(seed, "rows");
    at::Tensor rows = at::empty({count, 6}, at::kFloat);
    for (std::int64_t i = 0; i < rows.numel(); ++i)
        rows.mutable_data_ptr<float>()[i] =
            static_cast<float>(random.normal() * static_cast<double>(6 - i % 6) + 3.0);
    return rows;
}

} // namespace

class TestLoraStart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pissaIsThatOfPeft_data() { addModules(); }
    void pissaIsThatOfPeft()
    {
        QFETCH(std::string, name);
        QFETCH(std::string, module);
        const at::Tensor W = weightOf(*tinyModel(), module);
        const double scale = 2.0; // alpha 8, rank 4
        const LoraFactors ours = pissaStart(W, 4, scale);
        // A singular vector and its partner may both change their sign.
        // Singular vectors of nearby values turn a little with the rounding of the processor.
        QCOMPARE_LE(largest(ours.A.abs() - stored("pissa." + name + ".A").abs()), 1e-4);
        QCOMPARE_LE(largest(ours.B.abs() - stored("pissa." + name + ".B").abs()), 1e-4);
        QCOMPARE_LE(largest(W - scale * product(ours) - stored("pissa." + name + ".rest")), 1e-5);
    }

    /// The factors take the scale in: what they make is the same whatever alpha is.
    void pissaDoesNotDependOnTheScale_data() { addModules(); }
    void pissaDoesNotDependOnTheScale()
    {
        QFETCH(std::string, module);
        const at::Tensor W = weightOf(*tinyModel(), module);
        const at::Tensor one = 2.0 * product(pissaStart(W, 4, 2.0)); // alpha 8
        const at::Tensor other = 4.0 * product(pissaStart(W, 4, 4.0)); // alpha 16
        QVERIFY(largest(one - other) < 1e-6);
        QVERIFY(largest((W - one) + one - W) < 1e-6);
    }

    void oloraIsThatOfPeft_data() { addModules(); }
    void oloraIsThatOfPeft()
    {
        QFETCH(std::string, name);
        QFETCH(std::string, module);
        const at::Tensor W = weightOf(*tinyModel(), module);
        const LoraFactors ours = oloraStart(W, 4);
        QVERIFY(largest(ours.A - stored("olora." + name + ".A")) < 1e-5);
        QVERIFY(largest(ours.B - stored("olora." + name + ".B")) < 1e-5);
        QVERIFY(largest(W - 2.0 * product(ours) - stored("olora." + name + ".rest")) < 1e-5);
    }

    void loftqRoundsAndApproximatesAsPeft_data()
    {
        QTest::addColumn<std::string>("start");
        QTest::addColumn<std::string>("name");
        QTest::addColumn<std::string>("module");
        QTest::addColumn<int>("bits");
        QTest::addColumn<int>("iterations");
        const Json modules = facts().at("modules");
        for (const auto& [name, module] : modules.items())
            for (const auto& [bits, iterations] : {std::pair {4, 1}, {4, 3}, {8, 1}}) {
                const std::string start =
                    "loftq" + std::to_string(bits) + "_" + std::to_string(iterations);
                QTest::newRow((start + " " + name).c_str())
                    << start << name << module.get<std::string>() << bits << iterations;
            }
    }
    void loftqRoundsAndApproximatesAsPeft()
    {
        QFETCH(std::string, start);
        QFETCH(std::string, name);
        QFETCH(std::string, module);
        QFETCH(int, bits);
        QFETCH(int, iterations);
        const at::Tensor W = weightOf(*tinyModel(), module);
        const auto rounded = bits == 4 ? roundedToNf4 : roundedToInt8;
        const std::string key = start + "." + name;
        if (iterations == 1)
            QVERIFY(largest(rounded(W) - stored(key + ".rounded")) < 1e-6);
        const at::Tensor theirs = stored(key + ".B").matmul(stored(key + ".A"));
        QVERIFY(largest(product(loftqStart(W, 4, rounded, iterations)) - theirs) < 1e-5);
    }

    void roundingKeepsZeroAndTheLargest()
    {
        const at::Tensor W = at::tensor({0.0F, -3.0F, 1.5F, 0.01F}).view({2, 2});
        const at::Tensor four = roundedToNf4(W);
        QCOMPARE(four[0][0].item<double>(), 0.0);
        QCOMPARE(four[0][1].item<double>(), -3.0);
        QVERIFY(std::abs(four[1][0].item<double>() - 3 * 0.44070983) < 1e-6); // nearest to 0.5
        QVERIFY(at::equal(roundedToNf4(at::zeros({3, 50})), at::zeros({3, 50})));
        QVERIFY(at::equal(roundedToInt8(at::zeros({3, 5})), at::zeros({3, 5})));
    }

    void quickPissaComesCloseToTheExactOne()
    {
        const at::Tensor W = weightOf(*tinyModel(), "model.layers.0.mlp.down_proj");
        LoraOptions options;
        RandomStream random(3, "test");
        const LoraFactors quick = quickPissaStart({W, 4, 2.0, options, random}, 16);
        const double exact = (W - 2.0 * product(pissaStart(W, 4, 2.0))).norm().item<double>();
        QVERIFY((W - 2.0 * product(quick)).norm().item<double>() < exact * 1.01);
    }

    void orthogonalFactorsHaveNoProduct()
    {
        LoraOptions options;
        RandomStream random(3, "test");
        const LoraFactors factors =
            loraStart("orthogonal").make({at::zeros({40, 24}), 6, 1.0, options, random});
        QCOMPARE(factors.A.sizes(), at::IntArrayRef({6, 24}));
        QCOMPARE(factors.B.sizes(), at::IntArrayRef({40, 6}));
        QVERIFY(factors.A.abs().max().item<double>() > 0.05);
        QVERIFY(largest(product(factors)) < 1e-6);
    }

    void evaGivesTheDirectionsAndRanksOfPeft()
    {
        const Json eva = facts().at("eva");
        const auto model = tinyModel();
        std::vector<PackedInput> calibration(1);
        std::vector<std::int64_t> ids;
        calibration[0].starts = {0};
        std::vector<std::int64_t> positions;
        for (const Json& row : eva.at("ids")) {
            for (const Json& id : row) {
                positions.push_back(static_cast<std::int64_t>(ids.size())
                                    - calibration[0].starts.back());
                ids.push_back(id.get<std::int64_t>());
            }
            calibration[0].starts.push_back(static_cast<std::int64_t>(ids.size()));
        }
        calibration[0].ids = at::tensor(ids, at::kLong);
        calibration[0].positions = at::tensor(positions, at::kLong);
        std::vector<LoraSite> sites;
        for (const SiteInfo& info : model->sites())
            if (eva.at("ranks").contains(info.module))
                sites.push_back({info, 4, 8.0});
        const auto placed = evaSites(*model, sites, 2.0, calibration);
        QCOMPARE(placed.size(), eva.at("ranks").size());
        for (const EvaSite& site : placed) {
            const std::string& module = site.site.info.module;
            QCOMPARE(site.site.rank, eva.at("ranks").at(module).get<std::int64_t>());
            QVERIFY(std::abs(site.site.alpha - eva.at("alphas").at(module).get<double>()) < 1e-9);
            QVERIFY2(largest(site.A - stored("eva." + module)) < 2e-3, module.c_str());
        }
        for (const LoraSite& site : sites)
            QVERIFY(model->linear(site.info.site).deltas.empty());
    }

    void evaNeedsAsManyTokensAsDirections()
    {
        const auto model = tinyModel();
        std::vector<LoraSite> sites {
            {chosenSites(model->sites(), {{SiteKind::AttnQ, {0}}}).front(), 4, 8.0}};
        const std::vector<PackedInput> calibration {oneRow(at::arange(3, 10, at::kLong))};
        QVERIFY_EXCEPTION_THROWN(evaSites(*model, sites, 2.0, calibration), Error);
        QVERIFY(model->linear({SiteKind::AttnQ, 0}).deltas.empty());
    }

    void theLargestSharesOfAllLayersGetTheRank()
    {
        const std::vector<std::vector<double>> shares {
            {0.5, 0.2, 0.1}, {0.9, 0.05}, {0.5, 0.2, 0.15}};
        QCOMPARE(evaRanks(shares, 4), (std::vector<std::int64_t> {2, 1, 1})); // the earlier 0.2
        QCOMPARE(evaRanks(shares, 6), (std::vector<std::int64_t> {2, 1, 3}));
        QCOMPARE(evaRanks(shares, 99), (std::vector<std::int64_t> {3, 2, 3}));
    }

    void directionsFromPiecesAreThoseOfTheWhole()
    {
        const at::Tensor rows = at::cat({someRows(9, 1), someRows(20, 2) + 1.0});
        PrincipalComponents whole(6);
        whole.add(rows);
        PrincipalComponents pieces(6);
        pieces.add(rows.narrow(0, 0, 9));
        pieces.add(rows.narrow(0, 9, 20));
        QVERIFY(largest(whole.directions() - pieces.directions()) < 1e-5);
        const at::Tensor centred = rows - rows.mean(0);
        const auto [U, S, Vh] = at::linalg_svd(centred, false);
        for (std::int64_t i = 0; i < 6; ++i) {
            const double share = (S[i].square() / S.square().sum()).item<double>();
            const auto place = static_cast<std::size_t>(i);
            QVERIFY(std::abs(whole.shares()[place] - share) < 1e-6);
            QVERIFY(std::abs(pieces.shares()[place] - share) < 1e-6);
            QVERIFY(std::abs(Vh[i].dot(whole.directions()[i]).abs().item<double>() - 1.0) < 1e-5);
        }
    }
};

QTEST_APPLESS_MAIN(TestLoraStart)
#include "tst_lora_start.moc"
