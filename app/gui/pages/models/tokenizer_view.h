// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/job_watcher.h"
#include "core/workbench/tools.h"

#include <QWidget>

#include <optional>
#include <string>

class QCheckBox;
class QPlainTextEdit;

namespace tw {

class Session;
class TextLabel;
class TokenFlow;

/// A place to type and see the tokens that a model makes of it.
class TokenizerView final : public QWidget
{
    Q_OBJECT

public:
    explicit TokenizerView(Session& session, QWidget* parent = nullptr);
    /// Of which model; empty: of none. Its tokenizer is read once the view can be seen.
    void setModel(const std::string& path);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void open();
    void showTokens();

    Session& m_session;
    std::string m_path;
    std::optional<TextTokenizer> m_tokenizer;
    LatestJob m_opening;
    QPlainTextEdit* m_text = nullptr;
    QCheckBox* m_addsSpecial = nullptr;
    TextLabel* m_fact = nullptr;
    TokenFlow* m_flow = nullptr;
};

} // namespace tw
