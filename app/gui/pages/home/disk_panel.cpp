// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/home/disk_panel.h"

#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "core/base/text.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"

#include <QCoreApplication>
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
    {"runs", QT_TRANSLATE_NOOP("tw::DiskPanel", "Runs and checkpoints"), Meter::Ink::Line1},
    {"models", QT_TRANSLATE_NOOP("tw::DiskPanel", "Models"), Meter::Ink::Line3},
    {"analyses", QT_TRANSLATE_NOOP("tw::DiskPanel", "Analyses"), Meter::Ink::Line2},
    {"reports", QT_TRANSLATE_NOOP("tw::DiskPanel", "Reports"), Meter::Ink::Ink2},
};

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

QString say(const char* words)
{
    return QCoreApplication::translate("tw::DiskPanel", words);
}

} // namespace

/// Bytes on the disk.
struct DiskPanel::Use
{
    std::vector<std::uint64_t> parts; ///< as kParts
    std::uint64_t free = 0;
};

DiskPanel::DiskPanel(Session& session, QWidget* parent)
    : QFrame(parent)
    , m_panel(new tw::Panel(tr("Disk used")))
    , m_meter(new Meter(8))
    , m_session(session)
{
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_panel);
    m_panel->body()->addWidget(m_meter);
    for (const Part& part : kParts) {
        auto* row = new QHBoxLayout;
        row->setSpacing(px(8));
        row->addWidget(new Swatch(part.ink));
        row->addWidget(new TextLabel(say(part.title), TextType::Table, TextInk::Ink2));
        row->addStretch(1);
        m_bytes.push_back(new TextLabel(TextType::Table));
        row->addWidget(m_bytes.back());
        m_panel->body()->addLayout(row);
    }
    m_panel->body()->addStretch(1);
    m_meter->setAccessibleName(tr("Disk used by the project"));
    connect(&session.queue(), &RunQueue::finished, this, &DiskPanel::refresh);
    refresh();
}

void DiskPanel::refresh()
{
    m_count.drop();
    setVisible(m_session.project() != nullptr);
    if (!m_session.project())
        return;
    const QString folder = text(m_session.project()->folder().string());
    m_count.start(
        m_session.workspace().runner().start(
            Lane {},
            [folder](JobControl& control) {
                Use use;
                for (const Part& part : kParts) {
                    control.throwIfCancelled();
                    use.parts.push_back(bytesOf(QDir(folder).filePath(QLatin1String(part.folder))));
                }
                use.free = static_cast<std::uint64_t>(QStorageInfo(folder).bytesAvailable());
                return use;
            }),
        [this](const Use& use) { show(use); }, this);
}

void DiskPanel::show(const Use& use)
{
    std::uint64_t total = 0;
    std::vector<Meter::Part> parts;
    for (std::size_t i = 0; i < use.parts.size(); ++i) {
        total += use.parts[i];
        parts.push_back({static_cast<double>(use.parts[i]), kParts[i].ink, say(kParts[i].title)});
        m_bytes[i]->setText(text(bytesInWords(use.parts[i])));
    }
    m_panel->setFact(
        tr("%1, %2 free").arg(text(bytesInWords(total)), text(bytesInWords(use.free))));
    m_meter->setParts(parts, static_cast<double>(std::max<std::uint64_t>(1, total)));
}

void DiskPanel::showEvent(QShowEvent* event)
{
    QFrame::showEvent(event);
    if (!m_count.isRunning())
        refresh();
}

} // namespace tw
