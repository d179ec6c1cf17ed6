// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/intruders.h"
#include "core/analysis/spectra.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

void compareClose(double actual, double expected, double tolerance)
{
    QVERIFY2(
        std::abs(actual - expected) <= tolerance,
        qPrintable(
            QStringLiteral("%1 instead of %2").arg(actual, 0, 'g', 12).arg(expected, 0, 'g', 12)));
}

void compareAll(const std::vector<double>& actual,
                const std::vector<double>& expected,
                double tolerance)
{
    QCOMPARE(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i)
        compareClose(actual[i], expected[i], tolerance);
}

std::int64_t countBelow(const VectorMatch& match, double epsilon, std::size_t k)
{
    return std::count_if(match.best.begin(),
                         match.best.begin()
                             + static_cast<std::ptrdiff_t>(std::min(k, match.best.size())),
                         [&](double c) { return c < epsilon; });
}

at::Tensor numbers(const std::vector<double>& values)
{
    return at::tensor(values);
}

/// A base with a falling spectrum and a change of rank `rank` whose share of the base's norm is
/// given.
struct Pair
{
    at::Tensor base;
    at::Tensor A;
    at::Tensor B;

    at::Tensor tuned() const
    {
        return base.to(at::kDouble) + B.to(at::kDouble).matmul(A.to(at::kDouble));
    }
};

Pair randomPair(
    std::int64_t out, std::int64_t in, std::int64_t rank, double share, std::uint64_t seed)
{
    at::manual_seed(seed);
    const at::Tensor fall = 1.0 / (1.0 + at::arange(in).to(at::kFloat)).sqrt();
    Pair pair {at::randn({out, in}) * fall, at::randn({rank, in}), at::randn({out, rank})};
    pair.B = pair.B * (share * pair.base.norm() / pair.B.matmul(pair.A).norm());
    return pair;
}

} // namespace

