// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/heat/xray_grid.h"

#include "widgets/heat/color_bar.h"
#include "widgets/theme/type.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tw {
namespace {

// Sizes in px at 100 %.
constexpr int kSmallestCell =
    14; // below it a number no longer fits; the grid then asks for more width
constexpr int kCellWidth = 28;
constexpr int kCellHeight = 22;
constexpr int kMostWidth = 72;
constexpr int kMostHeight = 36;
constexpr int kMeanBars = 18; // height of the bars over the columns
constexpr int kGap = 8;
constexpr int kRowMeans = 88; // bar and number at the right of a row
constexpr int kMeanBarWidth = 36;
constexpr int kColorBar = 12;
constexpr int kColorBarNumbers = 52;

} // namespace

struct XrayGrid::Places
{
    double names = 0.0; ///< width of the row names
    QRectF cells;
    double cellWidth = 0.0;
    double cellHeight = 0.0;
    double line = 0.0; ///< height of a line of numbers
    double top = 0.0; ///< of the bars over the columns
};

XrayGrid::XrayGrid(QWidget* parent)
    : Chart(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void XrayGrid::setData(XrayGridData data)
{
    m_data = std::move(data);
    if (m_selected && (m_selected->y() >= m_data.rows.size() || m_selected->x() >= m_data.layers))
        m_selected.reset();
    setFixedHeight(heightForWidth(width()));
    update();
}

void XrayGrid::select(int row, int layer)
{
    const QPoint cell(std::clamp(layer, 0, std::max(0, m_data.layers - 1)),
                      std::clamp(row, 0, std::max(0, static_cast<int>(m_data.rows.size()) - 1)));
    if (m_data.values.empty() || m_selected == cell)
        return;
    m_selected = cell;
    setAccessibleDescription(cellText(cell.y(), cell.x()));
    QAccessibleEvent told(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&told);
    update();
    Q_EMIT selectionChanged(cell.y(), cell.x());
}

double XrayGrid::valueAt(int row, int layer) const
{
    return m_data.values[static_cast<std::size_t>(row * m_data.layers + layer)];
}

int XrayGrid::markAt(int row, int layer) const
{
    return m_data.marks.empty()
        ? 0
        : m_data.marks[static_cast<std::size_t>(row * m_data.layers + layer)];
}

double XrayGrid::maximum() const
{
    double highest = 0.0;
    for (const double value : m_data.values)
        if (std::isfinite(value))
            highest = std::max(highest, value);
    return roundedUp(highest);
}

std::vector<double> XrayGrid::means(bool ofRows) const
{
    const int outer = ofRows ? static_cast<int>(m_data.rows.size()) : m_data.layers;
    const int inner = ofRows ? m_data.layers : static_cast<int>(m_data.rows.size());
    std::vector<double> result;
    for (int i = 0; i < outer; ++i) {
        double sum = 0.0;
        int count = 0;
        for (int j = 0; j < inner; ++j) {
            const double value = ofRows ? valueAt(i, j) : valueAt(j, i);
            if (std::isfinite(value)) {
                sum += value;
                ++count;
            }
        }
        result.push_back(count > 0 ? sum / count : std::nan(""));
    }
    return result;
}

QString XrayGrid::numberText(double value) const
{
    if (std::isnan(value))
        return tr("not compared");
    return QLocale().toString(value, 'f', m_data.digits) + m_data.unit;
}

QString XrayGrid::cellText(int row, int layer) const
{
    const QString place = tr("block %1 %2").arg(layer).arg(m_data.rows[row]);
    if (markAt(row, layer) == 0)
        return tr("%1: %2").arg(place, numberText(valueAt(row, layer)));
    return tr("%1: %2, %3 %4")
        .arg(place, numberText(valueAt(row, layer)))
        .arg(markAt(row, layer))
        .arg(m_data.markName);
}

XrayGrid::Places XrayGrid::placesIn(const QRectF& rect) const
{
    Places places;
    const QFontMetricsF names(textFont(TextType::Table));
    for (const QString& row : m_data.rows)
        places.names = std::max(places.names, names.horizontalAdvance(row));
    places.names += px(kGap);
    places.line = QFontMetricsF(textFont(TextType::Caption)).height();
    const int layers = std::max(1, m_data.layers);
    const double right =
        (m_data.hasMeans ? px(kRowMeans + 2 * kGap) : px(kGap)) + px(kColorBar + kColorBarNumbers);
    const double room = rect.width() - places.names - right;
    places.cellWidth =
        std::clamp(std::floor(room / layers), double(px(kSmallestCell)), double(px(kMostWidth)));
    places.cellHeight = std::clamp(std::round(places.cellWidth * kCellHeight / kCellWidth),
                                   double(px(kCellHeight)), double(px(kMostHeight)));
    places.top = rect.top() + 1;
    const double above = (m_data.hasMeans ? px(kMeanBars) + 2 : 0) + places.line + 4;
    places.cells = QRectF(rect.left() + places.names, places.top + above, places.cellWidth * layers,
                          places.cellHeight * static_cast<double>(m_data.rows.size()));
    return places;
}

QRectF XrayGrid::cellRect(int row, int layer) const
{
    const Places places = placesIn(QRectF(rect()));
    return {places.cells.left() + layer * places.cellWidth,
            places.cells.top() + row * places.cellHeight, places.cellWidth, places.cellHeight};
}

void XrayGrid::drawCells(QPainter& painter, const Places& places) const
{
    const double highest = maximum();
    QFont numbers = textFont(TextType::Caption);
    numbers.setWeight(QFont::DemiBold);
    painter.setFont(numbers);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (int row = 0; row < m_data.rows.size(); ++row) {
        for (int layer = 0; layer < m_data.layers; ++layer) {
            const QRectF cell(places.cells.left() + layer * places.cellWidth,
                              places.cells.top() + row * places.cellHeight, places.cellWidth - 1,
                              places.cellHeight - 1);
            const double value = valueAt(row, layer);
            const QColor fill = colors().magnitude(colorShare(value, highest));
            if (std::isnan(value))
                painter.fillRect(cell, QBrush(colors().edge, Qt::BDiagPattern));
            else
                painter.fillRect(cell, fill);
            if (const int mark = markAt(row, layer); mark != 0) {
                painter.setPen(Theme::textOn(fill));
                painter.drawText(cell, Qt::AlignCenter, QString::number(mark));
            }
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
}

void XrayGrid::drawNames(QPainter& painter, const Places& places) const
{
    painter.setFont(textFont(TextType::Table));
    painter.setPen(colors().ink);
    for (int row = 0; row < m_data.rows.size(); ++row)
        painter.drawText(QRectF(places.cells.left() - places.names,
                                places.cells.top() + row * places.cellHeight,
                                places.names - px(kGap), places.cellHeight),
                         Qt::AlignRight | Qt::AlignVCenter, m_data.rows[row]);
    painter.setFont(textFont(TextType::Caption));
    painter.setPen(colors().ink3);
    const int last = m_data.layers - 1;
    const int stride =
        places.cellWidth * 5 > tabularWidth(painter.font(), QStringLiteral("100")) * 2 ? 5 : 10;
    for (int layer = 0; layer <= last; ++layer) {
        const bool isNearEnd = layer != last
            && layer > last - (stride + 1) / 2; // its number would touch the last one's
        if ((layer % stride != 0 || isNearEnd) && layer != last)
            continue;
        const double centre = places.cells.left() + (layer + 0.5) * places.cellWidth;
        drawTabular(
            painter,
            QRectF(centre - px(30), places.cells.top() - places.line - 3, px(60), places.line),
            Qt::AlignCenter, QString::number(layer));
    }
}

void XrayGrid::drawMeans(QPainter& painter, const Places& places) const
{
    const QColor fill = mixed(colors().ink3, colors().panel, 0.55);
    const QString mean = tr("mean");
    painter.setFont(textFont(TextType::Caption));
    painter.setPen(colors().ink3);
    const double floor = places.top + px(kMeanBars);
    painter.drawText(QRectF(places.cells.left() - places.names, floor - places.line,
                            places.names - px(kGap), places.line),
                     Qt::AlignRight | Qt::AlignVCenter, mean);
    const double barsAt = places.cells.right() + px(2 * kGap);
    painter.drawText(
        QRectF(barsAt, places.cells.top() - places.line - 3, px(kRowMeans), places.line),
        Qt::AlignLeft, mean);

    const std::vector<double> columns = means(false);
    const double highestColumn = std::accumulate(
        columns.begin(), columns.end(), 0.0, [](double a, double b) { return std::fmax(a, b); });
    for (std::size_t i = 0; i < columns.size() && highestColumn > 0.0; ++i) {
        if (std::isnan(columns[i]))
            continue;
        const double height = std::max(1.0, columns[i] / highestColumn * px(kMeanBars));
        const double margin = places.cellWidth * 0.12;
        painter.fillRect(
            QRectF(places.cells.left() + static_cast<double>(i) * places.cellWidth + margin,
                   floor - height, places.cellWidth - 2 * margin - 1, height),
            fill);
    }
    const std::vector<double> rows = means(true);
    const double highestRow = std::accumulate(rows.begin(), rows.end(), 0.0,
                                              [](double a, double b) { return std::fmax(a, b); });
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (std::isnan(rows[i]))
            continue;
        const double centre =
            places.cells.top() + (static_cast<double>(i) + 0.5) * places.cellHeight;
        const double width =
            highestRow > 0.0 ? std::max(1.0, rows[i] / highestRow * px(kMeanBarWidth)) : 1.0;
        painter.fillRect(QRectF(barsAt, centre - px(4), width, px(8)), fill);
        painter.setPen(colors().ink2);
        drawTabular(
            painter,
            QRectF(barsAt + width + 6, centre - places.line / 2, px(kRowMeans), places.line),
            Qt::AlignLeft | Qt::AlignVCenter, numberText(rows[i]));
    }
}

void XrayGrid::drawSelection(QPainter& painter, const Places& places) const
{
    if (!m_selected)
        return;
    const QRectF cell(places.cells.left() + m_selected->x() * places.cellWidth,
                      places.cells.top() + m_selected->y() * places.cellHeight,
                      places.cellWidth - 1, places.cellHeight - 1);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colors().panel, 1));
    painter.drawRect(cell.adjusted(-0.5, -0.5, 0.5, 0.5));
    painter.setPen(QPen(colors().ink, 2));
    painter.drawRoundedRect(cell.adjusted(-2, -2, 2, 2), 3, 3);
}

