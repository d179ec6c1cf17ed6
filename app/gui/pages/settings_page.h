// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/page.h"

namespace tw {

class TextLabel;

/// The few choices about the window itself.
class SettingsPage final : public Page
{
    Q_OBJECT

public:
    explicit SettingsPage(Session& session);

private:
    void askForFolder();

    TextLabel* m_folder = nullptr;
};

} // namespace tw
