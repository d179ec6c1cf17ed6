// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lora_options.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/site_patterns.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace tw {
namespace {

constexpr double kLargestRank = 1024; // of the setting "rank"
constexpr double kLargestAlpha = 4096; // of the setting "alpha"

std::int64_t widestRank(const SiteInfo& info)
{
    return std::min(info.in, info.out);
}

class Checker
{
public:
    Checker(const std::vector<SiteInfo>& chosen, const LoraOptions& options, Problems& problems)
        : m_chosen(chosen)
        , m_options(options)
        , m_problems(problems)
    {
    }

    void run()
    {
        if (m_chosen.empty())
            return;
        const bool areRead = checkPattern("rankPattern", m_options.rankPattern, 1, kLargestRank)
            && checkPattern("alphaPattern", m_options.alphaPattern, 0, kLargestAlpha);
        if (areRead)
            checkSites(loraSites(m_options, m_chosen));
        checkBiases();
    }

private:
    void add(const std::string& setting, const std::string& what, const std::string& hint)
    {
        m_problems.push_back({"settings." + setting, what, hint, false});
    }

    bool checkPattern(const std::string& setting,
                      const std::string& text,
                      double smallest,
                      double largest)
    {
        std::optional<SitePatterns> patterns;
        try {
            patterns.emplace(text);
        } catch (const Error& error) {
            add(setting, error.what(), "Write for example: attn.q=16, mlp.down=4");
            return false;
        }
        for (const std::string& unused : patterns->unused(m_chosen))
            add(setting, "\"" + unused + "\" fits none of the chosen layers.",
                "Name a kind of site (attn.q) or the end of a module's name (q_proj).");
        for (const SiteInfo& info : m_chosen)
            if (const double number = patterns->find(info).value_or(smallest); number < smallest
                || number > largest || (setting == "rankPattern" && number != std::trunc(number))) {
                add(setting, "The number for " + info.module + " is out of range.",
                    setting == "rankPattern" ? "Ranks are whole numbers from 1 to 1024."
                                             : "Choose a number from 0 to 4096.");
                return false;
            }
        return true;
    }

    void checkSites(const std::vector<LoraSite>& sites)
    {
        const auto isTooWide = [](const LoraSite& site) {
            return site.info.isLinear && site.rank > widestRank(site.info);
        };
        if (const auto wide = std::ranges::find_if(sites, isTooWide); wide != sites.end())
            add(wide->rank == m_options.rank ? "rank" : "rankPattern",
                "Rank " + std::to_string(wide->rank) + " is larger than the layer "
                    + wide->info.module + " (" + std::to_string(wide->info.out) + " x "
                    + std::to_string(wide->info.in) + ").",
                "Choose at most " + std::to_string(widestRank(wide->info)) + ".");
        const auto isOdd = [](const LoraSite& site) { return site.rank % 2 != 0; };
        if (m_options.start == "orthogonal" && std::ranges::any_of(sites, isOdd))
            add("rank", "Orthogonal start values need an even rank.", "Choose an even rank.");
        const auto isMuted = [](const LoraSite& site) { return !(site.alpha > 0.0); };
        if (m_options.start == "pissa" && std::ranges::any_of(sites, isMuted))
            add("alpha", "PiSSA divides by the scale, so alpha cannot be 0.",
                "Choose an alpha above 0, for example twice the rank.");
    }

    void checkBiases()
    {
        if (m_options.isDora && m_options.hasOwnBias)
            add("ownBias", "DoRA has no place for a bias behind B.",
                "Switch off one of the two, or train the model's own biases.");
        const auto isTable = [](const SiteInfo& info) { return info.site.kind == SiteKind::Embed; };
        if (m_options.hasOwnBias && std::ranges::any_of(m_chosen, isTable))
            add("ownBias", "LoRA on the embedding has no place for a bias behind B.",
                "Leave out the embedding, or switch off the bias behind B.");
        const bool hasAny = std::ranges::any_of(m_chosen, &SiteInfo::hasBias);
        if (m_options.bias == "lora_only" && !hasAny)
            m_problems.push_back({"settings.bias",
                                  "None of the chosen layers has a bias, so none is trained.",
                                  "Choose other layers, or train no biases.", true});
    }

    const std::vector<SiteInfo>& m_chosen;
    const LoraOptions& m_options;
    Problems& m_problems;
};

} // namespace

const std::vector<SiteKind>& loraSiteKinds()
{
    static const std::vector<SiteKind> kSites = [] {
        std::vector<SiteKind> all {SiteKind::Embed};
        all.insert(all.end(), linearSites().begin(), linearSites().end());
        return all;
    }();
    return kSites;
}

std::vector<LoraSite> loraSites(const LoraOptions& options, const std::vector<SiteInfo>& chosen)
{
    const SitePatterns ranks(options.rankPattern);
    const SitePatterns alphas(options.alphaPattern);
    std::vector<LoraSite> sites;
    for (const SiteInfo& info : chosen) {
        const double rank = ranks.find(info).value_or(static_cast<double>(options.rank));
        sites.push_back({info, std::llround(std::clamp(rank, 1.0, kLargestRank)),
                         alphas.find(info).value_or(options.alpha)});
    }
    return sites;
}

Problems checkLora(const std::vector<SiteInfo>& sites,
                   const SiteSelection& selection,
                   const ParamValues& values)
{
    Problems problems = checkSelection("LoRA", loraSiteKinds(), sites, selection);
    const LoraOptions options = loraParams().read(values);
    const auto chosen = chosenSites(sites, selection);
    Checker(chosen, options, problems).run();
    const auto isTied = [](const SiteInfo& info) {
        return info.site.kind == SiteKind::Head && !info.hasWeight;
    };
    if (selection.contains(SiteKind::Embed) && std::ranges::any_of(sites, isTied))
        problems.push_back({"sites.embed",
                            "The head shares the embedding's table, and the update changes the "
                            "embedding alone: the two drift apart.",
                            "Leave out the embedding, or keep this in mind when merging: the head "
                            "then gets a table of its own.",
                            true});
    return problems;
}

} // namespace tw
