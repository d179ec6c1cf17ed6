// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/provenance.h"
#include "core/analysis/values.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/translate.h"

#include <limits>

namespace tw {
namespace {

Json toJson(const ContrastToken& token)
{
    Json chances = Json::array();
    for (const TokenChance& chance : token.chances)
        chances.push_back({{"id", chance.id},
                           {"text", chance.text},
                           {"tuned", chance.tuned},
                           {"base", chance.base}});
    return {{"id", token.id},
            {"text", token.text},
            {"contrast", token.contrast},
            {"logTuned", token.logTuned},
            {"logBase", token.logBase},
            {"plausible", token.plausible},
            {"chances", std::move(chances)}};
}

Json toJson(const ContrastSample& sample)
{
    Json tokens = Json::array();
    for (const ContrastToken& token : sample.tokens)
        tokens.push_back(toJson(token));
    return {{"score", sample.score}, {"tokens", std::move(tokens)}};
}

/// JSON has no infinity, the log-probability of a token that the base rules out: it is stored as
/// null.
double logFrom(const Json& json)
{
    return json.is_number() ? json.get<double>() : -std::numeric_limits<double>::infinity();
}

ContrastToken contrastTokenFrom(const Json& json)
{
    ContrastToken token;
    token.id = json.at("id").get<std::int64_t>();
    token.text = json.at("text").get<std::string>();
    token.contrast = json.at("contrast").is_number() ? json.at("contrast").get<double>()
                                                     : std::numeric_limits<double>::infinity();
    token.logTuned = logFrom(json.at("logTuned"));
    token.logBase = logFrom(json.at("logBase"));
    token.plausible = json.at("plausible").get<std::int64_t>();
    for (const Json& chance : json.at("chances"))
        token.chances.push_back(
            {chance.at("id").get<std::int64_t>(), chance.at("text").get<std::string>(),
             chance.at("tuned").get<double>(), chance.at("base").get<double>()});
    return token;
}

ContrastSample contrastSampleFrom(const Json& json)
{
    ContrastSample sample;
    sample.score = logFrom(json.at("score"));
    for (const Json& token : json.at("tokens"))
        sample.tokens.push_back(contrastTokenFrom(token));
    return sample;
}

} // namespace

AnalysisResult toAnalysis(const std::vector<ContrastSample>& samples,
                          const ContrastOptions& options)
{
    AnalysisResult out;
    out.method = "contrastive-generation";
    out.title = QT_TRANSLATE_NOOP("contrast", "What is new in it");
    double sum = 0.0;
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        ShadedText text {"Text " + std::to_string(i + 1), {}, samples[i].score};
        for (const ContrastToken& token : samples[i].tokens)
            text.spans.push_back({token.text, token.contrast, token.id});
        sum += samples[i].score;
        tokens += samples[i].tokens.size();
        out.texts.push_back(std::move(text));
    }
    const double mean = tokens > 0 ? sum / static_cast<double>(tokens) : 0.0;
    out.summary = fixedDecimals(mean, 2)
        + " nats a token: that much more the tuned model wanted these "
        + std::to_string(samples.size()) + " texts than the base did.";
    out.numbers = {
        {"contrast", QT_TRANSLATE_NOOP("contrast", "Mean contrast"), mean, "nats a token", ""}};
    out.provenance =
        Json {{"alpha", options.alpha},   {"gamma", options.gamma}, {"beams", options.beams},
              {"length", options.length}, {"texts", options.texts}, {"seed", options.seed},
              {"prefix", options.prefix}, {"version", TW_VERSION}}
            .dump();
    return out;
}

std::string toJsonText(const std::vector<ContrastSample>& samples)
{
    Json list = Json::array();
    for (const ContrastSample& sample : samples)
        list.push_back(toJson(sample));
    return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<ContrastSample> contrastSamplesFrom(const std::string& jsonText)
{
    const Json json = parseJson(jsonText, "Contrastive samples");
    try {
        std::vector<ContrastSample> samples;
        for (const Json& sample : json)
            samples.push_back(contrastSampleFrom(sample));
        return samples;
    } catch (const Json::exception& failure) {
        throw Error(std::string("The stored contrastive samples cannot be read: ") + failure.what(),
                    "Let them be written again.");
    }
}

} // namespace tw
