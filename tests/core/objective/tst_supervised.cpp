// SPDX-License-Identifier: Apache-2.0
#include "core/objective/registry.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QTest>

using namespace tw;

namespace {

TokenizedRow row(std::vector<std::int64_t> ids, std::vector<std::uint8_t> isTrained)
{
    TokenizedRow row;
    row.ids = std::move(ids);
    row.isTrained = std::move(isTrained);
    row.kinds.assign(row.ids.size(), TokenKind::Answer);
    return row;
}

LossSum lossOf(const Model& model, const std::vector<const TokenizedRow*>& rows)
{
    return objectives().at("supervised").loss(model, packRows(rows), {});
}

} // namespace

class TestSupervised : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onlyTrainedTokensCount()
    {
        const auto model = tinyModel();
        const TokenizedRow some = row({5, 17, 40, 8, 61}, {0, 0, 1, 0, 1});
        const LossSum loss = lossOf(*model, {&some});
        const at::Tensor chances =
            model->logits(model->hidden(oneRow(at::tensor(some.ids, at::kLong)))).log_softmax(1);
        QCOMPARE(loss.count, 2);
        QVERIFY(std::abs(loss.sum.item<double>() + (chances[1][40] + chances[3][61]).item<double>())
                < 1e-5);
    }

    void rowsOfABatchDoNotSeeEachOther()
    {
        const auto model = tinyModel();
        const TokenizedRow one = row({5, 17, 40, 8, 61}, {0, 1, 1, 1, 1});
        const TokenizedRow two = row({70, 4, 33}, {0, 1, 1});
        const LossSum both = lossOf(*model, {&one, &two});
        QCOMPARE(both.count, 6);
        QVERIFY(std::abs(both.sum.item<double>() - lossOf(*model, {&one}).sum.item<double>()
                         - lossOf(*model, {&two}).sum.item<double>())
                < 1e-4);
    }
};

QTEST_APPLESS_MAIN(TestSupervised)
#include "tst_supervised.moc"
