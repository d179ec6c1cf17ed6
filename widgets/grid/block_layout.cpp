// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/grid/block_layout.h"

#include "widgets/theme/type.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>

namespace tw {
namespace {

constexpr int kBoxHeight = 20; // pixels at 100 %
constexpr int kRowGap = 6;
constexpr int kBoxGap = 4;
constexpr int kWidth = 160; // of a column of boxes
constexpr int kNarrowWidth = 112; // of each of two columns side by side
constexpr int kAround = 6; // from the boxes to the line around them
constexpr int kSumRoom = 12;

QString say(const char* words)
{
    return QCoreApplication::translate("BlockDrawing", words);
}

/// What lies between two additions to the stream.
struct Part
{
    QStringList norm; ///< "norm1"
    std::vector<QStringList> rows; ///< of sites, or of what computes between them
};

/// Boxes that compute but hold nothing are written with this mark before their words.
const QChar kComputes = QLatin1Char('=');

Part attentionPart()
{
    const auto s = [](const char* name) { return QString::fromLatin1(name); };
    return {{s("norm1")},
            {{s("attn.qkv"), s("attn.q"), s("attn.k"), s("attn.v")},
             {s("attn.pos.q"), s("attn.pos.k")},
             {s("attn.q.norm"), s("attn.k.norm")},
             {kComputes + say(QT_TRANSLATE_NOOP("BlockDrawing", "attention"))},
             {s("attn.o")},
             {s("attn.out")},
             {s("attn.scale")},
             {s("norm1.out")}}};
}

Part crossPart()
{
    const auto s = [](const char* name) { return QString::fromLatin1(name); };
    return {{s("cross.norm")},
            {{s("cross.q"), s("cross.k"), s("cross.v")},
             {kComputes + say(QT_TRANSLATE_NOOP("BlockDrawing", "reads the encoder"))},
             {s("cross.o")}}};
}

Part mlpPart(const QStringList& sites)
{
    const auto s = [](const char* name) { return QString::fromLatin1(name); };
    const bool isGated = sites.contains(s("mlp.gate")) || sites.contains(s("mlp.gate_up"));
    return {{s("norm2")},
            {{s("mlp.gate_up"), s("mlp.gate"), s("mlp.up")},
             {kComputes
              + (isGated ? say(QT_TRANSLATE_NOOP("BlockDrawing", "activation, multiply"))
                         : say(QT_TRANSLATE_NOOP("BlockDrawing", "activation")))},
             {s("mlp.down")},
             {s("mlp.out")},
             {s("mlp.scale")},
             {s("norm2.out")}}};
}

/// Puts boxes into columns from the top down.
class Layouter
{
public:
    explicit Layouter(const BlockValue& block)
        : m_block(block)
    {
    }

    BlockLayout run()
    {
        m_layout.width =
            m_block.isParallel ? px(2 * kNarrowWidth + 2 * kAround) : px(kWidth + 2 * kAround);
        const double middle = m_block.isParallel ? m_layout.width / 2 : px(kWidth) / 2.0;
        double y = px(4);
        if (!m_block.prompt.isEmpty())
            add({{m_block.prompt, QStringLiteral("prompt")}}, middle, px(kWidth), y);
        y += px(8);
        y = m_block.isParallel ? parallel(middle, y) : inTurn(middle, y);
        addSites({QStringLiteral("block.out")}, middle, px(kWidth), y);
        m_layout.lines.push_back({{middle, 0.0}, {middle, y}});
        m_layout.height = y + px(2);
        return std::move(m_layout);
    }

private:
    bool has(const QStringList& sites) const
    {
        return std::any_of(sites.begin(), sites.end(),
                           [this](const QString& site) { return m_block.sites.contains(site); });
    }

    /// A box alone is as wide as its words and the letters of its methods; those of a row are
    /// alike.
    static double widest(const std::vector<std::pair<QString, QString>>& labelAndSite)
    {
        if (labelAndSite.size() > 1)
            return px(74);
        const QFontMetricsF metrics(textFont(TextType::Caption));
        return std::max<double>(px(50),
                                metrics.horizontalAdvance(labelAndSite.front().first) + px(36));
    }

