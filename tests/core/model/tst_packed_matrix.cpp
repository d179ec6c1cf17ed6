// SPDX-License-Identifier: Apache-2.0
#include "core/model/packed_matrix.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

#include <QTest>

using namespace tw;

namespace {

double largest(const at::Tensor& x)
{
    return x.abs().max().item<double>();
}

at::Tensor productOf(const at::Tensor& x, const at::Tensor& matrix, std::optional<PackedKind> kind)
{
    return kind ? PackedMatrix(matrix, *kind).product(x) : fewRowsProduct(x, matrix);
}

/// Whether each value is the nearest of its kind: a bfloat16, or one of 255 levels of its block of
/// 64 in a row.
bool isRounded(const at::Tensor& matrix, const at::Tensor& rounded, PackedKind kind)
{
    if (kind == PackedKind::Bfloat16)
        return at::equal(rounded, matrix.to(at::kBFloat16).to(at::kFloat));
    for (std::int64_t start = 0; start < matrix.size(1); start += 64) {
        const auto end = std::min<std::int64_t>(start + 64, matrix.size(1));
        const at::Tensor block = matrix.slice(1, start, end);
        const at::Tensor step = block.abs().amax(-1, true) / 127;
        const at::Tensor off = (rounded.slice(1, start, end) - block).abs();
        if (!at::all(off.le(step * 0.5001 + 1e-7)).item<bool>())
            return false;
    }
    return true;
}

} // namespace

class TestPackedMatrix : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void productsAreThoseOfTheRoundedMatrix_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("n");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        for (const int kind : {-1, int(PackedKind::Bfloat16), int(PackedKind::Int8)})
            for (const int n : {1, 2, 4, 5, 8})
                for (const auto& [rows, columns] :
                     {std::pair {1, 1}, {3, 15}, {7, 64}, {130, 97}, {1001, 576}})
                    QTest::addRow("kind %d, %d of %d x %d", kind, n, rows, columns)
                        << kind << n << rows << columns;
    }

    void productsAreThoseOfTheRoundedMatrix()
    {
        QFETCH(int, kind);
        QFETCH(int, n);
        QFETCH(int, rows);
        QFETCH(int, columns);
        at::manual_seed(3);
        const at::Tensor matrix = at::randn({rows, columns});
        const at::Tensor x = at::randn({n, columns});
        at::Tensor rounded = matrix;
        std::optional<PackedKind> packed;
        if (kind >= 0) {
            packed = PackedKind(kind);
            rounded = PackedMatrix(matrix, *packed).unpacked();
            QVERIFY(isRounded(matrix, rounded, *packed)); // before it is believed
        }
        const at::Tensor exact = at::linear(x.to(at::kDouble), rounded.to(at::kDouble));
        QCOMPARE_LE(largest(productOf(x, matrix, packed) - exact), 2e-5 * std::sqrt(columns));
    }

    void halvesAreRoundedAsLibTorchRoundsThem()
    {
        at::manual_seed(3);
        const at::Tensor matrix = at::randn({40, 70}) * 1e3;
        QVERIFY(isRounded(matrix, PackedMatrix(matrix, PackedKind::Bfloat16).unpacked(),
                          PackedKind::Bfloat16));
    }

    void levelsAreOffByHalfAStepOfTheirBlock()
    {
        at::manual_seed(3);
        at::Tensor matrix = at::randn({5, 128});
        matrix[2].slice(0, 64, 128).zero_();
        QVERIFY(
            isRounded(matrix, PackedMatrix(matrix, PackedKind::Int8).unpacked(), PackedKind::Int8));
    }

    void theyTakeFewerBytes()
    {
        const at::Tensor matrix = at::randn({10, 128});
        QCOMPARE(PackedMatrix(matrix, PackedKind::Bfloat16).bytes(), 10 * 128 * 2);
        QCOMPARE(PackedMatrix(matrix, PackedKind::Int8).bytes(), 10 * (128 + 2 * 4));
    }

    void aPackedModelComputesNearlyTheSame()
    {
        const at::NoGradGuard noGradients;
        JobControl control;
        const auto model = loadModel(
            openModelSource(std::filesystem::path(TW_FIXTURES "/model/families/olmo2")), control);
        const auto logits = [&] {
            return model->logits(model->hiddenCached({5, 6, 7}, *model->newCache(3)));
        };
        const at::Tensor exact = logits();
        const double scale = largest(exact);
        for (const PackedKind kind : {PackedKind::Bfloat16, PackedKind::Int8}) {
            model->packWeights(kind);
            const double off = largest(logits() - exact);
            QVERIFY2(off > 0.0 && off < 0.03 * scale, qPrintable(QString::number(off / scale)));
        }
        model->packWeights(std::nullopt);
        QVERIFY(at::equal(logits(), exact));
    }
};

QTEST_APPLESS_MAIN(TestPackedMatrix)
#include "tst_packed_matrix.moc"
