// SPDX-License-Identifier: Apache-2.0
#include "core/train/optimizer.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

at::Tensor start()
{
    return at::tensor({1.0F, -2.0F, 0.5F}).requires_grad_();
}

std::unique_ptr<Optimizer> adamw(const at::Tensor& parameter, const ParamValues& settings = {})
{
    return optimizers().at("adamw").make({{"p", parameter}}, settings);
}

void stepWith(Optimizer& optimizer, const at::Tensor& parameter, const std::vector<float>& gradient)
{
    parameter.mutable_grad() = at::tensor(gradient);
    optimizer.step(0.1);
}

bool isClose(const at::Tensor& parameter, const std::vector<float>& expected)
{
    return at::allclose(parameter, at::tensor(expected), 0, 1e-6);
}

} // namespace

class TestAdamw : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void threeStepsAreThoseOfPyTorch() // numbers from torch.optim.AdamW, version 2.13
    {
        const at::Tensor p = start();
        const auto optimizer =
            adamw(p, {{"beta1", 0.8}, {"beta2", 0.9}, {"epsilon", 1e-3}, {"weightDecay", 0.3}});
        stepWith(*optimizer, p, {1.0F, -0.5F, 0.0F});
        QVERIFY(isClose(p, {0.870099902F, -1.84019971F, 0.485000014F}));
        stepWith(*optimizer, p, {0.25F, 0.5F, -1.0F});
        QVERIFY(isClose(p, {0.762153566F, -1.79608274F, 0.546922684F}));
        stepWith(*optimizer, p, {2.0F, 0.0F, 1.0F});
        QVERIFY(isClose(p, {0.65249455F, -1.75043452F, 0.520737469F}));
    }

    void withoutALearningRateNothingMoves()
    {
        const at::Tensor p = start();
        const auto optimizer = adamw(p);
        p.mutable_grad() = at::ones({3});
        optimizer->step(0.0);
        QVERIFY(at::equal(p, start()));
    }

    void aParameterWithoutGradientStaysAsItIs()
    {
        const at::Tensor p = start();
        const auto optimizer = adamw(p);
        optimizer->step(0.1);
        QVERIFY(at::equal(p, start()));
    }

    void aRestoredOptimizerGoesOnBitForBit()
    {
        const QTemporaryDir folder;
        const std::filesystem::path file =
            std::filesystem::path(folder.path().toStdString()) / "state.safetensors";
        const at::Tensor p = start();
        const auto optimizer = adamw(p);
        stepWith(*optimizer, p, {1.0F, -0.5F, 0.25F});
        stepWith(*optimizer, p, {0.3F, 0.1F, -0.7F});
        writeSafetensors(file, optimizer->state(), {});
        const at::Tensor q = p.detach().clone().requires_grad_();
        const auto restored = adamw(q);
        restored->restore(*openTensorFile(file));
        stepWith(*optimizer, p, {0.6F, 0.2F, 0.1F});
        stepWith(*restored, q, {0.6F, 0.2F, 0.1F});
        QVERIFY(at::equal(p, q));
    }

    void theStateOfOtherParametersIsRefusedAndChangesNothing()
    {
        const QTemporaryDir folder;
        const std::filesystem::path file =
            std::filesystem::path(folder.path().toStdString()) / "state.safetensors";
        writeSafetensors(file,
                         {{"exp_avg.p", at::ones({3})},
                          {"exp_avg_sq.p", at::ones({4})},
                          {"step.p", at::ones({})}},
                         {});
        const auto optimizer = adamw(start());
        QVERIFY_EXCEPTION_THROWN(optimizer->restore(*openTensorFile(file)), Error);
        QCOMPARE(optimizer->state().front().second.abs().max().item<double>(), 0.0);
    }
};

QTEST_APPLESS_MAIN(TestAdamw)
#include "tst_adamw.moc"