void XrayGrid::draw(QPainter& painter, const QRectF& rect) const
{
    if (m_data.values.empty())
        return;
    painter.save();
    const Places places = placesIn(rect);
    drawCells(painter, places);
    drawNames(painter, places);
    if (m_data.hasMeans)
        drawMeans(painter, places);
    const double highest = maximum();
    std::vector<BarTick> ticks;
    for (const double value :
         roundTicks(highest, 1.2 * places.line / std::max(1.0, places.cells.height())))
        ticks.push_back(
            {colorShare(value, highest), QLocale().toString(value, 'g', 3) + m_data.unit});
    const double at =
        places.cells.right() + (m_data.hasMeans ? px(kRowMeans + 3 * kGap) : px(2 * kGap));
    drawColorBar(painter, QRectF(at, places.cells.top(), px(kColorBar), places.cells.height()),
                 ticks, colors());
    drawSelection(painter, places);
    painter.restore();
}

void XrayGrid::resizeEvent(QResizeEvent* event)
{
    setFixedHeight(heightForWidth(width())); // wider cells are higher ones
    Chart::resizeEvent(event);
}

void XrayGrid::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    draw(painter, QRectF(rect()));
    if (hasFocus() && m_isByKeyboard && m_selected) {
        const QRectF cell = cellRect(m_selected->y(), m_selected->x()).adjusted(0, 0, -1, -1);
        painter.setPen(QPen(colors().accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(cell.adjusted(-5, -5, 5, 5), 5, 5);
    }
}

std::optional<QPoint> XrayGrid::cellAt(const QPointF& point) const
{
    const Places places = placesIn(QRectF(rect()));
    if (m_data.values.empty() || !places.cells.contains(point))
        return {};
    return QPoint(static_cast<int>((point.x() - places.cells.left()) / places.cellWidth),
                  static_cast<int>((point.y() - places.cells.top()) / places.cellHeight));
}

void XrayGrid::focusInEvent(QFocusEvent* event)
{
    m_isByKeyboard =
        event->reason() != Qt::MouseFocusReason && event->reason() != Qt::ActiveWindowFocusReason;
    Chart::focusInEvent(event);
}

void XrayGrid::mousePressEvent(QMouseEvent* event)
{
    m_isByKeyboard = false;
    const std::optional<QPoint> cell = cellAt(event->position());
    if (event->button() == Qt::LeftButton && cell)
        select(cell->y(), cell->x());
    else
        Chart::mousePressEvent(event);
}

void XrayGrid::keyPressEvent(QKeyEvent* event)
{
    const QPoint at = m_selected.value_or(QPoint(-1, 0));
    m_isByKeyboard = true;
    update();
    switch (event->key()) {
    case Qt::Key_Left:
        return select(at.y(), at.x() - 1);
    case Qt::Key_Right:
        return select(at.y(), at.x() + 1);
    case Qt::Key_Up:
        return select(at.y() - 1, std::max(0, at.x()));
    case Qt::Key_Down:
        return select(at.y() + 1, std::max(0, at.x()));
    case Qt::Key_Home:
        return select(at.y(), 0);
    case Qt::Key_End:
        return select(at.y(), m_data.layers - 1);
    default:
        Chart::keyPressEvent(event);
    }
}

bool XrayGrid::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return Chart::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const std::optional<QPoint> cell = cellAt(help->pos()))
        QToolTip::showText(help->globalPos(), cellText(cell->y(), cell->x()), this);
    else
        QToolTip::hideText();
    return true;
}

DataTable XrayGrid::table() const
{
    DataTable table;
    table.columns << tr("module");
    for (int layer = 0; layer < m_data.layers; ++layer)
        table.columns << tr("block %1").arg(layer);
    for (int row = 0; row < m_data.rows.size(); ++row) {
        QStringList cells {m_data.rows[row]};
        for (int layer = 0; layer < m_data.layers; ++layer)
            cells << tw::cellText(valueAt(row, layer));
        table.rows.push_back(cells);
    }
    return table;
}

int XrayGrid::heightForWidth(int width) const
{
    const Places places = placesIn(QRectF(0, 0, width, 0));
    return static_cast<int>(std::ceil(places.cells.bottom())) + 6;
}

QSize XrayGrid::sizeHint() const
{
    const int width = px(kCellWidth * std::max(8, m_data.layers) + 260);
    return {width, heightForWidth(width)};
}

QSize XrayGrid::minimumSizeHint() const
{
    const int width = px(kSmallestCell * std::max(8, m_data.layers) + 240);
    return {width, heightForWidth(width)};
}

} // namespace tw
