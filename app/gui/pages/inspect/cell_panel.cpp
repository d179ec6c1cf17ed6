// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/inspect/cell_panel.h"

#include "app/gui/pages/fact_list.h"
#include "app/gui/pages/inspect/measures.h"
#include "widgets/basic/button.h"
#include "widgets/basic/text_label.h"
#include "widgets/heat/similarity_map.h"
#include "widgets/plot/bar_plot.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/table_window.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

constexpr std::size_t kMostBars = 64; // more would be thinner than a pixel or two
constexpr double kMost = 0.85; // "so many directions hold most of it"

QString placeOf(const XrayCell& cell)
{
    return CellPanel::tr("block %1 %2").arg(cell.layer).arg(QString::fromStdString(cell.site));
}

std::vector<double> upTo(std::size_t count)
{
    std::vector<double> places;
    for (std::size_t i = 1; i <= count; ++i)
        places.push_back(static_cast<double>(i));
    return places;
}

std::vector<int> intruderPlaces(const XrayCell& cell, double epsilon)
{
    std::vector<int> places;
    for (std::size_t j = 0; j < cell.bestMatch.size(); ++j)
        if (cell.bestMatch[j] < epsilon)
            places.push_back(static_cast<int>(j));
    return places;
}

} // namespace

CellPanel::CellPanel(QWidget* parent)
    : Panel(QString(), parent)
    , m_values(new LinePlot(this))
    , m_spectrum(new BarPlot(this))
    , m_similarity(new SimilarityMap(this))
    , m_numbers(new FactList(this))
{
    m_values->setLogarithmic(true);
    m_values->setLegendVisible(true);
    m_values->setAxisTitles(tr("singular vector"), tr("value"));
    m_spectrum->setAxisTitles(tr("direction of ΔW"), tr("value"));

    auto* numbers = new QWidget(this);
    auto* column = new QVBoxLayout(numbers);
    column->setContentsMargins(0, px(4), 0, 0);
    column->addWidget(m_numbers);
    column->addStretch(1);
    QPushButton* table = makeButton(tr("As table"), ButtonKind::Small, QString(), this);
    table->setToolTip(tr("All numbers of this matrix, to read and to copy."));
    connect(table, &QPushButton::clicked, this, &CellPanel::openTable);
    column->addWidget(table, 0, Qt::AlignLeft);

    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    m_valuesColumn = makeColumn(tr("Singular values"), m_values);
    const Column spectrum = makeColumn(tr("Spectrum of the change"), m_spectrum);
    m_similarityColumn = makeColumn(tr("Similarity"), m_similarity);
    m_numbersColumn = makeColumn(QString(), numbers);
    row->addWidget(m_valuesColumn.widget, 31);
    row->addWidget(makeLine(Qt::Vertical, this));
    row->addWidget(spectrum.widget, 27);
    row->addWidget(makeLine(Qt::Vertical, this));
    row->addWidget(m_similarityColumn.widget, 28);
    row->addWidget(makeLine(Qt::Vertical, this));
    row->addWidget(m_numbersColumn.widget, 30);
    setBodyMargins(0, 0, 0, 0);
    body()->addLayout(row);
    for (Chart* chart : {static_cast<Chart*>(m_values), static_cast<Chart*>(m_spectrum),
                         static_cast<Chart*>(m_similarity)})
        connect(chart, &Chart::notSaved, this, &CellPanel::notSaved);
}

CellPanel::Column CellPanel::makeColumn(const QString& title, QWidget* content)
{
    auto* widget = new QWidget(this);
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(px(16), px(8), px(12), px(8));
    column->setSpacing(px(4));
    auto* head = new QHBoxLayout;
    auto* titleLabel = new TextLabel(title, TextType::BodyStrong);
    auto* fact = (new TextLabel(TextType::Table, TextInk::Ink2))->elided();
    head->addWidget(titleLabel);
    head->addWidget(fact, 1);
    column->addLayout(head);
    column->addWidget(content, 1);
    return {widget, titleLabel, fact};
}

void CellPanel::setCell(const XrayCell& cell,
                        double epsilon,
                        const QString& nameOfA,
                        const QString& nameOfB)
{
    m_cell = cell;
    showValues(cell, epsilon, nameOfA, nameOfB);
    showSpectrum(cell);
    showSimilarity(cell, epsilon);
    showNumbers(cell, epsilon);
}

void CellPanel::clear()
{
    m_cell.reset();
    m_values->setCurves({});
    m_spectrum->setBars({});
    m_similarity->setData({});
    m_numbers->setFacts({});
    m_numbersColumn.title->setText(tr("No matrix chosen"));
    m_numbersColumn.fact->setFullText({});
}

void CellPanel::showValues(const XrayCell& cell,
                           double epsilon,
                           const QString& nameOfA,
                           const QString& nameOfB)
{
    Curve base;
    base.name = tr("%1, A").arg(nameOfA);
    base.line = 5;
    base.y = cell.baseValues;
    base.x = upTo(base.y.size());
    Curve tuned;
    tuned.name = tr("%1, B").arg(nameOfB);
    tuned.line = 1;
    tuned.y = cell.tunedValues;
    tuned.x = upTo(tuned.y.size());
    Curve marks;
    marks.name = tr("intruder");
    marks.line = 2;
    marks.style = Curve::Style::Marks;
    for (const int place : intruderPlaces(cell, epsilon)) {
        if (static_cast<std::size_t>(place) >= cell.tunedValues.size())
            continue;
        marks.x.push_back(place + 1.0);
        marks.y.push_back(cell.tunedValues[static_cast<std::size_t>(place)]);
    }
    std::vector<Curve> curves {base, tuned};
    if (!marks.x.empty())
        curves.push_back(marks);
    for (Curve& curve : curves)
        curve.quantity = tr("value");
    m_values->setTitle(tr("Singular values of %1").arg(placeOf(cell)));
    m_values->setCurves(std::move(curves));
    m_valuesColumn.fact->setFullText(placeOf(cell));
}

