// SPDX-License-Identifier: Apache-2.0
// NEFTune (Jain et al. 2023): noise on the embeddings of a row of L tokens, d wide, is drawn evenly
// from -a to a with a = alpha / sqrt(L d).

#include "core/objective/registry.h"
#include "tests/contract/tiny_model.h"

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

constexpr double kAlpha = 5.0;
const std::vector<std::int64_t> kStarts {0, 12, 60}; ///< of two rows, 12 and 48 tokens long

/// Keeps what attention of the first block is added to: the embeddings.
class Watcher final : public HiddenChange
{
public:
    at::Tensor forward(const at::Tensor& output, const PartStates& part) const override
    {
        m_seen = part.residual.detach().clone();
        return output;
    }
    NamedTensors trainable() const override { return {}; }
    const at::Tensor& seen() const { return m_seen; }

private:
    mutable at::Tensor m_seen;
};

class WatchedModel
{
public:
    WatchedModel()
    {
        for (const SiteInfo& info : m_model->sites())
            if (info.site == Site {SiteKind::AttnOut, 0})
                m_model->hiddenChanges(info).push_back(m_watcher);
    }

    Batch batch() const
    {
        Batch batch;
        for (std::size_t row = 0; row + 1 < kStarts.size(); ++row)
            for (std::int64_t i = 0; i < kStarts[row + 1] - kStarts[row]; ++i) {
                batch.ids.push_back(3 + 7 * i % 90);
                batch.positions.push_back(i);
                batch.targets.push_back(5);
            }
        batch.rowStarts = kStarts;
        return batch;
    }

    /// [tokens, width] of one pass of the objective.
    at::Tensor embeddings(double alpha) const
    {
        objectives().at("supervised").loss(*m_model, batch(), {{"neftune", alpha}});
        return m_watcher->seen();
    }

private:
    std::shared_ptr<Model> m_model = tinyModel();
    std::shared_ptr<Watcher> m_watcher = std::make_shared<Watcher>();
};

at::Tensor rowOf(const at::Tensor& values, std::size_t row)
{
    return values.narrow(0, kStarts[row], kStarts[row + 1] - kStarts[row]);
}

} // namespace

class TestNeftune : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theNoiseFillsItsRangeAndNeverLeavesIt_data()
    {
        QTest::addColumn<int>("row");
        QTest::newRow("short row") << 0;
        QTest::newRow("long row") << 1;
    }

    void theNoiseFillsItsRangeAndNeverLeavesIt()
    {
        QFETCH(int, row);
        const at::AutoGradMode withGradients(true);
        at::manual_seed(3);
        const WatchedModel model;
        const at::Tensor clean = model.embeddings(0.0);
        const at::Tensor noise =
            rowOf(model.embeddings(kAlpha) - clean, static_cast<std::size_t>(row));
        const double bound = kAlpha / std::sqrt(static_cast<double>(noise.numel()));
        const double largest = noise.abs().max().item<double>();
        QVERIFY(largest < bound * (1 + 1e-4));
        QVERIFY(largest > bound * 0.97);
        // Even noise has the variance bound^2 / 3 and the mean 0, within four standard errors.
        const double count = static_cast<double>(noise.numel());
        QVERIFY(std::abs(noise.square().mean().item<double>() / (bound * bound / 3) - 1)
                < 4 * std::sqrt(0.8 / count));
        QVERIFY(std::abs(noise.mean().item<double>()) < 4 * bound / std::sqrt(3 * count));
    }

    void eachPassDrawsAnew()
    {
        const at::AutoGradMode withGradients(true);
        const WatchedModel model;
        QVERIFY(!at::equal(model.embeddings(kAlpha), model.embeddings(kAlpha)));
    }

    void anEvaluationHearsNone()
    {
        const at::NoGradGuard noGradients;
        const WatchedModel model;
        QVERIFY(at::equal(model.embeddings(kAlpha), model.embeddings(0.0)));
    }
};

QTEST_GUILESS_MAIN(TestNeftune)
#include "tst_neftune.moc"
