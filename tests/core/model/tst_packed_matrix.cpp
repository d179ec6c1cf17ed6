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
        }
        const at::Tensor exact = at::linear(x.to(at::kDouble), rounded.to(at::kDouble));
        QCOMPARE_LE(largest(productOf(x, matrix, packed) - exact), 2e-5 * std::sqrt(columns));
    }

    void halvesAreRoundedAsLibTorchRoundsThem()
    {
        at::manual_seed(3);
        const at::Tensor matrix = at::randn({40, 70}) * 1e3;
        const at::Tensor unpacked = PackedMatrix(matrix, PackedKind::Bfloat16).unpacked();
        QVERIFY(at::equal(unpacked, matrix.to(at::kBFloat16).to(at::kFloat)));
    }

    void levelsAreOffByHalfAStepOfTheirBlock()
    {
        at::manual_seed(3);
        at::Tensor matrix = at::randn({5, 128});
        matrix[2].slice(0, 64, 128).zero_();
        const at::Tensor unpacked = PackedMatrix(matrix, PackedKind::Int8).unpacked();
        const at::Tensor steps = matrix.view({5, 2, 64}).abs().amax(-1, true) / 127;
        const at::Tensor off = (unpacked - matrix).view({5, 2, 64}).abs();
        QVERIFY(at::all(off.le(steps * 0.5001 + 1e-7)).item<bool>());
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
