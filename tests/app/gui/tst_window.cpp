// SPDX-License-Identifier: Apache-2.0
#include "app/gui/file_dialog.h"
#include "app/gui/main_window.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/runs/run_table_view.h"
#include "app/gui/session.h"
#include "core/workbench/project.h"
#include "widgets/basic/inline_message.h"
#include "widgets/theme/look.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QDropEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPointer>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace tw;

namespace {

/// By the keyboard, as itself and not as a part of a control.
bool canBeReached(const QWidget& widget)
{
    const QWidget* parent = widget.parentWidget();
    const bool isPart = qobject_cast<const QComboBox*>(parent) != nullptr
        || widget.inherits("QComboBoxListView")
        || qobject_cast<const QAbstractSpinBox*>(parent) != nullptr
        || qobject_cast<const QHeaderView*>(&widget) != nullptr;
    return widget.focusPolicy() != Qt::NoFocus && !isPart && parent != nullptr && !widget.isWindow()
        && !widget.objectName().startsWith(QStringLiteral("qt_"));
}

bool isNamed(const QWidget& widget)
{
    const auto* button = qobject_cast<const QAbstractButton*>(&widget);
    const auto* label = qobject_cast<const QLabel*>(&widget); // text that can be selected
    return !widget.accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty())
        || label != nullptr;
}

QString nameOfParent(const QWidget& widget)
{
    return widget.parentWidget() == nullptr
        ? QString()
        : QLatin1String(widget.parentWidget()->metaObject()->className());
}

} // namespace

class TstWindow : public QObject
{
    Q_OBJECT

private:
    /// The real window over an empty project in a folder of its own.
    struct Fixture
    {
        QTemporaryDir folder;
        Session session;
        MainWindow window {session};

