// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

class QHBoxLayout;

namespace tw {

/// A count over all rows: "3 truncated". Counters with rows can be clicked.
struct Counter
{
    QString value;
    QString beside; ///< "1.3 %"
    QString caption;
    enum class Tone
    {
        Plain,
        Warn,
        Error
    } tone = Tone::Plain;
    bool isClickable = false;

    bool operator==(const Counter&) const = default;
};

/// The counters of the token proof, parted by hairlines.
class CounterRow final : public QWidget
{
    Q_OBJECT

public:
    explicit CounterRow(QWidget* parent = nullptr);
    void setCounters(const std::vector<Counter>& counters);
    void setCurrent(int index); ///< which one's rows are shown; -1: none

Q_SIGNALS:
    void clicked(int index);

private:
    std::vector<Counter> m_counters;
    QHBoxLayout* m_row = nullptr;
    std::vector<class CounterCell*> m_cells;
};

} // namespace tw
