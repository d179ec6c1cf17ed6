// SPDX-License-Identifier: Apache-2.0
// Answers for rooms that are not built yet; weak, so that the real ones win.
#include "core/analysis/values.h"
#include "core/base/error.h"
#include "core/workbench/tools.h"

namespace tw {

__attribute__((weak)) std::string toJsonText(const XrayResult&)
{
    throw Error("X-rays cannot be stored by this build.");
}
__attribute__((weak)) XrayResult xrayResultFrom(const std::string&)
{
    throw Error("X-rays cannot be read by this build.");
}
__attribute__((weak)) AnalysisResult toAnalysis(const XrayResult&)
{
    throw Error("X-rays cannot be shown by this build.");
}

struct TextTokenizer::State
{
};
TextTokenizer::TextTokenizer(const std::string&)
{
    throw Error("Tokenizers are not part of this build.");
}
TokenizedText TextTokenizer::encode(const std::string&, bool) const
{
    return {};
}
TokenizedText TextTokenizer::encodePair(const std::string&, const std::string&, bool) const
{
    return {};
}
TokenizedText TextTokenizer::decode(const std::vector<std::int64_t>&) const
{
    return {};
}
ChatRenderer::ChatRenderer(std::string source)
    : m_source(std::move(source))
{
}
ChatRenderer ChatRenderer::ofModel(const std::string&)
{
    throw Error("Templates are not part of this build.");
}
RenderedChat ChatRenderer::render(const std::string&) const
{
    throw Error("Templates are not part of this build.");
}

} // namespace tw
