// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QJsonDocument>
#include <QList>
#include <QStringList>
#include <QTemporaryDir>

/// What a call of tunewright-cli gave back.
struct CliResult
{
    int code = -1;
    QByteArray out;
    QByteArray err;

    QJsonDocument json() const { return QJsonDocument::fromJson(out); }
    /// Each line of stdout as JSON; those that are none come as null documents.
    QList<QJsonDocument> jsonLines() const;
};

/// Runs the program that was built with the tests and waits for its end.
CliResult cli(const QStringList& arguments, const QByteArray& input = {});

/// Where a test of the command line keeps its files, and the tiny model that it asks.
class CliFolder
{
protected:
    QString file(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    QString write(const char* name, const QByteArray& text) const; ///< path of the new file
    static QString model() { return QStringLiteral(TW_FIXTURES "/experiment/tiny"); }

    QTemporaryDir m_folder;
};
