// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/home/disk_panel.h"

#include "core/base/text.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"

#include <QDir>
#include <QDirIterator>
#include <QHBoxLayout>
#include <QStorageInfo>
#include <QVBoxLayout>

namespace tw {
namespace {

struct Part
{
    const char* folder; ///< of the project
    const char* title;
    Meter::Ink ink;
};

const Part kParts[] = {
    {"runs", QT_TRANSLATE_NOOP("DiskPanel", "Runs and checkpoints"), Meter::Ink::Line1},
    {"models", QT_TRANSLATE_NOOP("DiskPanel", "Models"), Meter::Ink::Line3},
    {"analyses", QT_TRANSLATE_NOOP("DiskPanel", "Analyses"), Meter::Ink::Line2},
    {"reports", QT_TRANSLATE_NOOP("DiskPanel", "Reports"), Meter::Ink::Ink2},
};

/// A project folder holds tens of files, so they are counted on the spot.
std::uint64_t bytesOf(const QString& folder)
{
    std::uint64_t bytes = 0;
    QDirIterator files(folder, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        bytes += static_cast<std::uint64_t>(files.fileInfo().size());
    }
    return bytes;
}

} // namespace

DiskPanel::DiskPanel(QWidget* parent)
    : QFrame(parent)
    , m_panel(new tw::Panel(tr("Disk used")))
    , m_meter(new Meter(8))
    , m_rows(new QVBoxLayout)
{
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_panel);
    m_panel->body()->addWidget(m_meter);
    m_panel->body()->addLayout(m_rows);
    m_panel->body()->addStretch(1);
    m_meter->setAccessibleName(tr("Disk used by the project"));
    setFolder({});
}

void DiskPanel::setFolder(const QString& folder)
{
    setVisible(!folder.isEmpty());
    if (folder.isEmpty())
        return;
    while (QLayoutItem* item = m_rows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    std::uint64_t total = 0;
    std::vector<Meter::Part> parts;
    for (const Part& part : kParts) {
        const std::uint64_t bytes = bytesOf(QDir(folder).filePath(QLatin1String(part.folder)));
        total += bytes;
        parts.push_back({static_cast<double>(bytes), part.ink, tr(part.title)});
        auto* line = new QWidget(this);
        auto* row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(px(8));
        row->addWidget(new Swatch(part.ink));
        row->addWidget(new TextLabel(tr(part.title), TextType::Table, TextInk::Ink2));
        row->addStretch(1);
        row->addWidget(new TextLabel(QString::fromStdString(bytesInWords(bytes)), TextType::Table));
        m_rows->addWidget(line);
    }
    const auto free = static_cast<std::uint64_t>(QStorageInfo(folder).bytesAvailable());
    m_panel->setFact(tr("%1, %2 free")
                         .arg(QString::fromStdString(bytesInWords(total)),
                              QString::fromStdString(bytesInWords(free))));
    m_meter->setParts(parts, static_cast<double>(std::max<std::uint64_t>(1, total)));
}

} // namespace tw
