// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/objective/objective.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

struct Rows
{
    at::Tensor hidden;
    at::Tensor head;
    at::Tensor targets;
};

/// More rows than one chunk holds, so that the seams between chunks are walked over.
Rows randomRows(at::ScalarType type)
{
    at::manual_seed(11);
    const auto options = at::TensorOptions(type);
    Rows rows {at::randn({1100, 6}, options), at::randn({23, 6}, options),
               at::randint(0, 23, {1100}, at::kLong)};
    rows.targets.narrow(0, 40, 300).fill_(-100);
    rows.hidden.requires_grad_();
    return rows;
}

at::Tensor reference(const Rows& rows)
{
    return at::cross_entropy_loss(rows.hidden.matmul(rows.head.t()), rows.targets, {},
                                  at::Reduction::Sum, -100);
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

} // namespace

class TestChunkedCrossEntropy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalLogitsCostTheLogarithmOfTheVocabulary()
    {
        const at::Tensor loss = chunkedCrossEntropy(at::zeros({3, 4}), LmHead {at::zeros({7, 4})},
                                                    at::tensor({0L, 6L, -100L}));
        QCOMPARE(loss.item<double>(), 2 * std::log(7.0));
    }

    void lossAndGradientAreThoseOfThePlainForm()
    {
        const Rows rows = randomRows(at::kDouble);
        const at::Tensor expected = reference(rows);
        const at::Tensor expectedGradient = torch::autograd::grad({expected}, {rows.hidden})[0];
        const at::Tensor loss = chunkedCrossEntropy(rows.hidden, LmHead {rows.head}, rows.targets);
        const at::Tensor gradient = torch::autograd::grad({loss * 0.25}, {rows.hidden})[0];
        QVERIFY(std::abs(loss.item<double>() - expected.item<double>())
                < 1e-10 * expected.item<double>());
        QVERIFY(largestDifference(gradient, expectedGradient * 0.25) < 1e-14);
    }

    void rowsThatAreNotTrainedGetNoGradient()
    {
        const Rows rows = randomRows(at::kFloat);
        chunkedCrossEntropy(rows.hidden, LmHead {rows.head}, rows.targets).backward();
        QCOMPARE(rows.hidden.grad().narrow(0, 40, 300).abs().max().item<double>(), 0.0);
        QVERIFY(rows.hidden.grad().narrow(0, 340, 700).abs().max().item<double>() > 0.1);
    }

    void hugeLogitsNeitherOverflowNorVanish()
    {
        const at::Tensor hidden = at::tensor({1.0F, 0.0F}).view({2, 1}).requires_grad_();
        const at::Tensor head = at::tensor({30000.0F, -30000.0F}).view({2, 1});
        const at::Tensor loss = chunkedCrossEntropy(hidden, LmHead {head}, at::tensor({1L, 0L}));
        QCOMPARE(loss.item<double>(), 60000.0 + std::log(2.0));
        loss.backward();
        QVERIFY(at::isfinite(hidden.grad()).all().item<bool>());
    }

    void withoutGradientsTheLossIsTheSame()
    {
        const Rows rows = randomRows(at::kFloat);
        const double trained =
            chunkedCrossEntropy(rows.hidden, LmHead {rows.head}, rows.targets).item<double>();
        const at::NoGradGuard noGrad;
        const at::Tensor loss = chunkedCrossEntropy(rows.hidden, LmHead {rows.head}, rows.targets);
        QVERIFY(!loss.requires_grad());
        QCOMPARE(loss.item<double>(), trained);
    }

    void aBatchWithoutTrainedTokensCostsNothing()
    {
        const at::Tensor hidden = at::ones({2, 3}).requires_grad_();
        const at::Tensor loss =
            chunkedCrossEntropy(hidden, LmHead {at::ones({5, 3})}, at::tensor({-100L, -100L}));
        QCOMPARE(loss.item<double>(), 0.0);
        loss.backward();
        QCOMPARE(hidden.grad().abs().sum().item<double>(), 0.0);
    }

    void aTargetOutsideTheVocabularyIsRefused()
    {
        QVERIFY_EXCEPTION_THROWN(
            chunkedCrossEntropy(at::ones({1, 3}), LmHead {at::ones({5, 3})}, at::tensor({5L})),
            Error);
    }
};

QTEST_APPLESS_MAIN(TestChunkedCrossEntropy)
#include "tst_chunked_cross_entropy.moc"
