// SPDX-License-Identifier: Apache-2.0
#include "core/model/row_kernels.h"

#include <QTest>

#include <functional>

#include "plain_kernels.h"

using namespace tw;

namespace {

class Factors final : public WeightDelta
{
public:
    Factors(std::int64_t in, std::int64_t out, std::int64_t rank, double dropout, bool isFolded)
        : m_factors {(at::randn({rank, in}) / 4).requires_grad_(),
                     (at::randn({out, rank}) / 4).requires_grad_(), 1.7, dropout}
        , m_isFolded(isFolded)
    {
    }
    at::Tensor apply(const at::Tensor& x) const override
    {
        return x.matmul(m_factors.A.t()).matmul(m_factors.B.t()) * m_factors.scale;
    }
    at::Tensor matrix() const override
    {
        return (m_factors.B.matmul(m_factors.A) * m_factors.scale).detach();
    }
    NamedTensors trainable() const override
    {
        return {{"lora_A", m_factors.A}, {"lora_B", m_factors.B}};
    }
    std::optional<LowRank> lowRank() const override
    {
        return m_isFolded ? std::optional(m_factors) : std::nullopt;
    }

private:
    LowRank m_factors;
    bool m_isFolded;
};

Linear layer(std::int64_t in, std::int64_t out, bool hasBias)
{
    return {at::randn({out, in}) / 4, hasBias ? at::randn({out}) : at::Tensor()};
}

void attach(Linear& to, std::int64_t rank, double dropout = 0.0, bool isFolded = true)
{
    to.deltas.push_back(
        std::make_shared<Factors>(to.weight.size(1), to.weight.size(0), rank, dropout, isFolded));
}

at::Tensor variable(at::IntArrayRef shape)
{
    return at::randn(shape).requires_grad_();
}

/// Gradients of sum(output * fixed weights) with respect to leaves; empty where none flows.
std::vector<at::Tensor> gradientsOf(const at::Tensor& output, const std::vector<at::Tensor>& leaves)
{
    at::Tensor weights = at::arange(output.numel(), at::kFloat).view(output.sizes());
    (output * (weights * 0.7).sin()).sum().backward();
    std::vector<at::Tensor> gradients;
    for (const at::Tensor& leaf : leaves) {
        gradients.push_back(leaf.grad().defined() ? leaf.grad().clone() : at::Tensor());
        leaf.mutable_grad().reset();
    }
    return gradients;
}

/// The largest difference as a share of the largest value. Where all is zero but for rounding, as
/// the gradient of attention to one key alone, there is no share to speak of: the difference
/// itself counts.
double relativeDifference(const at::Tensor& a, const at::Tensor& b)
{
    constexpr double kRounding = 1e-5; // sums of a hundred float32 values around 1
    const double largest = b.abs().max().item<double>();
    const double difference = (a - b).abs().max().item<double>();
    return largest < kRounding ? difference : difference / largest;
}

/// Output and all gradients of two functions of the same leaves.
void compare(const std::function<at::Tensor()>& fast,
             const std::function<at::Tensor()>& plain,
             const std::vector<at::Tensor>& leaves)
{
    const at::Tensor fastOutput = fast();
    const at::Tensor plainOutput = plain();
    QCOMPARE_LE(relativeDifference(fastOutput, plainOutput), 1e-5);
    const auto fastGradients = gradientsOf(fastOutput, leaves);
    const auto plainGradients = gradientsOf(plainOutput, leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        QVERIFY2(fastGradients[i].defined(), qPrintable(QString::number(i)));
        QCOMPARE_LE(relativeDifference(fastGradients[i], plainGradients[i]), 2e-5);
    }
}

std::vector<at::Tensor> leavesOf(const std::vector<const Linear*>& layers)
{
    std::vector<at::Tensor> leaves;
    for (const Linear* one : layers)
        for (const auto& delta : one->deltas)
            for (const auto& [name, tensor] : delta->trainable())
                leaves.push_back(tensor);
    return leaves;
}

} // namespace

