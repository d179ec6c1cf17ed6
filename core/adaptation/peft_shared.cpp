// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/peft_shared.h"

#include "core/adaptation/token_rows.h"
#include "core/base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

namespace tw {
namespace {

constexpr const char* kTokenRows = "token_adapter.trainable_tokens_delta";

std::string moduleOf(const std::string& weight)
{
    return weight.substr(0, weight.rfind('.'));
}

const SiteInfo* findSite(const Model& model, SiteKind kind)
{
    for (const SiteInfo& info : model.sites())
        if (info.site.kind == kind)
            return &info;
    return nullptr;
}

/// The head that shares the embedding's table, or nullptr.
const SiteInfo* tiedHead(const Model& model)
{
    return model.config().tiesHead ? findSite(model, SiteKind::Head) : nullptr;
}

const SiteInfo& siteOf(const Model& model, SiteKind kind)
{
    if (const SiteInfo* info = findSite(model, kind))
        return *info;
    throw Error(std::string("This model has no ") + siteId(kind) + ", which the adapter changes.",
                "Open the model that the adapter was trained on.");
}

/// All weights by name, a tied head's among them.
std::vector<WeightInfo> weightsOf(const Model& model)
{
    std::vector<WeightInfo> all;
    for (const auto& [name, tensor] : model.weights())
        all.push_back({name, tensor.sizes().vec()});
    if (const SiteInfo* head = tiedHead(model))
        all.push_back({head->module + ".weight", {head->out, head->in}});
    return all;
}

void bring(PeftReader& reader,
           AdapterParts& parts,
           const WeightInfo& weight,
           const std::string& storedAs)
{
    // Beside virtual tokens PEFT stores whole modules with one prefix less.
    if (const std::string bare = kPromptPrefix + storedAs; reader.has(bare)) {
        const at::Tensor value = reader.tensor(bare, weight.shape);
        parts.weights.push_back({weight.name, storedAs, value, false});
        parts.frozen.emplace_back(bare, value);
        return;
    }
    parts.weights.push_back(
        {weight.name, storedAs, reader.tensor(kPeftPrefix + storedAs, weight.shape), true});
}

/// PEFT saves a module where its path, or that of a module it lies in, ends with one of the texts:
/// "norm" means input_layernorm too.
bool isSaved(const std::vector<std::string>& texts, const std::string& weight)
{
    for (auto end = weight.rfind('.'); end != std::string::npos && end > 0;
         end = weight.rfind('.', end - 1)) {
        const std::string module = weight.substr(0, end);
        for (const std::string& text : texts)
            if (module.ends_with(text))
                return true;
    }
    return false;
}

/// "all": every bias of the model; "lora_only" and its kin: those of the layers that the adapter
/// sits at. PEFT before 0.5 left out "base_layer".
void addBiases(PeftReader& reader, AdapterParts& parts)
{
    const Json which = reader.config().value("bias", Json("none"));
    if (which.is_null() || which == "none")
        return;
    const std::string text = which.is_string() ? which.get<std::string>() : which.dump();
    if (text != "all" && !text.ends_with("_only"))
        throw Error(std::string(kPeftConfigFile) + ": bias is " + text
                        + ", which Tunewright does not know.",
                    "It knows none, all, and those of the method's own layers (lora_only).");
    const auto saved = peftTexts(reader.config(), "modules_to_save");
    for (const WeightInfo& weight : weightsOf(reader.model())) {
        if (!weight.name.ends_with(".bias") || isSaved(saved, weight.name))
            continue;
        const std::string module = moduleOf(weight.name);
        const bool isTargeted =
            std::any_of(parts.changes.begin(), parts.changes.end(),
                        [&](const auto& placed) { return placed.info.module == module; });
        if (text != "all" && !isTargeted)
            continue;
        const std::string wrapped = module + ".base_layer.bias";
        const bool isOld = !isTargeted || !reader.has(kPeftPrefix + wrapped);
        bring(reader, parts, weight, isOld ? weight.name : wrapped);
    }
}

/// The head that PEFT keeps tied to an embedding that is saved whole.
bool isSavedAsTiedHead(const PeftReader& reader,
                       const std::vector<std::string>& texts,
                       const std::string& weight)
{
    const SiteInfo* head = tiedHead(reader.model());
    const SiteInfo* embed = findSite(reader.model(), SiteKind::Embed);
    return savesTiedHead(reader) && head != nullptr && embed != nullptr
        && weight == head->module + ".weight" && isSaved(texts, embed->module + ".weight");
}

void addSavedModules(PeftReader& reader, AdapterParts& parts)
{
    const auto texts = peftTexts(reader.config(), "modules_to_save");
    if (texts.empty())
        return;
    const std::size_t before = parts.weights.size();
    const auto all = weightsOf(reader.model());
    for (const WeightInfo& weight : all)
        if (isSaved(texts, weight.name) || isSavedAsTiedHead(reader, texts, weight.name))
            bring(reader, parts, weight, weight.name);
    if (parts.weights.size() == before)
        throw Error(std::string(kPeftConfigFile) + ": modules_to_save ("
                        + reader.config().at("modules_to_save").dump().substr(0, 120)
                        + ") names no module of this model.",
                    "Open the model that the adapter was trained on; a classifier on top of it is "
                    "not read.");
}

bool isLeftOver(const PeftReader& reader, const std::string& name)
{
    const auto left = reader.leftOvers();
    return std::any_of(left.begin(), left.end(),
                       [&](const TensorInfo& info) { return info.name == name; });
}

/// Embedding and head as they were when PEFT saved with save_embedding_layers: they take the
/// model's place. Tied ones may be stored once.
void addWholeTables(PeftReader& reader, AdapterParts& parts)
{
    for (const SiteKind kind : {SiteKind::Embed, SiteKind::Head}) {
        const SiteInfo* info = findSite(reader.model(), kind);
        const std::string name = info == nullptr ? std::string() : info->module + ".weight";
        if (info == nullptr || !isLeftOver(reader, kPeftPrefix + name))
            continue;
        const bool isHead = kind == SiteKind::Head;
        const at::Tensor value = reader.tensor(
            kPeftPrefix + name, {isHead ? info->out : info->in, isHead ? info->in : info->out});
        parts.frozen.emplace_back(kPeftPrefix + name, value);
        parts.weights.push_back({name, name, value, false});
        const SiteInfo* head = tiedHead(reader.model());
        if (head == nullptr)
            continue;
        const SiteInfo& other = isHead ? siteOf(reader.model(), SiteKind::Embed) : *head;
        if (!isLeftOver(reader, kPeftPrefix + other.module + ".weight"))
            parts.weights.push_back({other.module + ".weight", name, value, false});
    }
}

bool isOfTable(const PeftReader& reader, const std::string& tensor)
{
    for (const SiteKind kind : {SiteKind::Embed, SiteKind::Head})
        if (const SiteInfo* info = findSite(reader.model(), kind);
            info != nullptr && tensor.starts_with(kPeftPrefix + info->module + "."))
            return true;
    return false;
}

/// What PEFT stores a second time and does not read again: under their inner names the biases
/// (with "all") and the tables (with save_embedding_layers) of modules that are saved whole, and
/// biases that two modules share under the names of both.
void keepSecondCopies(PeftReader& reader, AdapterParts& parts)
{
    const bool hasAllBiases = reader.config().value("bias", Json()) == "all";
    for (const TensorInfo& info : reader.leftOvers()) {
        const bool isInner = info.name.find(".modules_to_save.") != std::string::npos
            || info.name.find(".original_module.") != std::string::npos;
        const bool isBias = hasAllBiases && info.name.ends_with(".bias");
        if (!isBias && !(isInner && isOfTable(reader, info.name)))
            continue; // refused by the caller
        const at::Tensor value = reader.tensor(info.name, info.shape);
        const bool isShared =
            std::any_of(parts.weights.begin(), parts.weights.end(),
                        [&](const BroughtWeight& own) { return at::equal(own.value, value); });
        if (!isInner && !isShared)
            PeftReader::refuseLeftOver(info.name);
        parts.frozen.emplace_back(info.name, value);
    }
}

at::Tensor indicesFrom(const Json& json, std::int64_t vocabularySize)
{
    std::vector<std::int64_t> indices;
    std::set<std::int64_t> seen;
    bool isGood = json.is_array() && !json.empty();
    for (const Json& item : json) {
        isGood = isGood && item.is_number_integer();
        if (!isGood)
            break;
        indices.push_back(item.get<std::int64_t>());
        isGood = indices.back() >= 0 && indices.back() < vocabularySize
            && seen.insert(indices.back()).second;
    }
    if (!isGood)
        throw Error(std::string(kPeftConfigFile)
                        + ": the trainable tokens have to be a list of different ids from 0 to "
                        + std::to_string(vocabularySize - 1) + ".",
                    "Open the model that the adapter was trained on.");
    return at::tensor(indices, at::kLong);
}

/// Heads of masked language models are no sites; one that shares the embedding's table shows in its
/// bias, a number for each token.
bool hasHiddenTiedHead(const Model& model)
{
    const NamedTensors weights = model.weights();
    return model.config().tiesHead && findSite(model, SiteKind::Head) == nullptr
        && std::any_of(weights.begin(), weights.end(), [&](const auto& weight) {
               return weight.second.dim() == 1
                   && weight.second.size(0) == model.config().vocabularySize;
           });
}

/// Whether a head tied to the embedding has rows for other tokens than the embedding.
bool hasOwnRows(const PeftReader& reader, const SiteInfo& head)
{
    return reader.has(peftName(head.module, kTokenRows));
}

void addTokens(PeftReader& reader, AdapterParts& parts)
{
    const Json tokens = reader.config().value("trainable_token_indices", Json());
    if (tokens.is_null())
        return;
    if (!tokens.is_object()) {
        addTokenRows(reader, parts, tokens, siteOf(reader.model(), SiteKind::Embed), kTokenRows);
        return;
    }
    for (const auto& [module, indices] : tokens.items()) {
        const auto isMeant = [&module = module](const SiteInfo& info) {
            return info.module == module || info.module.ends_with("." + module);
        };
        const SiteInfo& embed = siteOf(reader.model(), SiteKind::Embed);
        const SiteInfo& head = siteOf(reader.model(), SiteKind::Head);
        if (!isMeant(embed) && !isMeant(head))
            throw Error(std::string(kPeftConfigFile) + ": trainable_token_indices names " + module
                            + ", which is neither the embedding nor the head of this model.",
                        "Open the model that the adapter was trained on.");
        // PEFT leaves a tied head's out where they are the embedding's.
        const bool hasOwn = !reader.model().config().tiesHead || hasOwnRows(reader, head);
        if (isMeant(embed) || hasOwn)
            addTokenRows(reader, parts, indices, isMeant(embed) ? embed : head, kTokenRows);
    }
}

} // namespace

const std::vector<std::string>& sharedSettings()
{
    static const std::vector<std::string> kSettings {"bias", "ensure_weight_tying",
                                                     "modules_to_save", "trainable_token_indices"};
    return kSettings;
}

void addSharedParts(PeftReader& reader, AdapterParts& parts)
{
    for (const PlacedChange& placed : parts.changes)
        if (placed.info.site.kind == SiteKind::Head)
            addBaseWeight(reader, parts, placed.info);
    addBiases(reader, parts);
    addSavedModules(reader, parts);
    addTokens(reader, parts);
    addWholeTables(reader, parts);
    keepSecondCopies(reader, parts);
}

void addTokenRows(PeftReader& reader,
                  AdapterParts& parts,
                  const Json& json,
                  const SiteInfo& info,
                  const std::string& name)
{
    if (hasHiddenTiedHead(reader.model()))
        throw Error("The adapter trains tokens of " + info.module
                        + ", which the model's head shares; Tunewright cannot change the head's "
                          "with them.",
                    "Merge the adapter into its model with PEFT and open the merged model.");
    const bool isHead = info.site.kind == SiteKind::Head;
    const at::Tensor indices = indicesFrom(json, isHead ? info.out : info.in);
    const at::Tensor values =
        reader.tensor(peftName(info.module, name), {indices.size(0), isHead ? info.in : info.out});
    if (isHead) {
        parts.changes.push_back({info, std::make_shared<HeadRows>(indices, values, name)});
        return;
    }
    parts.tableChanges.push_back({info.module, std::make_shared<TokenRows>(indices, values, name)});
    if (const SiteInfo* head = tiedHead(reader.model());
        head != nullptr && !hasOwnRows(reader, *head))
        parts.changes.push_back({*head, std::make_shared<HeadRows>(indices, values, "")});
}

void addBaseWeight(PeftReader& reader, AdapterParts& parts, const SiteInfo& info)
{
    const std::string name = info.module + ".base_layer.weight";
    if (!reader.has(kPeftPrefix + name))
        return;
    const bool isHead = info.site.kind == SiteKind::Head;
    const at::Tensor value = reader.tensor(
        kPeftPrefix + name,
        {isHead ? info.out : info.in, isHead ? info.in : info.out}); // [vocabulary, width]
    parts.frozen.emplace_back(kPeftPrefix + name, value);
    parts.weights.push_back({info.module + ".weight", name, value, false});
    if (const SiteInfo* head = tiedHead(reader.model())) {
        const SiteInfo& other = isHead ? siteOf(reader.model(), SiteKind::Embed) : *head;
        parts.weights.push_back({other.module + ".weight", name, value, false});
    }
}

} // namespace tw
