// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/evaluation/perplexity.h"

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

std::shared_ptr<Model> load()
{
    JobControl control;
    return loadModel(openModelSource(TW_FIXTURES "/model/llama_gqa_bias_llama3"), control);
}

std::vector<std::int64_t> someIds(std::size_t count)
{
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < count; ++i)
        ids.push_back(static_cast<std::int64_t>((i * i * 7 + 3 * i) % 96));
    return ids;
}

/// -log p(ids[at] | ids[from .. at)) from the logits, one token at a time.
double
lossOf(const Model& model, const std::vector<std::int64_t>& ids, std::size_t from, std::size_t at)
{
    const at::NoGradGuard noGradients;
    const std::vector<std::int64_t> before(ids.begin() + static_cast<std::ptrdiff_t>(from),
                                           ids.begin() + static_cast<std::ptrdiff_t>(at));
    const auto count = static_cast<std::int64_t>(before.size());
    const at::Tensor hidden =
        model.hidden({at::tensor(before, at::kLong), at::arange(count, at::kLong), {0, count}});
    const at::Tensor logits =
        model.logits(hidden.narrow(0, count - 1, 1)).view({-1}).to(at::kDouble);
    return -at::log_softmax(logits, 0)[ids[at]].item<double>();
}

} // namespace

class TestPerplexity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyTokenIsCountedOnceWithTheContextOfItsWindow_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("window");
        QTest::addColumn<int>("stride");
        QTest::addColumn<int>("predicted");
        QTest::newRow("one window") << 20 << 32 << 32 << 19;
        QTest::newRow("windows side by side")
            << 20 << 8 << 8 << 17; // three windows, the first token of each is not
        QTest::newRow("windows that overlap") << 21 << 8 << 3 << 20;
        QTest::newRow("a stride of one") << 10 << 4 << 1 << 9;
    }

    void everyTokenIsCountedOnceWithTheContextOfItsWindow()
    {
        QFETCH(int, count);
        QFETCH(int, window);
        QFETCH(int, stride);
        QFETCH(int, predicted);
        const auto model = load();
        const auto ids = someIds(static_cast<std::size_t>(count));
        JobControl control;
        const TokenLoss loss = textLoss(*model, ids, window, stride, control);
        QCOMPARE(loss.tokens, std::int64_t(predicted));
        double expected = 0.0;
        std::size_t done = 0;
        const auto size = ids.size();
        for (std::size_t begin = 0; done < size; begin += static_cast<std::size_t>(stride)) {
            const std::size_t end = std::min(begin + static_cast<std::size_t>(window), size);
            for (std::size_t at = std::max(done, begin + 1); at < end; ++at)
                expected += lossOf(*model, ids, begin, at);
            done = end;
        }
        QVERIFY2(std::abs(loss.nats - expected) < 1e-3,
                 qPrintable(QString::number(loss.nats - expected)));
        QVERIFY(std::abs(loss.perplexity() - std::exp(expected / predicted)) < 1e-2);
    }

    void whatCannotBeMeasuredIsRefused()
    {
        const auto model = load();
        JobControl control;
        QVERIFY_THROWS_EXCEPTION(Error, textLoss(*model, {1}, 8, 8, control));
        QVERIFY_THROWS_EXCEPTION(Error, textLoss(*model, someIds(9), 1, 1, control));
        QVERIFY_THROWS_EXCEPTION(Error, textLoss(*model, someIds(9), 8, 9, control));
        QVERIFY_THROWS_EXCEPTION(Error, textLoss(*model, someIds(9), 8, 0, control));
        QVERIFY_THROWS_EXCEPTION(Error, textLoss(*model, someIds(9), 1 << 20, 8, control));
        control.cancel();
        QVERIFY_THROWS_EXCEPTION(Cancelled, textLoss(*model, someIds(9), 8, 8, control));
    }
};

QTEST_APPLESS_MAIN(TestPerplexity)
#include "tst_perplexity.moc"