class TestKernels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(11); }

    void theNormEqualsItsPlainForm()
    {
        const at::Tensor x = variable({37, 24});
        const at::Tensor weight = variable({24});
        compare([&] { return rmsNorm(x, weight, 1e-5); },
                [&] { return plain::rmsNorm(x, weight, 1e-5); }, {x, weight});
    }

    void normedLayersEqualTheirPlainForm_data()
    {
        QTest::addColumn<int>("deltas"); // how many of the three layers have one
        QTest::addColumn<bool>("folds");
        QTest::addColumn<bool>("trainsBase");
        QTest::newRow("no delta, base trained") << 0 << true << true;
        QTest::newRow("one delta") << 1 << true << false;
        QTest::newRow("three deltas") << 3 << true << false;
        QTest::newRow("three deltas, base trained") << 3 << true << true;
        QTest::newRow("a delta that is not of low rank") << 2 << false << false;
    }

    void normedLayersEqualTheirPlainForm()
    {
        QFETCH(int, deltas);
        QFETCH(bool, folds);
        QFETCH(bool, trainsBase);
        Linear q = layer(24, 32, true);
        Linear k = layer(24, 8, false);
        Linear v = layer(24, 8, true);
        const std::vector<Linear*> all {&q, &k, &v};
        for (int i = 0; i < deltas; ++i)
            attach(*all[static_cast<std::size_t>(i)], 3 + i, 0.0, folds);
        const at::Tensor x = variable({21, 24});
        const at::Tensor weight = variable({24});
        std::vector<at::Tensor> leaves = leavesOf({&q, &k, &v});
        leaves.insert(leaves.end(), {x, weight});
        if (trainsBase)
            leaves.insert(leaves.end(),
                          {q.weight.requires_grad_(), k.weight.requires_grad_(),
                           v.weight.requires_grad_(), v.bias.requires_grad_()});
        compare([&] { return at::cat(normedLinears(x, weight, 1e-6, {&q, &k, &v}), 1); },
                [&] {
                    const at::Tensor n = plain::rmsNorm(x, weight, 1e-6);
                    return at::cat({plain::linear(q, n), plain::linear(k, n), plain::linear(v, n)},
                                   1);
                },
                leaves);
    }

    void addingALayerEqualsItsPlainForm()
    {
        Linear o = layer(32, 24, true);
        attach(o, 4);
        const at::Tensor x = variable({21, 32});
        const at::Tensor residual = variable({21, 24});
        std::vector<at::Tensor> leaves = leavesOf({&o});
        leaves.insert(leaves.end(), {x, residual});
        compare([&] { return linearAdd(residual, o, x); },
                [&] { return residual + plain::linear(o, x); }, leaves);
    }

    void theGatedLayerEqualsItsPlainForm_data()
    {
        QTest::addColumn<int>("deltas");
        QTest::newRow("no delta") << 0;
        QTest::newRow("one delta, folded") << 1;
        QTest::newRow("two deltas on one layer") << 2;
    }

    void theGatedLayerEqualsItsPlainForm()
    {
        QFETCH(int, deltas);
        Linear down = layer(40, 24, false);
        for (int i = 0; i < deltas; ++i)
            attach(down, 4);
        const at::Tensor gate = variable({21, 40});
        const at::Tensor up = variable({21, 40});
        const at::Tensor residual = variable({21, 24});
        std::vector<at::Tensor> leaves = leavesOf({&down});
        leaves.insert(leaves.end(), {gate, up, residual});
        compare([&] { return gatedDown(residual, down, gate, up); },
                [&] { return residual + plain::linear(down, plain::gated(gate, up)); }, leaves);
    }

    void attentionEqualsItsPlainForm_data()
    {
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("kvHeads");
        QTest::addColumn<int>("window");
        QTest::addColumn<QList<int>>("rows");
        QTest::addColumn<int>("turned");
        QTest::addColumn<double>("scale");
        QTest::addColumn<bool>("isCausal");
        QTest::newRow("one row") << 2 << 2 << 0 << QList<int> {33} << 8 << 0.0 << true;
        QTest::newRow("rows of one token")
            << 2 << 1 << 0 << QList<int> {1, 1, 5} << 8 << 0.0 << true;
        QTest::newRow("a row without tokens")
            << 2 << 1 << 0 << QList<int> {3, 0, 5} << 8 << 0.0 << true;
        QTest::newRow("heads that share keys")
            << 6 << 2 << 0 << QList<int> {17, 64, 3} << 8 << 0.0 << true;
        QTest::newRow("more than one block")
            << 3 << 1 << 0 << QList<int> {300, 129} << 8 << 0.0 << true;
        QTest::newRow("a window within a block")
            << 4 << 2 << 5 << QList<int> {40, 19} << 8 << 0.0 << true;
        QTest::newRow("a window over several blocks")
            << 3 << 3 << 150 << QList<int> {310} << 8 << 0.0 << true;
        QTest::newRow("a window of one") << 2 << 2 << 1 << QList<int> {9} << 8 << 0.0 << true;
        QTest::newRow("a quarter of each head is turned")
            << 4 << 2 << 0 << QList<int> {21, 130} << 2 << 0.0 << true;
        QTest::newRow("nothing is turned")
            << 3 << 3 << 0 << QList<int> {21, 150} << 0 << 0.0 << true;
        QTest::newRow("a scale of its own") << 2 << 2 << 0 << QList<int> {21} << 8 << 0.7 << true;
        QTest::newRow("all tokens see each other")
            << 4 << 2 << 0 << QList<int> {1, 12, 300} << 0 << 0.0 << false;
    }

    void attentionEqualsItsPlainForm()
    {
        QFETCH(int, heads);
        QFETCH(int, kvHeads);
        QFETCH(int, window);
        QFETCH(QList<int>, rows);
        QFETCH(int, turned);
        QFETCH(double, scale);
        QFETCH(bool, isCausal);
        AttentionShape shape {heads, kvHeads, 8, std::nullopt, scale, isCausal};
        if (window > 0)
            shape.window = window;
        std::vector<std::int64_t> starts {0};
        std::vector<at::Tensor> positions;
        for (const int count : rows) {
            starts.push_back(starts.back() + count);
            positions.push_back(at::arange(count, at::kLong));
        }
        ModelConfig config;
        config.headSize = 8;
        config.rotarySize = turned;
        const RotaryTable rotary = turned == 0
            ? RotaryTable()
            : rotaryTable(rotaryFrequencies(config, starts.back()), at::cat(positions));
        const at::Tensor q = variable({starts.back(), heads * 8});
        const at::Tensor k = variable({starts.back(), kvHeads * 8});
        const at::Tensor v = variable({starts.back(), kvHeads * 8});
        compare([&] { return attention(q, k, v, rotary, starts, shape); },
                [&] { return plain::attention(q, k, v, rotary, starts, shape); }, {q, k, v});
    }

    void attentionWithItsOwnSightEqualsItsPlainForm_data()
    {
        QTest::addColumn<int>("window");
        QTest::addColumn<QList<int>>("rows");
        QTest::addColumn<QList<int>>("prefixes"); // empty: none
        QTest::addColumn<int>("unseenEach"); // how far two unseen tokens stand apart; 0: none
        QTest::newRow("a prefix") << 0 << QList<int> {40} << QList<int> {17} << 0;
        QTest::newRow("rows with and without")
            << 0 << QList<int> {12, 0, 30, 5} << QList<int> {12, 0, 0, 1} << 0;
        QTest::newRow("a prefix that ends within a block")
            << 0 << QList<int> {300, 129} << QList<int> {200, 127} << 0;
        QTest::newRow("a prefix longer than its row") << 0 << QList<int> {9} << QList<int> {20} << 0;
        QTest::newRow("a prefix behind a window")
            << 7 << QList<int> {300, 21} << QList<int> {150, 9} << 0;
        QTest::newRow("unseen tokens") << 0 << QList<int> {300, 21} << QList<int> {} << 3;
        QTest::newRow("tokens that see nothing but themselves")
            << 2 << QList<int> {60} << QList<int> {} << 1;
        QTest::newRow("both") << 0 << QList<int> {300, 40} << QList<int> {170, 11} << 4;
    }

    void attentionWithItsOwnSightEqualsItsPlainForm()
    {
        QFETCH(int, window);
        QFETCH(QList<int>, rows);
        QFETCH(QList<int>, prefixes);
        QFETCH(int, unseenEach);
        AttentionShape shape {4, 2, 8, std::nullopt, 0.0, true};
        if (window > 0)
            shape.window = window;
        std::vector<std::int64_t> starts {0};
        std::vector<at::Tensor> positions;
        for (const int count : rows) {
            starts.push_back(starts.back() + count);
            positions.push_back(at::arange(count, at::kLong));
        }
        Sight sight {{prefixes.begin(), prefixes.end()}};
        if (unseenEach > 0)
            sight.unseen = at::arange(starts.back()).remainder(unseenEach).eq(0).to(at::kByte);
        ModelConfig config;
        config.headSize = 8;
        const RotaryTable rotary =
            rotaryTable(rotaryFrequencies(config, starts.back()), at::cat(positions));
        const at::Tensor q = variable({starts.back(), 32});
        const at::Tensor k = variable({starts.back(), 16});
        const at::Tensor v = variable({starts.back(), 16});
        compare([&] { return attention(q, k, v, rotary, starts, shape, sight); },
                [&] { return plain::attention(q, k, v, rotary, starts, shape, sight); }, {q, k, v});
    }

    void nothingIsComputedForAnInputThatNeedsNoGradient()
    {
        Linear q = layer(24, 32, false);
        attach(q, 4);
        const at::Tensor x = at::randn({5, 24}); // the lowest trained layer
        const at::Tensor weight = at::ones({24});
        normedLinears(x, weight, 1e-6, {&q}).front().sum().backward();
        QVERIFY(!x.grad().defined());
        for (const at::Tensor& leaf : leavesOf({&q}))
            QVERIFY(leaf.grad().defined());
        q.deltas.clear();
        QVERIFY(!normedLinears(x, weight, 1e-6, {&q}).front().requires_grad());
    }

    void dropoutActsOnTheDeltaWhileTrainingOnly()
    {
        Linear q = layer(24, 32, false);
        attach(q, 4, 0.5);
        const at::Tensor x = variable({50, 24});
        {
            const at::NoGradGuard noGradients;
            QCOMPARE_LE(relativeDifference(q.forward(x), plain::linear(q, x)), 1e-5);
        }
        at::manual_seed(3);
        const at::Tensor once = q.forward(x);
        const at::Tensor other = q.forward(x);
        at::manual_seed(3);
        QVERIFY(at::equal(once, q.forward(x)));
        QVERIFY(!at::equal(once, other));
        // y - x W^T = scale drop(x) A^T B^T is linear in x while the mask stays: the gradient is
        // that of this mask.
        const auto factors = q.deltas.front()->lowRank();
        const at::Tensor delta = (once - x.matmul(q.weight.t())).detach();
        const auto gradients = gradientsOf(once, {x, factors->A, factors->B});
        const at::Tensor loss = (factors->B.detach() * gradients[2]).sum();
        const at::Tensor weights =
            (at::arange(once.numel(), at::kFloat).view(once.sizes()) * 0.7).sin();
        QCOMPARE_LE(relativeDifference(loss, (delta * weights).sum()), 1e-4);
        QCOMPARE_LE(relativeDifference((factors->A.detach() * gradients[1]).sum(), loss), 1e-4);
        const at::Tensor throughBase = (weights.matmul(q.weight) * x.detach()).sum();
        QCOMPARE_LE(relativeDifference((x.detach() * gradients[0]).sum() - throughBase, loss),
                    1e-4);
    }

    void dropoutKeepsTheMean()
    {
        const at::Tensor y = dropRows(at::ones({1000, 100}), 0.3, 0x123456789abcdefull);
        const double dropped = (y == 0).to(at::kFloat).mean().item<double>();
        QVERIFY2(std::abs(dropped - 0.3) < 0.006,
                 qPrintable(QString::number(dropped))); // 4 standard deviations
        QCOMPARE_LE(std::abs(y.max().item<double>() - 1.0 / 0.7), 1e-6);
        const at::Tensor other = dropRows(at::ones({1000, 100}), 0.3, 0x123456789abcdf0ull);
        const double both = (y == 0).logical_and(other == 0).to(at::kFloat).mean().item<double>();
        QVERIFY2(std::abs(both - 0.09) < 0.004,
                 qPrintable(QString::number(both))); // seeds are independent
    }
};

QTEST_APPLESS_MAIN(TestKernels)
#include "tst_kernels.moc"
