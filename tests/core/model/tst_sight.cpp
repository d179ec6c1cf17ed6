// SPDX-License-Identifier: Apache-2.0
// Tokens that see more than those before them (prefix language models), or less: against what
// Transformers computes with a mask for each pair of tokens (tests/fixtures/sight/make_sight.py).

#include "core/model/model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QDir>
#include <QTest>

using namespace tw;

namespace {

const std::filesystem::path kFixtures = TW_FIXTURES;

std::vector<std::int64_t> list(const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.to(at::kLong).contiguous();
    const auto* values = flat.const_data_ptr<std::int64_t>();
    return {values, values + flat.numel()};
}

struct Stored
{
    std::shared_ptr<const TensorFile> file;
    std::shared_ptr<Model> model;
    PackedInput input;

    Sight sight(bool hasPrefixes, bool hasHoles) const
    {
        Sight sight;
        if (hasPrefixes)
            sight.prefixes = list(file->read("prefixes"));
        if (hasHoles)
            sight.unseen = file->read("unseen");
        return sight;
    }
};

Stored stored(const QString& name)
{
    JobControl control;
    Stored all;
    all.file = openTensorFile(kFixtures / "sight" / (name.toStdString() + ".safetensors"));
    const auto plain = kFixtures / "model" / name.toStdString();
    all.model = loadModel(
        openModelSource(std::filesystem::exists(plain)
                            ? plain
                            : kFixtures / "model/families" / name.toStdString()),
        control);
    all.input.ids = all.file->read("ids");
    all.input.starts = list(all.file->read("starts"));
    std::vector<at::Tensor> positions;
    for (std::size_t row = 0; row + 1 < all.input.starts.size(); ++row)
        positions.push_back(at::arange(all.input.starts[row + 1] - all.input.starts[row]));
    all.input.positions = at::cat(positions);
    return all;
}

at::Tensor logitsOf(const Model& model, const PackedInput& input)
{
    const at::NoGradGuard noGradients;
    return model.logits(model.hidden(input));
}

double largest(const at::Tensor& difference)
{
    return difference.abs().max().item<double>();
}

/// One text of the tiny Llama, of which the first 8 of 14 tokens see each other.
PackedInput oneText()
{
    PackedInput input {at::arange(5, 19, at::kLong), at::arange(14), {0, 14}};
    input.sight.prefixes = {8};
    return input;
}

PackedInput withToken(PackedInput input, std::int64_t place, std::int64_t id)
{
    input.ids = input.ids.clone();
    input.ids[place].fill_(id);
    return input;
}

/// Sum of the squared logits of what a text is continued with.
at::Tensor lossOf(const Model& model, const PackedInput& input)
{
    return model.logits(model.hidden(input)).to(at::kDouble).square().mean();
}

class Shown final : public VirtualTokens
{
public:
    explicit Shown(at::Tensor embeddings)
        : m_embeddings(std::move(embeddings))
    {
    }
    std::int64_t count() const override { return m_embeddings.size(0); }
    at::Tensor embeddings() const override { return m_embeddings; }
    NamedTensors trainable() const override { return {}; }

private:
    at::Tensor m_embeddings;
};

} // namespace

