// SPDX-License-Identifier: Apache-2.0
#include "app/gui/main_window.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "widgets/basic/inline_message.h"
#include "widgets/theme/look.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDropEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

using namespace tw;

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
        for (const QWidget* widget : all) {
            const auto* button = qobject_cast<const QAbstractButton*>(widget);
            const bool isField = qobject_cast<const QComboBox*>(widget) != nullptr
                || qobject_cast<const QLineEdit*>(widget) != nullptr;
            if (widget->focusPolicy() == Qt::NoFocus || (button == nullptr && !isField)
                || widget->objectName().startsWith(QStringLiteral("qt_")))
                continue;
            const bool isInner = qobject_cast<const QComboBox*>(widget->parentWidget()) != nullptr;
            const bool isNamed = !widget->accessibleName().isEmpty()
                || (button != nullptr && !button->text().isEmpty());
            QVERIFY2(isNamed || isInner,
                     qPrintable(QStringLiteral("%1 (\"%2\") in %3 of %4")
                                    .arg(QLatin1String(widget->metaObject()->className()),
                                         widget->toolTip(),
                                         QLatin1String(
                                             widget->parentWidget()->metaObject()->className()),
                                         QLatin1String(widget->parentWidget()
                                                           ->parentWidget()
                                                           ->metaObject()
                                                           ->className()))));
        }
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
        bool isSaid = false;
        for (const InlineMessage* message : f.window.findChildren<InlineMessage*>())
            isSaid = isSaid || (message->isVisible() && !message->sentence().isEmpty());
        QVERIFY(isSaid);
    }

    void aMissingProjectIsRefusedWithASentence()
    {
        Fixture f;
        f.session.openProject(f.folder.filePath(QStringLiteral("not there")));
        QVERIFY(f.session.project() == nullptr);
        QVERIFY(!f.window.findChildren<InlineMessage*>().isEmpty());
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
