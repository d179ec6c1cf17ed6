// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractButton>
#include <QApplication>
#include <QLabel>
#include <QtTest>

#include <algorithm>

// A page driven as a person does it: buttons by their names, words where they are seen, the focus
// by Tab.

/// A visible button by its accessible name or its text; nullptr where there is none.
inline QAbstractButton* buttonNamed(const QWidget& page, const QString& name)
{
    for (QAbstractButton* button : page.findChildren<QAbstractButton*>()) {
        const bool isIt = button->accessibleName() == name || button->text() == name;
        if (isIt && button->isVisibleTo(&page))
            return button;
    }
    return nullptr;
}

inline bool says(const QWidget& page, const QString& words)
{
    const QList<QLabel*> labels = page.findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return label->isVisibleTo(&page) && label->text().contains(words);
    });
}

/// Presses Tab until the widget has the focus.
inline bool tabTo(const QWidget* wanted)
{
    constexpr int kMostStops = 200; // a page has far fewer
    for (int i = 0; i < kMostStops && QApplication::focusWidget() != wanted; ++i)
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    return QApplication::focusWidget() == wanted;
}