class TestSight : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void logitsAreThoseOfAMaskForEachPair_data()
    {
        QTest::addColumn<QString>("name");
        for (const QString& file : QDir(QStringLiteral(TW_FIXTURES "/sight"))
                                       .entryList({QStringLiteral("*.safetensors")}, QDir::Files))
            QTest::newRow(qPrintable(file)) << file.section(QLatin1Char('.'), 0, 0);
    }

    void logitsAreThoseOfAMaskForEachPair()
    {
        QFETCH(QString, name);
        Stored all = stored(name);
        const at::Tensor usual = logitsOf(*all.model, all.input);
        const auto compare = [&](const char* kind, const Sight& sight) {
            all.input.sight = sight;
            const at::Tensor expected = all.file->read(kind);
            const double scale = std::max(1.0, largest(expected));
            const at::Tensor found = logitsOf(*all.model, all.input);
            QCOMPARE_LE(largest(found - expected) / scale, 1e-5);
            QVERIFY(largest(usual - expected) / scale > 1e-2); // the case is one
        };
        compare("prefix", all.sight(true, false));
        compare("hole", all.sight(false, true));
        compare("both", all.sight(true, true));
    }

    void gradientsAreThoseOfAMaskForEachPair_data() { logitsAreThoseOfAMaskForEachPair_data(); }

    void gradientsAreThoseOfAMaskForEachPair()
    {
        QFETCH(QString, name);
        Stored all = stored(name);
        all.input.sight = all.sight(true, false);
        at::Tensor targets = at::full_like(all.input.ids, -100);
        for (std::size_t row = 0; row + 1 < all.input.starts.size(); ++row) {
            const std::int64_t first = all.input.starts[row] + all.input.sight.prefixes[row];
            const std::int64_t count = all.input.starts[row + 1] - first;
            if (count > 0)
                targets.narrow(0, first - 1, count)
                    .copy_(all.input.ids.narrow(0, first, count));
        }
        at::Tensor table = all.model->embedding().weight;
        table.requires_grad_();
        const at::Tensor logits = all.model->logits(all.model->hidden(all.input));
        at::cross_entropy_loss(logits, targets, {}, at::Reduction::Sum).backward();
        const at::Tensor expected = all.file->read("prefix.gradient");
        QCOMPARE_LE(largest(table.grad() - expected), 1e-5 * std::max(1.0, largest(expected)));
    }

    void anInputSeesWhatStandsBehindAndNothingSeesTargetsAhead()
    {
        const auto model = stored(QStringLiteral("llama_plain")).model;
        const PackedInput text = oneText();
        const at::Tensor before = logitsOf(*model, text);
        const at::Tensor inputChanged = logitsOf(*model, withToken(text, 7, 60));
        QVERIFY(largest((inputChanged - before)[0]) > 1e-3);
        const at::Tensor targetChanged = logitsOf(*model, withToken(text, 13, 60));
        QVERIFY(at::equal(targetChanged.narrow(0, 0, 13), before.narrow(0, 0, 13)));
        QVERIFY(!at::equal(targetChanged[13], before[13]));
    }

    void withoutPrefixesNothingIsAnotherBit()
    {
        Stored all = stored(QStringLiteral("qwen3"));
        const at::Tensor usual = logitsOf(*all.model, all.input);
        all.input.sight.prefixes = {0, 0, 0};
        QVERIFY(at::equal(logitsOf(*all.model, all.input), usual));
        all.input.sight.prefixes = {1, 1, 1}; // the first token sees itself in any case
        QVERIFY(at::equal(logitsOf(*all.model, all.input), usual));
        all.input.sight.unseen = at::zeros_like(all.input.ids, at::kByte);
        QVERIFY(at::equal(logitsOf(*all.model, all.input), usual));
    }

    void whatNobodySeesChangesNothingElse()
    {
        const auto model = stored(QStringLiteral("llama_plain")).model;
        PackedInput text = oneText();
        text.sight = {};
        text.sight.unseen = at::zeros({14}, at::kByte);
        text.sight.unseen[4].fill_(1);
        const at::Tensor before = logitsOf(*model, text);
        const at::Tensor changed = logitsOf(*model, withToken(text, 4, 60));
        for (std::int64_t token = 0; token < 14; ++token)
            QCOMPARE(at::equal(changed[token], before[token]), token != 4);
    }

    void aTokenThatSeesNothingSeesItself()
    {
        const auto model = stored(QStringLiteral("llama_plain")).model;
        PackedInput text {at::tensor({9L, 12L}), at::arange(2), {0, 2}};
        text.sight.unseen = at::tensor({1, 0}, at::kByte);
        const PackedInput alone {at::tensor({9L}), at::arange(1), {0, 1}};
        const at::Tensor found = logitsOf(*model, text);
        QVERIFY(found.isfinite().all().item<bool>());
        QCOMPARE_LE(largest(found[0] - logitsOf(*model, alone)[0]), 1e-6);
    }

    void rowsOfABatchDoNotSeeEachOther()
    {
        Stored all = stored(QStringLiteral("llama_plain"));
        all.input.sight = all.sight(true, true);
        const at::Tensor together = logitsOf(*all.model, all.input);
        for (std::size_t row = 0; row + 1 < all.input.starts.size(); ++row) {
            const std::int64_t first = all.input.starts[row];
            const std::int64_t count = all.input.starts[row + 1] - first;
            PackedInput alone {all.input.ids.narrow(0, first, count),
                               all.input.positions.narrow(0, first, count),
                               {0, count}};
            alone.sight = {{all.input.sight.prefixes[row]},
                           all.input.sight.unseen.narrow(0, first, count).contiguous()};
            QCOMPARE_LE(largest(logitsOf(*all.model, alone) - together.narrow(0, first, count)),
                        1e-5);
        }
    }

    void virtualTokensBelongToThePrefix()
    {
        const auto model = stored(QStringLiteral("llama_plain")).model;
        const PackedInput text = oneText();
        // The first two tokens as virtual ones: the rest reads what it read.
        const at::Tensor before = logitsOf(*model, text);
        PackedInput rest {text.ids.narrow(0, 2, 12), at::arange(12), {0, 12}};
        rest.sight.prefixes = {6};
        rest.sight.unseen = at::zeros({12}, at::kByte);
        model->setVirtualTokens(std::make_shared<Shown>(
            model->embedding().weight.index_select(0, text.ids.narrow(0, 0, 2))));
        QCOMPARE_LE(largest(logitsOf(*model, rest) - before.narrow(0, 2, 12)), 1e-5);
    }

    /// Along the gradient of each weight of a layer. Central differences with a step and with half
    /// of it give the slope but for the fourth power of the step (Richardson 1911), which a float32
    /// loss can tell.
    void gradientsAreDifferencesOfTheLoss()
    {
        const auto model = stored(QStringLiteral("llama_plain")).model;
        PackedInput text = oneText();
        text.sight.unseen = at::zeros({14}, at::kByte);
        text.sight.unseen[3].fill_(1);
        text.sight.unseen[10].fill_(1);
        for (const SiteKind kind : {SiteKind::AttnQ, SiteKind::AttnK, SiteKind::AttnV}) {
            at::Tensor weight = model->linear({kind, 0}).weight;
            weight.requires_grad_();
            lossOf(*model, text).backward();
            const at::Tensor gradient = weight.grad().clone();
            weight.requires_grad_(false);
            const at::NoGradGuard noGradients;
            const at::Tensor start = weight.clone();
            const at::Tensor direction = gradient / gradient.norm();
            const auto lossAt = [&](double step) {
                weight.copy_(start + direction * step);
                return lossOf(*model, text).item<double>();
            };
            const auto slopeWith = [&](double step) {
                return (lossAt(step) - lossAt(-step)) / (2 * step);
            };
            const double found = (4 * slopeWith(5e-3) - slopeWith(1e-2)) / 3;
            weight.copy_(start);
            const double slope = gradient.norm().item<double>();
            QVERIFY2(std::abs(found / slope - 1) < 1e-3, qPrintable(QString::number(found / slope)));
        }
    }
};

QTEST_APPLESS_MAIN(TestSight)
#include "tst_sight.moc"