        Fixture()
        {
            QSettings().setValue(QStringLiteral("projectsFolder"), folder.path());
            window.resize(1280, 800);
            window.show();
        }
        QString newProject()
        {
            const QString path = folder.filePath(QStringLiteral("project"));
            session.createProject(path);
            return path;
        }
        /// Sentences of all messages that can be seen.
        QStringList said() const
        {
            QStringList sentences;
            for (const InlineMessage* message : window.findChildren<InlineMessage*>())
                if (message->isVisible())
                    sentences << message->sentence();
            return sentences;
        }
        void drop(const QString& file)
        {
            QMimeData data;
            data.setUrls({QUrl::fromLocalFile(file)});
            QDropEvent event(QPointF(600, 400), Qt::CopyAction, &data, Qt::LeftButton,
                             Qt::NoModifier);
            static_cast<QObject&>(window).event(&event); // sendEvent() asks the drag manager first
        }
    };

private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("tunewright-test"));
        QCoreApplication::setApplicationName(QStringLiteral("tunewright-test"));
        QSettings().clear();
        applyLook(*qApp, LookMode::Light);
    }
    void cleanupTestCase() { QSettings().clear(); }

    void everyPageOpensWithoutAProject()
    {
        Fixture f;
        for (const PageEntry& entry : pageEntries()) {
            f.window.showPage(entry.id);
            QVERIFY2(f.window.currentPage() != nullptr, qPrintable(entry.name));
            QCOMPARE(f.window.currentPage()->accessibleName(), entry.title);
            QTRY_VERIFY2(f.window.currentPage()->isSettled(), qPrintable(entry.name));
        }
    }

    void everyPageOpensOnAnEmptyProject()
    {
        Fixture f;
        f.newProject();
        QVERIFY(f.session.project() != nullptr);
        for (const PageEntry& entry : pageEntries()) {
            f.window.showPage(entry.id);
            QTRY_VERIFY2(f.window.currentPage()->isSettled(), qPrintable(entry.name));
        }
    }

    void everyControlHasANameForScreenReaders()
    {
        Fixture f;
        f.newProject();
        for (const PageEntry& entry : pageEntries())
            f.window.showPage(entry.id);
        const QList<QWidget*> all = f.window.findChildren<QWidget*>();
        QStringList nameless;
        for (const QWidget* widget : all) {
            if (canBeReached(*widget) && !isNamed(*widget))
                nameless << QStringLiteral("%1 (\"%2\") in %3 of %4")
                                .arg(QLatin1String(widget->metaObject()->className()),
                                     widget->toolTip(), nameOfParent(*widget),
                                     nameOfParent(*widget->parentWidget()));
        }
        for (const QString& widget : nameless)
            qWarning("no name: %s", qPrintable(widget));
        QCOMPARE(nameless.size(), 0);
    }

    void pagesAreMadeShortlyAfterTheFirstPaint()
    {
        Fixture f;
        f.newProject();
        f.session.project()->addRun(Experiment {});
        f.window.resize(900, 600); // some pages ask for more, but nobody has opened them
        const QSize before = f.window.size();
        const auto made = [&] { return f.window.findChildren<Page*>().size(); };
        QCOMPARE(made(), 1);
        QTRY_COMPARE(made(), static_cast<qsizetype>(pageEntries().size()));
        QTRY_COMPARE(f.window.size(), before);
        QCOMPARE(f.window.currentPage()->accessibleName(), pageEntry(PageId::Home).title);

        Page* runs = nullptr;
        for (Page* page : f.window.findChildren<Page*>())
            if (page->accessibleName() == pageEntry(PageId::Runs).title)
                runs = page;
        QVERIFY(runs != nullptr);
        const auto* table = runs->findChild<RunTableView*>();
        QCOMPARE(table->model()->rowCount(), 0); // it reads no project that nobody looks at
        f.window.showPage(PageId::Runs);
        QCOMPARE(f.window.currentPage(), runs);
        QCOMPARE(table->model()->rowCount(), 1);
    }

    void aWindowMayCloseWhileItsPagesAreMade()
    {
        const auto prepared = [] {
            const QWidgetList all = QApplication::allWidgets();
            return std::any_of(all.begin(), all.end(), [](const QWidget* widget) {
                return qobject_cast<const Page*>(widget) != nullptr && widget->parent() == nullptr;
            });
        };
        {
            Fixture f;
            QDeadlineTimer patience(60'000);
            while (!prepared() && !patience.hasExpired())
                QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
            QVERIFY(prepared());
        }
        QVERIFY(!prepared());
    }

    void aChosenFileIsActedOnOnceItsDialogHasClosed()
    {
        Fixture f;
        QPointer<QFileDialog> dialog = new QFileDialog(&f.window);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        QString chosen;
        bool wasOpen = true;
        ask(dialog, &f.window, [&](const QString& path) {
            chosen = path;
            wasOpen = dialog != nullptr && dialog->isVisible();
        });
        const QString file = f.folder.filePath(QStringLiteral("a.csv"));
        dialog->findChild<QLineEdit*>()->setText(file);
        QMetaObject::invokeMethod(dialog, "accept");
        QTRY_COMPARE(chosen, file);
        QVERIFY(!wasOpen);
    }

    void theKeyboardGoesFromPageToPageAndBack()
    {
        Fixture f;
        f.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&f.window));
        QTest::keySequence(&f.window, QKeySequence(QStringLiteral("Ctrl+4")));
        QCOMPARE(f.window.currentPage()->accessibleName(), pageEntry(PageId::Tune).title);
        QTest::keyClick(&f.window, Qt::Key_Escape);
        QCOMPARE(f.window.currentPage()->accessibleName(), pageEntry(PageId::Home).title);
    }

    void aProjectIsRememberedAndOpensAgain()
    {
        Fixture f;
        const QString path = f.newProject();
        QVERIFY(Session::recentProjects().contains(path));
        f.session.openProject(path);
        QCOMPARE(text(f.session.project()->folder().string()), path);
    }

    void aFileThatIsNothingIsRefusedWithASentence()
    {
        Fixture f;
        f.newProject();
        f.drop(f.folder.filePath(QStringLiteral("nothing.xyz")));
        QCOMPARE(f.said().size(), 1);
        QVERIFY2(f.said().front().contains(QStringLiteral("nothing.xyz")),
                 qPrintable(f.said().front()));
    }

    void aMissingProjectIsRefusedWithASentence()
    {
        Fixture f;
        f.session.openProject(f.folder.filePath(QStringLiteral("not there")));
        QVERIFY(f.session.project() == nullptr);
        QCOMPARE(f.said().size(), 1);
        QVERIFY2(f.said().front().contains(QStringLiteral("not there")),
                 qPrintable(f.said().front()));
    }

    void theLookCanChangeWhileThePagesAreOpen()
    {
        Fixture f;
        f.newProject();
        f.window.showPage(PageId::Tune);
        const QRgb light = f.window.grab().toImage().pixel(600, 60);
        applyLook(*qApp, LookMode::Dark);
        const QRgb dark = f.window.grab().toImage().pixel(600, 60);
        applyLook(*qApp, LookMode::Light);
        QVERIFY(qGray(light) > 200);
        QVERIFY(qGray(dark) < 60);
    }

    void thePagesFitIntoASmallWindow()
    {
        Fixture f;
        f.newProject();
        for (const PageEntry& entry : pageEntries()) {
            f.window.showPage(entry.id);
            QVERIFY2(f.window.minimumSizeHint().width() <= 1280, qPrintable(entry.name));
            QVERIFY2(f.window.minimumSizeHint().height() <= 800, qPrintable(entry.name));
        }
    }
};

QTEST_MAIN(TstWindow)
#include "tst_window.moc"
