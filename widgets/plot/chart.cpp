// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/chart.h"

#include "widgets/plot/table_window.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

#include <cmath>

namespace tw {
namespace {

constexpr int kPictureScale =
    2; // copied and saved pixels are twice the screen's, for slides and documents

} // namespace

QColor mixed(const QColor& color, const QColor& background, double opacity)
{
    const auto mix = [opacity](int over, int under) {
        return static_cast<int>(std::lround(under + (over - under) * opacity));
    };
    return {mix(color.red(), background.red()), mix(color.green(), background.green()),
            mix(color.blue(), background.blue())};
}

QString shortNumber(double value, int digits)
{
    if (!std::isfinite(value))
        return std::isnan(value) ? QStringLiteral("NaN")
            : value > 0          ? QStringLiteral("∞")
                                 : QStringLiteral("−∞");
    const double size = std::abs(value);
    QString text;
    if (size != 0.0 && (size < 1e-3 || size >= 1e6)) {
        text = QLocale().toString(value, 'g', digits);
    } else {
        const int before = size < 1.0 ? 1 : static_cast<int>(std::floor(std::log10(size))) + 1;
        text = QLocale().toString(value, 'f', std::max(0, digits - before));
    }
    return text.replace(QLatin1Char('-'), QChar(0x2212));
}

Chart::Chart(QWidget* parent)
    : QWidget(parent)
    , m_colors(Theme::current())
{
    setAccessibleName(tr("Figure without data")); // until it has a title
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void Chart::setColors(const Theme& colors)
{
    m_followsTheme = false;
    m_colors = colors;
    recolor();
}

void Chart::setTitle(const QString& title)
{
    m_title = title;
    setAccessibleName(title);
}

void Chart::addExportActions(QMenu* menu)
{
    menu->addAction(tr("Copy as image"), this, &Chart::copyImage);
    menu->addAction(tr("Copy numbers as CSV"), this, &Chart::copyNumbers);
    menu->addAction(tr("Save as…"), this, &Chart::askAndSave);
    menu->addAction(tr("Show as table"), this, &Chart::showAsTable);
}

void Chart::copyImage() const
{
    QImage image(size() * kPictureScale, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(kPictureScale);
    image.fill(m_colors.panel);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    draw(painter, QRectF(rect()));
    painter.end();
    QApplication::clipboard()->setImage(image);
}

void Chart::copyNumbers() const
{
    QApplication::clipboard()->setText(toCsv(table()));
}

QString Chart::save(const QString& file) const
{
    const QString ending = QFileInfo(file).suffix().toLower();
    if (ending != QStringLiteral("csv"))
        return savePicture(file, ending);
    QSaveFile out(file);
    const QByteArray bytes = toCsv(table()).toUtf8();
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        return tr("%1 could not be written: %2. Choose another folder.")
            .arg(file, out.errorString());
    return {};
}

QString Chart::savePicture(const QString& file, const QString& ending) const
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly))
        return tr("%1 could not be written: %2. Choose another folder.")
            .arg(file, out.errorString());
    bool isDrawn = true;
    if (ending == QStringLiteral("svg")) {
        QSvgGenerator svg;
        svg.setOutputDevice(&out);
        svg.setSize(size());
        svg.setViewBox(rect());
        svg.setTitle(m_title);
        QPainter painter(&svg);
        draw(painter, QRectF(rect()));
    } else if (ending == QStringLiteral("pdf")) {
        QPdfWriter pdf(&out);
        pdf.setTitle(m_title);
        pdf.setPageSize(
            QPageSize(QSizeF(width() * 0.75, height() * 0.75), QPageSize::Point)); // 96 to 72 dpi
        pdf.setPageMargins(QMarginsF());
        pdf.setResolution(96);
        QPainter painter(&pdf);
        draw(painter, QRectF(rect()));
    } else {
        QImage image(size() * kPictureScale, QImage::Format_RGB32);
        image.setDevicePixelRatio(kPictureScale);
        image.fill(m_colors.panel);
        QPainter painter(&image);
        painter.setRenderHint(QPainter::Antialiasing);
        draw(painter, QRectF(rect()));
        painter.end();
        isDrawn = image.save(&out, "PNG");
    }
    if (!isDrawn || !out.commit())
        return tr("%1 could not be written: %2. Choose another folder.")
            .arg(file, out.errorString());
    return {};
}

void Chart::askAndSave()
{
    auto* dialog = new QFileDialog(this, tr("Save the figure"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("Vector picture (*.svg)"), tr("Page (*.pdf)"), tr("Picture (*.png)"),
                            tr("Numbers (*.csv)")});
    dialog->setDefaultSuffix(QStringLiteral("svg"));
    dialog->selectFile(m_title.isEmpty() ? tr("figure") : m_title);
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        const qsizetype dot = filter.lastIndexOf(QLatin1Char('.'));
        dialog->setDefaultSuffix(filter.mid(dot + 1, 3));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        const QString problem = save(file);
        if (!problem.isEmpty())
            Q_EMIT notSaved(problem);
    });
    dialog->open();
}

void Chart::showAsTable()
{
    openTableWindow(m_title, table(), this);
}

void Chart::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addExportActions(menu);
    menu->popup(event->globalPos());
}

void Chart::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange && m_followsTheme) {
        m_colors = Theme::current();
        recolor();
    }
    QWidget::changeEvent(event);
}

} // namespace tw
