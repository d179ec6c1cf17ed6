// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/grid/site_owner.h"

#include <QPointF>
#include <QRectF>
#include <QString>
#include <QStringList>

#include <map>
#include <vector>

namespace tw {

/// One block of a model and what is trained in it.
struct BlockValue
{
    QStringList sites; ///< that this block has: "attn.q", "mlp.gate" ...
    QStringList allowed; ///< where the method in hand can sit
    std::map<QString, OwnerSet> owners; ///< methods by site; "prompt" for virtual tokens
    std::vector<SiteOwner> methods;
    QString prompt; ///< "20 tokens": drawn above the block; empty: none
    bool normsFollowSums = false; ///< post-norm: a norm stands behind its addition
    bool isParallel = false; ///< attention and MLP read the same input

    bool operator==(const BlockValue&) const = default;
};

/// Where the parts of a block are drawn, in pixels.
struct BlockLayout
{
    struct Box
    {
        QRectF rect;
        QString label;
        QString site; ///< empty: computes, nothing attaches there
    };

    std::vector<Box> boxes;
    std::vector<QPointF> sums; ///< centres of the circles in which the stream is added up
    std::vector<std::vector<QPointF>> lines; ///< the stream and the ways around its parts
    double width = 0.0;
    double height = 0.0;
};

/// Lays a block out from its sites, so that whatever a family has is drawn: parts that a model
/// lacks are left out.
BlockLayout layOutBlock(const BlockValue& block);

} // namespace tw
