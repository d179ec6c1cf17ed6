// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QJsonDocument>
#include <QList>
#include <QStringList>

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
