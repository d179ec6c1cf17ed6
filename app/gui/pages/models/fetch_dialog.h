// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/tools.h"

#include <QDialog>

class QLineEdit;
class QPushButton;

namespace tw {

class TextLabel;

/// Asks which model to fetch, and from where. Nothing goes over the network before the person
/// presses Fetch; the dialog itself never uses it.
class FetchDialog final : public QDialog
{
    Q_OBJECT

public:
    /// folder: into which models go, each into a folder of its name.
    explicit FetchDialog(const QString& folder, QWidget* parent = nullptr);
    FetchOptions options() const;

private:
    void look(); ///< at what was entered: where it goes, and whether that will do

    QString m_folder;
    QLineEdit* m_name = nullptr;
    QLineEdit* m_files = nullptr;
    QLineEdit* m_revision = nullptr;
    QLineEdit* m_endpoint = nullptr;
    QLineEdit* m_token = nullptr;
    TextLabel* m_place = nullptr;
    QPushButton* m_fetch = nullptr;
};

} // namespace tw
