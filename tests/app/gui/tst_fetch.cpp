// SPDX-License-Identifier: Apache-2.0
// Fetching a model from the Models page, from a server on this machine.
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/session.h"
#include "tests/core/download/local_server.h"
#include "widgets/basic/inline_message.h"

#include <QDialog>
#include <QDir>
#include <QFile>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

using namespace tw;

namespace {

constexpr int kPatience = 60'000; // ms

QByteArray fixture(const char* name)
{
    QFile file(QStringLiteral(TW_FIXTURES "/train/tiny_llama/") + QLatin1String(name));
    return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray();
}

QPushButton* buttonOf(const QWidget& widget, const QString& text)
{
    for (QPushButton* button : widget.findChildren<QPushButton*>())
        if (button->text() == text && button->isVisibleTo(&widget))
            return button;
    return nullptr;
}

QLineEdit* fieldOf(const QWidget& widget, const QString& name)
{
    for (QLineEdit* edit : widget.findChildren<QLineEdit*>())
        if (edit->accessibleName() == name)
            return edit;
    return nullptr;
}

} // namespace

class TestFetch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QStandardPaths::setTestModeEnabled(true); }

    void init()
    {
        m_projects = std::make_unique<QTemporaryDir>();
        QDir(Session::projectsFolder() + QStringLiteral("/Models/tiny")).removeRecursively();
        m_session = std::make_unique<Session>();
        m_session->createProject(m_projects->filePath(QStringLiteral("project")));
        m_page.reset(makeModelsPage(*m_session));
        m_page->resize(1200, 800);
        m_page->projectChanged();
        m_page->show();
    }

    void cleanup()
    {
        m_page.reset();
        m_session.reset();
    }

    void aModelIsFetchedAndOpened()
    {
        const QSignalSpy added(m_session.get(), &Session::modelAdded);
        fetchFrom(m_server.url());
        QTRY_COMPARE_WITH_TIMEOUT(added.count(), 1, kPatience);
        QCOMPARE(added.front().front().toString(),
                 Session::projectsFolder() + QStringLiteral("/Models/tiny"));
        QTRY_VERIFY_WITH_TIMEOUT(m_page->isSettled(), kPatience);
        QVERIFY(!m_page->message().isVisibleTo(m_page.get()));
    }

    void whatWentWrongIsSaidAndCanBeTriedAgain()
    {
        m_isBroken = true;
        fetchFrom(m_server.url());
        QTRY_VERIFY_WITH_TIMEOUT(m_page->message().isVisibleTo(m_page.get()), kPatience);
        QVERIFY(m_page->message().sentence().contains(QStringLiteral("503")));
        m_isBroken = false;
        const QSignalSpy added(m_session.get(), &Session::modelAdded);
        QPushButton* again = buttonOf(m_page->message(), QStringLiteral("Try again"));
        QVERIFY(again != nullptr);
        QTest::mouseClick(again, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(added.count(), 1, kPatience);
    }

    void aNameThatIsNoneCannotBeFetched()
    {
        QDialog* dialog = openDialog();
        QPushButton* fetch = buttonOf(*dialog, QStringLiteral("Fetch"));
        for (const char* name : {"", "a/b/c", "../x", "a b"}) {
            fieldOf(*dialog, QStringLiteral("Model"))->setText(QString::fromLatin1(name));
            QVERIFY2(!fetch->isEnabled(), name);
        }
        QTest::keyClicks(fieldOf(*dialog, QStringLiteral("Model")), QString());
        fieldOf(*dialog, QStringLiteral("Model"))->setText(QStringLiteral("me/tiny"));
        QVERIFY(fetch->isEnabled());
        QTest::keyClick(dialog, Qt::Key_Escape);
    }

private:
    QDialog* openDialog()
    {
        QTest::mouseClick(buttonOf(*m_page, QString::fromUtf8("Fetch…")), Qt::LeftButton);
        return m_page->findChild<QDialog*>();
    }

    void fetchFrom(const std::string& url)
    {
        QDialog* dialog = openDialog();
        QTest::keyClicks(fieldOf(*dialog, QStringLiteral("Model")), QStringLiteral("me/tiny"));
        QTest::keyClicks(fieldOf(*dialog, QStringLiteral("Server")), QString::fromStdString(url));
        QTest::mouseClick(buttonOf(*dialog, QStringLiteral("Fetch")), Qt::LeftButton);
    }

    LocalAnswer answer(const LocalRequest& request) const
    {
        const auto entry = [](const char* name) {
            return "{\"rfilename\": \"" + std::string(name)
                + "\", \"size\": " + std::to_string(fixture(name).size()) + "}";
        };
        if (m_isBroken)
            return {503, "sorry", {}, std::string::npos};
        if (request.path.starts_with("/api/models/me/tiny/"))
            return {200,
                    "{\"sha\": \"c0ffee\", \"siblings\": [" + entry("config.json") + ","
                        + entry("model.safetensors") + "]}",
                    {},
                    std::string::npos};
        const std::string name = request.path.substr(request.path.rfind('/') + 1);
        return {200, fixture(name.c_str()).toStdString(), {}, std::string::npos};
    }

    std::atomic<bool> m_isBroken = false;
    LocalServer m_server {[this](const LocalRequest& request) { return answer(request); }};
    std::unique_ptr<QTemporaryDir> m_projects;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<Page> m_page;
};

QTEST_MAIN(TestFetch)
#include "tst_fetch.moc"
