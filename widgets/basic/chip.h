// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace tw {

/// A word in a small box: "loads", "3 rows truncated". Warn and Error carry their icon.
class Chip final : public QWidget
{
    Q_OBJECT

public:
    enum class Kind
    {
        Quiet,
        Accent,
        Warn,
        Error
    };

    explicit Chip(const QString& text = {}, Kind kind = Kind::Quiet, QWidget* parent = nullptr);
    void set(const QString& text, Kind kind);
    QString text() const { return m_text; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    bool hasIcon() const { return m_kind == Kind::Warn || m_kind == Kind::Error; }

    QString m_text;
    Kind m_kind;
};

} // namespace tw
