// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/text.h"

#include <QTemporaryDir>
#include <QTest>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

// Bytes for hostile files, built by hand so that every field can be wrong.

inline std::string littleEndian(std::uint64_t value, int bytes)
{
    std::string out;
    for (int i = 0; i < bytes; ++i)
        out.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
    return out;
}

inline std::string fixture(const std::string& name)
{
    return TW_FIXTURES "/tensorfile/" + name;
}

inline std::string
put(const QTemporaryDir& folder, const std::string& name, const std::string& bytes)
{
    const std::string path = folder.path().toStdString() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

/// The Error that work throws; fails the test where it throws none.
template <typename Work>
tw::Error errorOf(Work work)
{
    try {
        work();
    } catch (const tw::Error& error) {
        return error;
    }
    return tw::Error("nothing was thrown");
}

/// An error has to name the file, say what is wrong and what to do next.
inline bool explains(const tw::Error& error, const std::string& file, const std::string& reason)
{
    const std::string what = error.what();
    const bool isGood = what.find(file) != std::string::npos
        && what.find(reason) != std::string::npos && !error.hint().empty();
    if (!isGood)
        qWarning("file %s, reason %s, but: %s | %s", file.c_str(), reason.c_str(), what.c_str(),
                 error.hint().c_str());
    return isGood;
}
