// SPDX-License-Identifier: Apache-2.0
#include "tests/app/cli/cli_process.h"

#include <QProcess>

QList<QJsonDocument> CliResult::jsonLines() const
{
    QList<QJsonDocument> documents;
    for (const QByteArray& line : out.split('\n'))
        if (!line.trimmed().isEmpty())
            documents.append(QJsonDocument::fromJson(line));
    return documents;
}

CliResult cli(const QStringList& arguments, const QByteArray& input)
{
    QProcess process;
    process.start(QStringLiteral(TW_CLI), arguments);
    process.write(input);
    process.closeWriteChannel();
    CliResult result;
    if (!process.waitForFinished(600'000))
        return result;
    result.code =
        process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -process.exitCode();
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

QString CliFolder::write(const char* name, const QByteArray& text) const
{
    QFile out(file(name));
    if (out.open(QIODevice::WriteOnly))
        out.write(text);
    return out.fileName();
}
