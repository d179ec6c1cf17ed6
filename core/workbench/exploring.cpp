// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/contrast.h"
#include "core/analysis/xray.h"
#include "core/base/json.h"
#include "core/data/answer_spans.h"
#include "core/evaluation/generation.h"
#include "core/evaluation/perplexity.h"
#include "core/workbench/answers.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

constexpr std::int64_t kUsualWindow = 1024; // tokens; longer ones cost much and change little

/// Both models of a comparison, held for as long as this lives. Where they share their base, it is
/// in memory once and the adapters are switched.
class ComparedModels
{
public:
    ComparedModels(ModelCache& cache,
                   const ModelRef& base,
                   const ModelRef& tuned,
                   JobControl& control)
    {
        if (base.model == tuned.model) {
            m_first = std::make_unique<ModelLease>(cache.get(base, control), base, control);
            for (const std::string& folder : adaptersOf(tuned))
                m_tunedAdapters.push_back(attachAdapter(m_first->model(), folder));
            return;
        }
        // Everybody takes two models in the order of their names, or two comparisons could wait for
        // each other for ever.
        const bool isBaseFirst = base.model < tuned.model;
        auto& early = isBaseFirst ? m_first : m_second;
        auto& late = isBaseFirst ? m_second : m_first;
        const ModelRef& earlyRef = isBaseFirst ? base : tuned;
        const ModelRef& lateRef = isBaseFirst ? tuned : base;
        early = std::make_unique<ModelLease>(cache.get(earlyRef, control), earlyRef, control);
        late = std::make_unique<ModelLease>(cache.get(lateRef, control), lateRef, control);
    }

    ContrastPair pair()
    {
        if (m_second)
            return contrastPair(m_first->model(), m_second->model());
        return {[this]() -> const Model& { return switched(false); },
                [this]() -> const Model& { return switched(true); }};
    }
    const Tokenizer& tokenizer() const { return m_first->loaded().textTokenizer(); }
    std::int64_t vocabulary(bool tuned) const
    {
        return (tuned && m_second ? *m_second : *m_first).model().config().vocabularySize;
    }

private:
    const Model& switched(bool isTuned)
    {
        for (const auto& adapter : m_first->adapters())
            adapter->setEnabled(!isTuned);
        for (const auto& adapter : m_tunedAdapters)
            adapter->setEnabled(isTuned);
        return m_first->model();
    }

    std::unique_ptr<ModelLease> m_first; ///< the base
    std::unique_ptr<ModelLease> m_second; ///< the tuned one, where it is another model
    std::vector<std::unique_ptr<Adapter>> m_tunedAdapters; // last: they go before their model
};

Workspace::TextLoss lossOf(const ModelLease& lease,
                           const std::string& text,
                           std::int64_t window,
                           std::int64_t stride,
                           JobControl& control)
{
    const auto ids = lease.loaded().textTokenizer().encode(text, false).ids;
    const std::int64_t context = lease.model().config().contextLength;
    if (window <= 0)
        window = context > 0 ? std::min(context, kUsualWindow) : kUsualWindow;
    if (stride <= 0)
        stride = std::max<std::int64_t>(1, window / 2);
    const TokenLoss loss = textLoss(lease.model(), ids, window, stride, control);
    return {loss.mean(), loss.tokens};
}

} // namespace

Job<XrayResult>
Workspace::xray(const ModelRef& base, const ModelRef& tuned, const XrayOptions& options)
{
    return m_state->start(Lane::Kind::Heavy, [base, tuned, options](JobControl& control) {
        const auto cache = userCacheFolder();
        return tw::xray(base, tuned, options, cache.empty() ? cache : cache / "decompositions",
                        control);
    });
}

StreamingJob<std::vector<ContrastSample>, ContrastSample>
Workspace::contrast(const ModelRef& base, const ModelRef& tuned, const ContrastOptions& options)
{
    auto feed = std::make_shared<Feed<ContrastSample>>();
    auto job = m_state->start(
        Lane::Kind::Light,
        [models = m_state->models, base, tuned, options, feed](JobControl& control) {
            const at::NoGradGuard noGrad;
            ComparedModels compared(*models, base, tuned, control);
            if (compared.vocabulary(false) != compared.vocabulary(true))
                throw Error("The two models have different vocabularies and cannot be contrasted.",
                            "Choose a base and its own fine-tune.");
            return generateContrastive(compared.pair(), compared.tokenizer(), options, control,
                                       [&](const ContrastSample& sample) { feed->put(sample); });
        });
    return {std::move(job), std::move(feed)};
}

Job<Workspace::TextLoss> Workspace::perplexity(const ModelRef& model,
                                               const std::string& text,
                                               std::int64_t window,
                                               std::int64_t stride)
{
    return m_state->start(
        Lane::Kind::Heavy,
        [models = m_state->models, model, text, window, stride](JobControl& control) {
            const at::NoGradGuard noGrad;
            const ModelLease lease(models->get(model, control), model, control);
            return lossOf(lease, text, window, stride, control);
        });
}

} // namespace tw