void CellPanel::showSpectrum(const XrayCell& cell)
{
    std::vector<double> shown = cell.changeValues;
    const std::size_t rank = shown.size();
    double all = 0.0;
    for (const double value : shown)
        all += value * value;
    double held = 0.0;
    std::size_t most = 0;
    while (most < rank && held < kMost * all)
        held += shown[most] * shown[most], ++most;
    shown.resize(std::min(rank, kMostBars));
    Bars bars = indexedBars(std::move(shown));
    bars.strong = most;
    if (all > 0.0)
        bars.note = tr("%n directions hold %1 %", nullptr, static_cast<int>(most))
                        .arg(QLocale().toString(held / all * 100.0, 'f', 0));
    std::vector<ReferenceLine> lines;
    if (rank > 0 && rank <= kMostBars)
        lines.push_back({static_cast<double>(rank) + 0.5, tr("rank %1").arg(rank)});
    m_spectrum->setTitle(tr("Spectrum of the change of %1").arg(placeOf(cell)));
    m_spectrum->setBars(std::move(bars), std::move(lines));
}

void CellPanel::showSimilarity(const XrayCell& cell, double epsilon)
{
    m_similarity->setTitle(tr("Similarity of singular vectors of %1").arg(placeOf(cell)));
    m_similarity->setData(
        {static_cast<int>(cell.similaritySize), cell.similarity, intruderPlaces(cell, epsilon)});
    m_similarityColumn.fact->setFullText(tr("ε = %1").arg(QLocale().toString(epsilon, 'f', 2)));
    m_similarityColumn.fact->setToolTip(epsilonHelp());
}

void CellPanel::showNumbers(const XrayCell& cell, double epsilon)
{
    const QLocale locale;
    const std::vector<int> intruders = intruderPlaces(cell, epsilon);
    QStringList places;
    for (const int place : intruders)
        places << QString::number(place + 1);
    const double change = cell.relativeChange() * 100.0;
    std::vector<FactList::Fact> facts {
        {tr("|ΔW| / |W|"), tr("%1 %").arg(shortNumber(change, 2)), relativeChangeHelp()},
        {tr("Rank of ΔW"), QString::number(cell.changeValues.size())},
        {tr("Effective rank"), locale.toString(cell.effectiveRank, 'f', 1), effectiveRankHelp()},
        {tr("Stable rank"), locale.toString(cell.stableRank, 'f', 1), stableRankHelp()},
        {tr("Largest rotation"), tr("%1°").arg(locale.toString(cell.largestRotation(), 'f', 0)),
         rotationHelp()},
        {tr("Intruders, k = %1").arg(cell.bestMatch.size()),
         intruders.empty()
             ? tr("none")
             : tr("%1 (no. %2)").arg(intruders.size()).arg(places.join(QStringLiteral(", "))),
         intrudersHelp()},
    };
    const auto worst = std::min_element(cell.bestMatch.begin(), cell.bestMatch.end());
    if (worst != cell.bestMatch.end())
        facts.push_back({tr("Best match of no. %1").arg(worst - cell.bestMatch.begin() + 1),
                         locale.toString(*worst, 'f', 2)});
    if (!cell.baseValues.empty() && !cell.tunedValues.empty())
        facts.push_back({tr("Largest value, A and B"),
                         tr("%1; %2").arg(shortNumber(cell.baseValues.front()),
                                          shortNumber(cell.tunedValues.front()))});
    m_numbers->setFacts(facts);
    m_numbersColumn.title->setText(
        tr("Block %1 %2").arg(cell.layer).arg(QString::fromStdString(cell.site)));
    m_numbersColumn.fact->setFullText(
        tr("%1 × %2").arg(locale.toString(static_cast<qlonglong>(cell.rows)),
                          locale.toString(static_cast<qlonglong>(cell.columns))));
}

void CellPanel::openTable()
{
    if (!m_cell)
        return;
    const XrayCell& cell = *m_cell;
    DataTable table;
    table.columns = QStringList {tr("number"),      tr("value in A"), tr("value in B"),
                                 tr("value of ΔW"), tr("best match"), tr("with A’s number")};
    const std::size_t rows = std::max({cell.baseValues.size(), cell.tunedValues.size(),
                                       cell.changeValues.size(), cell.bestMatch.size()});
    const auto at = [](const std::vector<double>& values, std::size_t i) {
        return i < values.size() ? cellText(values[i]) : QString();
    };
    for (std::size_t i = 0; i < rows; ++i)
        table.rows.push_back(
            {QString::number(i + 1), at(cell.baseValues, i), at(cell.tunedValues, i),
             at(cell.changeValues, i), at(cell.bestMatch, i),
             i < cell.bestMatchIndex.size() ? QString::number(cell.bestMatchIndex[i] + 1)
                                            : QString()});
    openTableWindow(placeOf(cell), table, this);
}

} // namespace tw