class TestIntruders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anUntouchedMatrixHasNone_data() { shapes(); }
    void anUntouchedMatrixHasNone()
    {
        QFETCH(int, out);
        QFETCH(int, in);
        const Pair pair = randomPair(out, in, 2, 0.1, 1);
        const MatchOptions options;
        for (const VectorMatch& match :
             {matchPlain(pair.base, pair.base, options),
              matchDense(decompose(pair.base), pair.base, pair.base, options),
              matchLowRank(decompose(pair.base), pair.base, pair.A, at::zeros_like(pair.B),
                           options)}) {
            for (const double c : match.best)
                compareClose(c, 1.0, 1e-9);
            QCOMPARE(countBelow(match, 0.999, 10), 0);
        }
    }

    void scaleAndSignsDoNotMatter()
    {
        const Pair pair = randomPair(30, 20, 3, 0.5, 2);
        const VectorMatch match = matchPlain(pair.base, pair.tuned(), {});
        compareAll(matchPlain(pair.base, -3.0 * pair.tuned(), {}).best, match.best, 1e-10);
    }

    void aBaseDirectionThatRisesIsNoIntruder()
    {
        const at::Tensor base = at::diag(numbers({4, 3, 2, 1}));
        const at::Tensor tuned = base + at::diag(numbers({0, 0, 0, 10}));
        const MatchOptions options {1, 4, 4};
        const VectorMatch match = matchPlain(base, tuned, options);
        compareClose(match.best[0], 1.0, 1e-12);
        QCOMPARE(match.bestIndex[0], 3);
        const VectorMatch cheap =
            matchLowRank(decompose(base), base, numbers({0, 0, 0, 10}).unsqueeze(0),
                         numbers({0, 0, 0, 1}).unsqueeze(1), options);
        compareClose(cheap.best[0], 1.0, 1e-9);
        QCOMPARE(cheap.bestIndex[0], 3);
    }

    void aForeignDirectionShowsWithThePublishedNumbers()
    {
        const at::Tensor base = at::diag(numbers({8, 7, 6, 5, 4, 3, 2, 1}));
        const at::Tensor v = at::full({8, 1}, 1.0 / std::sqrt(8.0), at::kDouble);
        const std::vector<double> best {.385436, .875305, .774442, .696591,
                                        .680766, .746935, .815344, .900553};
        const std::vector<double> values {44.631148, 7.673979, 6.593678, 5.532850,
                                          4.478694,  3.425643, 2.368419, 1.295589};
        const MatchOptions options {8, 8, 8};
        for (const VectorMatch& match :
             {matchPlain(base, base + 40.0 * v.matmul(v.t()), options),
              matchLowRank(decompose(base), base, v.t(), 40.0 * v, options),
              matchDense(decompose(base), base, base + 40.0 * v.matmul(v.t()), options)}) {
            compareAll(match.best, best, 1e-6);
            compareAll(match.tunedValues, values, 1e-6);
            QCOMPARE(countBelow(match, 0.5, 8), 1);
            QCOMPARE(countBelow(match, 0.7, 8), 3);
            QCOMPARE(countBelow(match, 0.38, 8), 0);
        }
    }

    void removingTheIntruderLeavesTheOtherValues()
    {
        const at::Tensor v = at::full({8, 1}, 1.0 / std::sqrt(8.0), at::kDouble);
        const at::Tensor tuned =
            at::diag(numbers({8, 7, 6, 5, 4, 3, 2, 1})) + 40.0 * v.matmul(v.t());
        std::vector<double> values = singularValues(tuned);
        const std::vector<double> removed = singularValues(withScaledDirections(tuned, {0}, 0.0));
        values.erase(values.begin());
        values.push_back(0.0);
        compareAll(removed, values, 1e-10);
    }

    void scalingADirectionScalesItsValueOnly()
    {
        const Pair pair = randomPair(12, 18, 2, 0.5, 4);
        std::vector<double> values = singularValues(pair.tuned());
        const std::vector<double> scaled =
            singularValues(withScaledDirections(pair.tuned(), {2}, 0.9));
        values[2] *= 0.9;
        std::sort(values.rbegin(), values.rend());
        compareAll(scaled, values, 1e-10);
    }

    void fullStrengthLeavesEveryByte()
    {
        const Pair pair = randomPair(12, 18, 2, 0.5, 5);
        QVERIFY(at::equal(withScaledDirections(pair.base, {0, 1}, 1.0), pair.base));
    }

    void theCheapRouteAgreesWithThePlainOne_data() { shapes(); }
    void theCheapRouteAgreesWithThePlainOne()
    {
        QFETCH(int, out);
        QFETCH(int, in);
        for (const double share : {0.05, 1.0}) {
            const Pair pair = randomPair(out, in, 8, share, 6);
            const MatchOptions options;
            const VectorMatch plain = matchPlain(pair.base, pair.tuned(), options);
            const Decomposition base = decompose(pair.base);
            const VectorMatch cheap = matchLowRank(base, pair.base, pair.A, pair.B, options);
            QVERIFY(!cheap.isPlain);
            compareAll(cheap.best, plain.best, 1e-6);
            compareAll(cheap.tunedValues, plain.tunedValues, 1e-9 * plain.tunedValues[0]);
            compareAll(cheap.baseValues, plain.baseValues, 1e-9 * plain.baseValues[0]);
            compareAll(cheap.corner, plain.corner, 1e-6);
            QCOMPARE(cheap.bestIndex, plain.bestIndex);
            for (const double epsilon : {0.3, 0.5, 0.7})
                QCOMPARE(countBelow(cheap, epsilon, 10), countBelow(plain, epsilon, 10));
            const VectorMatch dense = matchDense(base, pair.base, pair.tuned(), options);
            compareAll(dense.best, plain.best, 1e-6);
        }
    }

    void aMatrixOfLowerRankGoesThePlainWay()
    {
        at::manual_seed(8);
        const at::Tensor base =
            at::randn({40, 6}).matmul(at::randn({6, 20})); // rank 6 of 20, more rows than columns
        const at::Tensor A = at::randn({2, 20});
        const at::Tensor B = at::randn({40, 2});
        const MatchOptions options {5, 5, 5};
        const VectorMatch match = matchLowRank(decompose(base), base, A, B, options);
        QVERIFY(match.isPlain);
        compareAll(match.best, matchPlain(base, base + B.matmul(A), options).best,
                   1e-4); // float32 sums differ
    }

    void equalBaseDirectionsAreTakenTogetherInTheFlag()
    {
        // Two base directions of equal strength; the tuned vector lies halfway between them.
        const at::Tensor base = at::diag(numbers({5, 5, 2, 1}));
        const at::Tensor v = numbers({1, 1, 0, 0}).unsqueeze(1) / std::sqrt(2.0);
        const VectorMatch match = matchPlain(base, base + 3.0 * v.matmul(v.t()), {1, 4, 4});
        compareClose(match.tied[0], 1.0, 1e-9);
        QVERIFY(match.best[0] < 0.95);
    }

    void aRandomDirectionResemblesNoneByMoreThanChance()
    {
        // sqrt(2 ln m / m) for m = 768 is 0.13; no unit vector stays under 1 / sqrt(m).
        const std::int64_t m = 768;
        const Decomposition base {at::eye(m, at::kDouble), at::linspace(2, 1, m, at::kDouble),
                                  true};
        const at::Tensor W0 = at::diag(base.values);
        double sum = 0.0;
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            at::manual_seed(seed);
            const at::Tensor x = at::randn({m, 1}, at::kDouble);
            const at::Tensor y = at::randn({1, m}, at::kDouble);
            const VectorMatch match =
                matchLowRank(base, W0, y / y.norm(), 1000.0 * x / x.norm(), {1, 5, 1});
            QVERIFY(match.best[0] >= 1.0 / std::sqrt(768.0));
            sum += match.best[0];
        }
        compareClose(sum / 5, std::sqrt(2 * std::log(768.0) / 768.0), 0.025);
    }

    void aDecompositionKnowsItsMatrix()
    {
        const Pair pair = randomPair(60, 24, 2, 0.1, 9);
        Decomposition right = decompose(pair.base);
        QVERIFY(belongsTo(right, pair.base));
        QVERIFY(!belongsTo(right, pair.base * 1.001));
        right.vectors[3][5] += 0.01;
        QVERIFY(!belongsTo(right, pair.base));
        QVERIFY(!belongsTo({at::eye(3, at::kDouble), at::ones({3}, at::kDouble), true}, pair.base));
    }

private:
    static void shapes()
    {
        QTest::addColumn<int>("out");
        QTest::addColumn<int>("in");
        QTest::newRow("square, small") << 96 << 96;
        QTest::newRow("tall, small") << 160 << 64;
        QTest::newRow("wide, small") << 64 << 160;
        QTest::newRow("square, iterated") << 200 << 200;
        QTest::newRow("tall, iterated") << 330 << 190;
        QTest::newRow("wide, iterated") << 190 << 330;
    }
};

QTEST_APPLESS_MAIN(TestIntruders)
#include "tst_intruders.moc"
