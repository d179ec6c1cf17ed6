// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QVBoxLayout;

namespace tw {

class Meter;
class Panel;

/// How much room the open project takes on the disk, and for what.
class DiskPanel final : public QFrame
{
    Q_OBJECT

public:
    explicit DiskPanel(QWidget* parent = nullptr);
    void setFolder(const QString& folder); ///< counts again; empty: no project

private:
    tw::Panel* m_panel = nullptr;
    Meter* m_meter = nullptr;
    QVBoxLayout* m_rows = nullptr;
};

} // namespace tw