    void add(const std::vector<std::pair<QString, QString>>& labelAndSite,
             double middle,
             double room,
             double& y)
    {
        const auto count = static_cast<double>(labelAndSite.size());
        const double gaps = px(kBoxGap) * (count - 1);
        const double width = std::min((room - gaps) / count, widest(labelAndSite));
        double x = middle - (width * count + gaps) / 2;
        for (const auto& [label, site] : labelAndSite) {
            m_layout.boxes.push_back({QRectF(x, y, width, px(kBoxHeight)), label, site});
            x += width + px(kBoxGap);
        }
        y += px(kBoxHeight) + px(kRowGap);
    }

    /// Those of the sites that the block has, side by side.
    void addSites(const QStringList& sites, double middle, double room, double& y)
    {
        std::vector<std::pair<QString, QString>> found;
        for (const QString& site : sites) {
            if (site.startsWith(kComputes))
                found.emplace_back(site.mid(1), QString());
            else if (m_block.sites.contains(site))
                found.emplace_back(shortName(site), site);
        }
        if (!found.empty())
            add(found, middle, room, y);
    }

    /// "q" of "attn.q"; what is named after a place keeps its name.
    static QString shortName(const QString& site)
    {
        const QString last = site.section(QLatin1Char('.'), 1);
        const bool isPlace = last.isEmpty() || last == QLatin1String("out")
            || last == QLatin1String("norm") || last == QLatin1String("scale");
        return isPlace ? site : last;
    }

    double rowsOf(const Part& part, double middle, double room, double y)
    {
        for (const QStringList& row : part.rows)
            addSites(row, middle, room, y);
        return y;
    }

    double sum(double middle, double from, double y)
    {
        const double side = m_layout.width - px(3);
        m_layout.lines.push_back({{middle, from}, {side, from}, {side, y}, {middle, y}});
        m_layout.sums.emplace_back(middle, y);
        return y + px(kSumRoom);
    }

    double inTurn(double middle, double y)
    {
        for (const Part& part : {attentionPart(), crossPart(), mlpPart(m_block.sites)}) {
            if (!hasAny(part))
                continue;
            const double from = y - px(4);
            if (!m_block.normsFollowSums)
                addSites(part.norm, middle, px(kWidth), y);
            y = sum(middle, from, rowsOf(part, middle, px(kWidth), y));
            if (m_block.normsFollowSums)
                addSites(part.norm, middle, px(kWidth), y);
            y += px(4);
        }
        return y;
    }

    /// Attention at the left and MLP at the right of the stream, added up together.
    double parallel(double middle, double y)
    {
        const double room = px(kNarrowWidth - kRowGap);
        const double from = y - px(4);
        const double side = px(kNarrowWidth) / 2.0;
        double bottom = y;
        for (const auto& [part, at] : {std::pair(attentionPart(), middle - side),
                                       std::pair(mlpPart(m_block.sites), middle + side)}) {
            double below = y + px(4);
            addSites(part.norm, at, room, below);
            below = rowsOf(part, at, room, below);
            m_layout.lines.push_back({{middle, from}, {at, from}, {at, below}});
            m_joined.push_back({at, below});
            bottom = std::max(bottom, below);
        }
        for (const QPointF& end : m_joined)
            m_layout.lines.push_back({end, {end.x(), bottom}, {middle, bottom}});
        m_layout.sums.emplace_back(middle, bottom);
        return bottom + px(kSumRoom);
    }

    bool hasAny(const Part& part) const
    {
        return std::any_of(part.rows.begin(), part.rows.end(),
                           [this](const QStringList& row) { return has(row); });
    }

    const BlockValue& m_block;
    BlockLayout m_layout;
    std::vector<QPointF> m_joined;
};

} // namespace

BlockLayout layOutBlock(const BlockValue& block)
{
    return Layouter(block).run();
}

} // namespace tw
