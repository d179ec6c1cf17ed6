// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/site_rows.h"

#include <QTest>

using namespace tw;

namespace {

SiteInfo linear(SiteKind kind, std::int32_t layer, std::int64_t in, std::int64_t out)
{
    return {{kind, layer}, "some.module", in, out, true};
}

} // namespace

class TestSiteRows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aKindHasARowForEachOfItsShapes()
    {
        const std::vector<SiteRow> rows =
            siteRows({linear(SiteKind::AttnQ, 0, 8, 8), linear(SiteKind::MlpUp, 0, 8, 32),
                      linear(SiteKind::AttnQ, 1, 8, 8), linear(SiteKind::MlpUp, 1, 8, 64),
                      {{SiteKind::FinalNorm, -1}, "norm", 8, 8, false}});
        QCOMPARE(rows.size(), std::size_t {4});
        QCOMPARE(rows[0].site, std::string("attn.q"));
        QCOMPARE(rows[0].layers, (std::vector<std::int32_t> {0, 1}));
        QCOMPARE(rows[1].out, 32);
        QCOMPARE(rows[2].site, rows[1].site);
        QCOMPARE(rows[2].layers, std::vector<std::int32_t> {1});
        QCOMPARE(rows[3].layers, std::vector<std::int32_t> {-1});
        QVERIFY(!rows[3].isLinear);
    }

    void theSitesComeBackLayerByLayer()
    {
        SiteInfo biased = linear(SiteKind::AttnQ, 1, 8, 8);
        biased.module = "another.module";
        biased.hasBias = true;
        const std::vector<SiteInfo> sites {{{SiteKind::Embed, -1}, "embed", 100, 8, false},
                                           linear(SiteKind::AttnQ, 0, 8, 8),
                                           linear(SiteKind::MlpUp, 0, 8, 32),
                                           biased,
                                           linear(SiteKind::MlpUp, 1, 8, 32)};
        const std::vector<SiteInfo> back = siteInfos(siteRows(sites));
        QCOMPARE(back.size(), sites.size());
        for (std::size_t i = 0; i < sites.size(); ++i) {
            QVERIFY(back[i].site == sites[i].site);
            QCOMPARE(back[i].module, sites[i].module);
            QCOMPARE(back[i].in, sites[i].in);
            QCOMPARE(back[i].out, sites[i].out);
            QCOMPARE(back[i].isLinear, sites[i].isLinear);
            QCOMPARE(back[i].hasWeight, sites[i].hasWeight);
            QCOMPARE(back[i].hasBias, sites[i].hasBias);
        }
    }
};

QTEST_GUILESS_MAIN(TestSiteRows)
#include "tst_site_rows.moc"
