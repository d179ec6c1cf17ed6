// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/inspect/measures.h"

#include <QCoreApplication>

namespace tw {
namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("measures", words);
}

} // namespace

QString relativeChangeHelp()
{
    return say(QT_TRANSLATE_NOOP(
        "measures",
        "Size of the change over the size of the matrix before it, both as Frobenius norms."));
}

QString effectiveRankHelp()
{
    return say(QT_TRANSLATE_NOOP(
        "measures",
        "In how many directions the change has spread: the exponential of the entropy of its "
        "singular values. 1 means a single direction."));
}

QString stableRankHelp()
{
    return say(QT_TRANSLATE_NOOP(
        "measures",
        "Sum of the squared singular values of the change over the largest squared one. Close to "
        "1, one direction does nearly all."));
}

QString intrudersHelp()
{
    return say(QT_TRANSLATE_NOOP(
        "measures",
        "Leading directions of B that resemble no direction of A. Models with many of them forgot "
        "more (Shuttleworth et al. 2024)."));
}

QString rotationHelp()
{
    return say(QT_TRANSLATE_NOOP(
        "measures",
        "Largest angle between a leading direction of B and the direction of A that is nearest to "
        "it: 0° is as before, 90° is all new."));
}

QString epsilonHelp()
{
    return say(QT_TRANSLATE_NOOP(
        "measures",
        "A leading direction of B is an intruder where its best match in A is below this cosine. "
        "0.3 to 0.6 suits most; the paper uses 0.5."));
}

} // namespace tw
