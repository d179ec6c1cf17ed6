// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/report/report_pages.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QAbstractTextDocumentLayout>
#include <QCoreApplication>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextLayout>

#include <algorithm>
#include <cmath>
#include <memory>

namespace tw {
namespace {

constexpr double kMargin = 64.0; // 17 mm
constexpr double kFooter = 40.0;
constexpr double kGap = 12.0;
constexpr double kUnderHeading = 6.0;
constexpr double kChart = 210.0;

const Theme& paper()
{
    return Theme::light();
}

double bodyWidth()
{
    return ReportPages::pageSize().width() - 2 * kMargin;
}

double textHeight(const QString& text, TextType type, double width)
{
    const QRectF room(0, 0, width, 1e6);
    return std::ceil(
        QFontMetricsF(textFont(type)).boundingRect(room, Qt::TextWordWrap, text).height());
}

void drawWords(QPainter& painter,
               const QRectF& rect,
               TextType type,
               const QColor& ink,
               const QString& text,
               int flags = Qt::TextWordWrap)
{
    painter.setFont(textFont(type));
    painter.setPen(ink);
    painter.drawText(rect, flags, text);
}

void drawRule(QPainter& painter, double left, double right, double y)
{
    painter.setPen(QPen(paper().line, 1));
    painter.drawLine(QPointF(left, y), QPointF(right, y));
}

bool isNumber(const QString& cell)
{
    static const QString kAllowed = QStringLiteral("0123456789.,:+-−% ");
    return !cell.isEmpty()
        && std::all_of(cell.cbegin(), cell.cend(), [](QChar c) { return kAllowed.contains(c); });
}

struct Column
{
    double width = 0.0;
    bool isNumbers = false; ///< set right-aligned
};

/// Columns as wide as their longest cell asks for, shrunk together where the page is too narrow.
std::vector<Column> columnsOf(const DataTable& table)
{
    const QFontMetricsF metrics(textFont(TextType::Table));
    std::vector<Column> columns;
    double sum = 0.0;
    for (qsizetype column = 0; column < table.columns.size(); ++column) {
        double width = metrics.horizontalAdvance(table.columns[column]);
        for (const QStringList& row : table.rows)
            width = std::max(width, metrics.horizontalAdvance(row.value(column)));
        const auto isNumeric = [column](const QStringList& row) {
            return row.value(column).isEmpty() || isNumber(row[column]);
        };
        columns.push_back(
            {std::min(width + 16.0, bodyWidth() * 0.7),
             column > 0 && std::all_of(table.rows.begin(), table.rows.end(), isNumeric)});
        sum += columns.back().width;
    }
    const double scale = sum > bodyWidth() ? bodyWidth() / sum : 1.0;
    for (Column& column : columns)
        column.width *= scale;
    if (scale == 1.0 && !columns.empty()) // what is left goes to the first column: labels
        columns.front().width += std::min(bodyWidth() - sum, 120.0);
    return columns;
}

void drawTableRow(QPainter& painter,
                  const QRectF& rect,
                  const QStringList& cells,
                  const std::vector<Column>& columns,
                  bool isHead)
{
    double x = rect.left();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const QString cell = cells.value(static_cast<qsizetype>(i));
        const QRectF room(x, rect.top(), columns[i].width - 12.0, rect.height());
        const bool isRight = columns[i].isNumbers;
        painter.setFont(textFont(isHead ? TextType::Caption : TextType::Table));
        painter.setPen(isHead ? paper().ink3 : paper().ink);
        const QString shown =
            painter.fontMetrics().elidedText(cell, Qt::ElideMiddle, static_cast<int>(room.width()));
        painter.drawText(
            room, static_cast<int>((isRight ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter),
            shown);
        x += columns[i].width;
    }
    drawRule(painter, rect.left(), rect.right(), rect.bottom());
}

/// Draws the part `place` of a document at rect; with an indent there is a bar at its left.
void drawLine(QPainter& painter,
              const QRectF& rect,
              const QTextDocument& document,
              const QRectF& place,
              double indent)
{
    if (indent > 0.0)
        painter.fillRect(QRectF(rect.left(), rect.top(), 3.0, rect.height() + 5.0), paper().accent);
    painter.translate(rect.left() + indent, rect.top() - place.top());
    QAbstractTextDocumentLayout::PaintContext context;
    context.palette.setColor(QPalette::Text, paper().ink);
    context.palette.setColor(QPalette::Link, paper().accent);
    context.clip = place.adjusted(0, 0.5, 0, -0.5); // no sliver of the lines around it
    painter.setClipRect(context.clip);
    document.documentLayout()->draw(&painter, context);
}

} // namespace

QSizeF ReportPages::pageSize()
{
    return {794.0, 1123.0}; // 210 x 297 mm
}

ReportPages::ReportPages(const std::vector<ReportBlock>& blocks, QString footer)
    : m_footer(std::move(footer))
    , m_y(kMargin)
{
    for (const ReportBlock& block : blocks)
        std::visit([this](const auto& part) { add(part); }, block);
}

void ReportPages::put(double height, Draw draw, double keep)
{
    const double floor = pageSize().height() - kMargin - kFooter;
    // What does not fit even below a heading that begins the page would fit on no other.
    const bool isFirst =
        m_y <= kMargin || (m_isUnderHeading && m_pieces.back().rect.top() <= kMargin + kGap);
    if (m_y + height + keep > floor && !isFirst) {
        ++m_count;
        m_y = kMargin;
        if (m_isUnderHeading) { // which comes along: it is nothing at the foot of a page
            Piece& heading = m_pieces.back();
            heading.page = m_count - 1;
            heading.rect.moveTop(m_y);
            m_y += heading.rect.height() + kUnderHeading;
        }
    }
    m_isUnderHeading = false;
    m_pieces.push_back({m_count - 1, QRectF(kMargin, m_y, bodyWidth(), height), std::move(draw)});
    m_y += height;
}

void ReportPages::add(const ReportHead& head)
{
    m_text += head.above + QLatin1Char('\n') + head.title + QLatin1Char('\n') + head.subtitle
        + QLatin1Char('\n');
    const double title = textHeight(head.title, TextType::Title, bodyWidth());
    const double subtitle = textHeight(head.subtitle, TextType::Body, bodyWidth());
    put(20.0 + title + 6.0 + subtitle, [head, title](QPainter& painter, const QRectF& rect) {
        drawWords(painter, rect, TextType::Caption, paper().ink3, head.above);
        drawWords(painter, rect.adjusted(0, 20, 0, 0), TextType::Title, paper().ink, head.title);
        drawWords(painter, rect.adjusted(0, 26 + title, 0, 0), TextType::Body, paper().ink2,
                  head.subtitle);
    });
    gap(kGap);
}

void ReportPages::add(const ReportFigures& figures)
{
    if (figures.figures.empty())
        return;
    for (const Figure& figure : figures.figures)
        m_text += figure.caption + QStringLiteral(": ") + figure.value + QLatin1Char(' ')
            + figure.note + QLatin1Char('\n');
    put(76.0, [figures](QPainter& painter, const QRectF& rect) {
        drawRule(painter, rect.left(), rect.right(), rect.top());
        drawRule(painter, rect.left(), rect.right(), rect.bottom());
        const double width = rect.width() / static_cast<double>(figures.figures.size());
        double x = rect.left();
        for (const Figure& figure : figures.figures) {
            drawWords(painter, QRectF(x, rect.top() + 10, width - 8, 16), TextType::Caption,
                      paper().ink3, figure.caption, Qt::TextSingleLine);
            drawWords(painter, QRectF(x, rect.top() + 26, width - 8, 24), TextType::Figure,
                      paper().ink, figure.value, Qt::TextSingleLine);
            drawWords(painter, QRectF(x, rect.top() + 52, width - 8, 16), TextType::Caption,
                      paper().ink3, figure.note, Qt::TextSingleLine);
            x += width;
        }
    });
    gap(kGap);
}

void ReportPages::add(const ReportHeading& heading)
{
    m_text += heading.text + QLatin1Char(' ') + heading.fact + QLatin1Char('\n');
    gap(kGap);
    put(24.0, [heading](QPainter& painter, const QRectF& rect) {
        drawWords(painter, rect, TextType::Section, paper().ink, heading.text, Qt::AlignBottom);
        const double width = painter.fontMetrics().horizontalAdvance(heading.text) + 10.0;
        drawWords(painter, rect.adjusted(width, 0, 0, -1), TextType::Table, paper().ink2,
                  heading.fact, Qt::AlignBottom);
    });
    gap(kUnderHeading);
    m_isUnderHeading = true;
}

void ReportPages::add(const ReportText& text)
{
    const auto document = std::make_shared<QTextDocument>();
    document->setDefaultFont(textFont(TextType::Body));
    document->setDocumentMargin(0);
    document->setMarkdown(text.markdown, QTextDocument::MarkdownNoHTML);
    const double indent = text.isNote ? 16.0 : 0.0;
    document->setTextWidth(bodyWidth() - indent);
    m_text += document->toPlainText() + QLatin1Char('\n');
    document->documentLayout()->documentSize(); // lays the lines out
    for (QTextBlock block = document->begin(); block.isValid(); block = block.next()) {
        const QTextLayout& lines = *block.layout();
        for (int i = 0; i < lines.lineCount();
             ++i) { // line by line: a paragraph may be longer than a page
            const QTextLine line = lines.lineAt(i);
            const QRectF place(0.0, lines.position().y() + line.y(), bodyWidth(), line.height());
            put(std::ceil(line.height()),
                [document, place, indent](QPainter& painter, const QRectF& rect) {
                    drawLine(painter, rect, *document, place, indent);
                });
        }
        if (block.next().isValid())
            gap(5.0);
    }
    gap(kGap / 2);
}

void ReportPages::add(const ReportTable& part)
{
    const DataTable& table = part.table;
    const std::vector<Column> columns = columnsOf(table);
    m_text += toCsv(table);
    put(
        22.0,
        [head = table.columns, columns](QPainter& painter, const QRectF& rect) {
            drawTableRow(painter, rect, head, columns, true);
        },
        44.0);
    for (const QStringList& row : table.rows)
        put(22.0, [row, columns](QPainter& painter, const QRectF& rect) {
            drawTableRow(painter, rect, row, columns, false);
        });
    gap(kGap);
}

void ReportPages::add(const ReportCurves& part)
{
    const auto plot = std::make_shared<LinePlot>();
    plot->setColors(paper());
    plot->setBottomStart(0.0);
    plot->setAxisTitles(part.bottom, part.left);
    plot->setLogarithmic(part.isLogarithmic);
    plot->setCurves(part.curves);
    plot->resize(static_cast<int>(bodyWidth()), static_cast<int>(kChart));
    m_text += plot->accessibleDescription() + QLatin1Char('\n');
    put(kChart, [plot](QPainter& painter, const QRectF& rect) { plot->draw(painter, rect); });
    gap(kGap);
}

void ReportPages::add(const ReportGrid& part)
{
    const auto grid = std::make_shared<XrayGrid>();
    grid->setColors(paper());
    grid->setData(part.data);
    m_text += part.data.rows.join(QLatin1Char(' ')) + QLatin1Char('\n');
    put(grid->heightForWidth(static_cast<int>(bodyWidth())),
        [grid](QPainter& painter, const QRectF& rect) { grid->draw(painter, rect); });
    gap(kGap);
}

void ReportPages::add(const ReportTexts& part)
{
    constexpr double kScore = 56.0;
    const QFont font = textFont(TextType::Table);
    for (const ShadedRow& row : part.rows) {
        const ShadedLayout layout = layOutShaded(row.tokens, bodyWidth() - kScore, font);
        for (const ShadedToken& token : row.tokens)
            m_text += token.text;
        m_text += QLatin1Char('\n');
        put(layout.height + 8.0, [row, layout, font](QPainter& painter, const QRectF& rect) {
            painter.setFont(font);
            drawShaded(painter, rect.topLeft(), row.tokens, layout, paper());
            drawWords(painter, QRectF(rect.right() - kScore, rect.top(), kScore, 24),
                      TextType::TableStrong, paper().ink, row.score,
                      static_cast<int>(Qt::AlignRight | Qt::AlignVCenter));
            drawRule(painter, rect.left(), rect.right(), rect.bottom() - 3.0);
        });
    }
    gap(kGap);
}

void ReportPages::paint(QPainter& painter, int page) const
{
    painter.fillRect(QRectF(QPointF(), pageSize()), paper().panel);
    for (const Piece& piece : m_pieces) {
        if (piece.page != page)
            continue;
        painter.save();
        piece.draw(painter, piece.rect);
        painter.restore();
    }
    const QRectF foot(kMargin, pageSize().height() - kMargin, bodyWidth(), 16.0);
    drawWords(painter, foot, TextType::Caption, paper().ink3, m_footer, Qt::AlignLeft);
    drawWords(painter, foot, TextType::Caption, paper().ink3,
              QCoreApplication::translate("tw::ReportPages", "%1 of %2").arg(page + 1).arg(m_count),
              Qt::AlignRight);
}

QString ReportPages::savePdf(const QString& file, const QString& title) const
{
    const auto failure = [&file](const QSaveFile& out) {
        return QCoreApplication::translate("tw::ReportPages",
                                           "%1 could not be written: %2. Choose another folder.")
            .arg(file, out.errorString());
    };
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly))
        return failure(out);
    {
        QPdfWriter pdf(&out);
        pdf.setTitle(title);
        pdf.setCreator(QStringLiteral("Tunewright " TW_VERSION));
        pdf.setPageSize(QPageSize(QPageSize::A4));
        pdf.setPageMargins(QMarginsF());
        pdf.setResolution(96);
        QPainter painter(&pdf);
        painter.setRenderHint(QPainter::Antialiasing);
        for (int page = 0; page < m_count; ++page) {
            if (page > 0)
                pdf.newPage();
            paint(painter, page);
        }
    }
    return out.commit() ? QString() : failure(out);
}

} // namespace tw
