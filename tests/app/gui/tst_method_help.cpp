// SPDX-License-Identifier: Apache-2.0
// Every method that is registered has a page in the handbook, whose end is made from the method.
#include "app/gui/method_help.h"
#include "core/workbench/workspace.h"

#include <QFile>
#include <QtTest>

#include <algorithm>

using namespace tw;

class TestMethodHelp : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyMethodHasItsPage()
    {
        for (const PluginInfo& info : Workspace(1).plugins()) {
            if (info.kind != "adaptation")
                continue;
            QFile file(QStringLiteral(TW_SOURCE "/resources/help/%1.md")
                           .arg(QString::fromStdString(info.id)));
            QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
            const QString page = QString::fromUtf8(file.readAll());
            QVERIFY2(page.startsWith(QStringLiteral("# ")), qPrintable(file.fileName()));
            QVERIFY2(page.contains(QStringLiteral("**When to use it.**")),
                     qPrintable(file.fileName()));
        }
    }

    void itsEndNamesEverySettingWithItsRangeAndThePaper()
    {
        const std::vector<PluginInfo> plugins = Workspace(1).plugins();
        for (const PluginInfo& info : plugins) {
            if (info.kind != "adaptation")
                continue;
            const QString end = methodHelp(plugins, QString::fromStdString(info.id));
            for (const ParamSpec& spec : info.params)
                QVERIFY2(
                    end.contains(QStringLiteral("**%1**").arg(QString::fromStdString(spec.title))),
                    spec.id.c_str());
            QVERIFY(end.contains(QString::fromStdString(info.paper)));
        }
        const QString lora = methodHelp(plugins, QStringLiteral("lora"));
        QVERIFY2(lora.contains(QStringLiteral("8 unless you change it. From 1 to 1024.")),
                 qPrintable(lora));
        QVERIFY(!lora.contains(QStringLiteral("Reimplemented")));
        QVERIFY(methodHelp(plugins, QStringLiteral("adamw")).isEmpty()); // no adaptation
    }

    void aMethodWithoutOfficialCodeSaysSo()
    {
        PluginInfo info;
        info.isReimplemented = true;
        QVERIFY(methodHelp(info).contains(QStringLiteral("Reimplemented from the paper")));
    }
};

QTEST_GUILESS_MAIN(TestMethodHelp)
#include "tst_method_help.moc"
