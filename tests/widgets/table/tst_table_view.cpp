// SPDX-License-Identifier: Apache-2.0
#include "widgets/table/column_table.h"
#include "widgets/table/table_view.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QtTest>

using namespace tw;

namespace {

struct Fruit
{
    QString name;
    double weight = 0.0;
};

std::vector<TableColumn<Fruit>> columns()
{
    return {{QStringLiteral("Name"),
             [](const Fruit& f, int role) {
                 return role == Qt::DisplayRole ? QVariant(f.name) : QVariant();
             }},
            {QStringLiteral("Weight"),
             [](const Fruit& f, int role) {
                 if (role == SortRole)
                     return QVariant(f.weight);
                 return role == Qt::DisplayRole ? QVariant(QString::number(f.weight)) : QVariant();
             },
             true}};
}

} // namespace

class TstTableView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theModelKeepsQtsRules()
    {
        ColumnTable<Fruit> table(columns());
        const QAbstractItemModelTester tester(
            &table, QAbstractItemModelTester::FailureReportingMode::QtTest);
        table.setRows({{QStringLiteral("apple"), 9.0}, {QStringLiteral("pear"), 100.0}});
        table.setRows({{QStringLiteral("apple"), 10.0}, {QStringLiteral("pear"), 90.0}});
        table.setRows({});
        QCOMPARE(table.rowCount(), 0);
    }

    void numbersSortAsNumbers()
    {
        ColumnTable<Fruit> table(columns());
        table.setRows({{QStringLiteral("apple"), 9.0},
                       {QStringLiteral("pear"), 100.0},
                       {QStringLiteral("plum"), 20.0}});
        TableView view(QStringLiteral("Fruit"));
        const QSortFilterProxyModel* proxy = view.setSource(&table);
        view.sortByColumn(1, Qt::AscendingOrder);
        QCOMPARE(proxy->index(0, 0).data().toString(), QStringLiteral("apple"));
        QCOMPARE(proxy->index(2, 0).data().toString(),
                 QStringLiteral("pear")); // as texts, 100 came first
    }

    void theSelectionIsCopiedAsTabbedText()
    {
        ColumnTable<Fruit> table(columns());
        table.setRows({{QStringLiteral("apple"), 9.0}, {QStringLiteral("pear"), 100.0}});
        TableView view(QStringLiteral("Fruit"));
        view.setSource(&table);
        view.selectAll();
        QTest::keySequence(&view, QKeySequence::Copy);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("apple\t9\npear\t100"));
    }

    void theChosenRowIsThatOfTheSource()
    {
        ColumnTable<Fruit> table(columns());
        table.setRows({{QStringLiteral("apple"), 9.0}, {QStringLiteral("pear"), 100.0}});
        TableView view(QStringLiteral("Fruit"));
        view.setSource(&table);
        view.sortByColumn(1, Qt::DescendingOrder);
        QSignalSpy chosen(&view, &TableView::rowChosen);
        view.setCurrentSourceRow(1);
        QCOMPARE(chosen.takeFirst().first().toInt(), 1);
        QCOMPARE(view.currentSourceRow(), 1);
        QCOMPARE(view.currentIndex().row(), 0); // shown first
    }
};

QTEST_MAIN(TstTableView)
#include "tst_table_view.moc"
