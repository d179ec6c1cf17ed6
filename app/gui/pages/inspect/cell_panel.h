// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"
#include "widgets/basic/panel.h"

#include <optional>

namespace tw {

class BarPlot;
class Chart;
class FactList;
class LinePlot;
class SimilarityMap;
class TextLabel;

/// One matrix in detail: singular values of A and B, spectrum of the change, similarities, numbers.
class CellPanel final : public Panel
{
    Q_OBJECT

public:
    explicit CellPanel(QWidget* parent = nullptr);
    void
    setCell(const XrayCell& cell, double epsilon, const QString& nameOfA, const QString& nameOfB);
    void clear();

Q_SIGNALS:
    void notSaved(const QString& what);

private:
    struct Column
    {
        QWidget* widget;
        TextLabel* title;
        TextLabel* fact;
    };
    Column makeColumn(const QString& title, QWidget* content);
    void showValues(const XrayCell& cell,
                    double epsilon,
                    const QString& nameOfA,
                    const QString& nameOfB);
    void showSpectrum(const XrayCell& cell);
    void showSimilarity(const XrayCell& cell, double epsilon);
    void showNumbers(const XrayCell& cell, double epsilon);
    void openTable();

    LinePlot* m_values;
    BarPlot* m_spectrum;
    SimilarityMap* m_similarity;
    FactList* m_numbers;
    Column m_valuesColumn;
    Column m_similarityColumn;
    Column m_numbersColumn;
    std::optional<XrayCell> m_cell;
};

} // namespace tw
