// SPDX-License-Identifier: Apache-2.0
#include "core/model/loops.h"

#include <QTest>

#include <cmath>
#include <numeric>
#include <vector>

using namespace tw;

class TestLoops : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void softmaxIsRightOverTheWholeRange_data()
    {
        QTest::addColumn<double>("offset");
        QTest::newRow("around zero") << 0.0;
        QTest::newRow("very large scores") << 1e4;
        QTest::newRow("very small scores") << -1e4;
    }

    void softmaxIsRightOverTheWholeRange()
    {
        QFETCH(double, offset);
        std::vector<float> scores;
        for (int i = 0; i < 77; ++i)
            scores.push_back(static_cast<float>(offset) + static_cast<float>(i % 13) * 3.0f);
        double sum = 0.0;
        for (const float score : scores)
            sum += std::exp(static_cast<double>(score) - offset);
        std::vector<float> p = scores;
        const float logSum = loops::softmax(p.data(), 77);
        QVERIFY(std::abs(logSum - offset - std::log(sum))
                <= 2e-7 * std::abs(offset + std::log(sum)));
        std::vector<float> again = scores;
        loops::softmaxAgain(again.data(), logSum, 77);
        for (std::size_t i = 0; i < p.size(); ++i) {
            const double right = std::exp(static_cast<double>(scores[i]) - offset) / sum;
            QVERIFY(std::abs(p[i] - right) <= 1e-6);
            // Between large scores float32 has gaps of a thousandth, and so has what is made from
            // their difference.
            QVERIFY(std::abs(again[i] - right) <= (offset == 0.0 ? 4e-6 : 1e-3));
        }
    }

    void exponentialsAreExactToFloat32()
    {
        for (float x = -80.0f; x < 80.0f; x += 0.0137f) {
            float e = x;
            loops::softmaxAgain(&e, 0.0f, 1);
            const double right = std::exp(static_cast<double>(x));
            QVERIFY2(std::abs(e - right) <= 2e-7 * right, qPrintable(QString::number(x)));
        }
    }

    void theGateOfExtremeNumbersStaysFinite()
    {
        const std::vector<float> gate {-1e30f, -200.0f, -1.0f, 0.0f, 1.0f, 200.0f, 1e30f};
        const std::vector<float> up(7, 2.0f);
        std::vector<float> y(7);
        loops::gatedSilu(gate.data(), up.data(), y.data(), 7);
        QVERIFY(std::abs(y[1]) <= 1e-30f);
        QVERIFY(std::abs(y[4] - 2.0f / (1.0f + std::exp(-1.0f))) <= 1e-6f);
        QCOMPARE(y[5], 400.0f);
        QCOMPARE(y[6], 2e30f);
        for (const float number : y)
            QVERIFY(std::isfinite(number));
    }

    void turningThereAndBackChangesNothing()
    {
        std::vector<float> x(16);
        std::iota(x.begin(), x.end(), 1.0f);
        std::vector<float> cosines;
        std::vector<float> sines;
        for (int i = 0; i < 8; ++i) {
            cosines.push_back(std::cos(0.3f * static_cast<float>(i)));
            sines.push_back(std::sin(0.3f * static_cast<float>(i)));
        }
        std::vector<float> turned(16);
        std::vector<float> back(16);
        loops::rotate(x.data(), cosines.data(), sines.data(), 2.0f, turned.data(), 8);
        QVERIFY(std::abs(turned[1] - 2.0f * (2.0f * cosines[1] - 10.0f * sines[1])) <= 1e-5f);
        loops::rotateBack(turned.data(), cosines.data(), sines.data(), 0.5f, back.data(), 8);
        for (std::size_t i = 0; i < x.size(); ++i)
            QVERIFY(std::abs(back[i] - x[i]) <= 1e-5f);
    }
};

QTEST_APPLESS_MAIN(TestLoops)
#include "tst_loops.moc"
