// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lora_options.h"

#include "core/adaptation/lora_start.h"
#include "core/base/translate.h"

namespace tw {
namespace {

using Table = ParamTable<LoraOptions>;

void addShape(Table& table)
{
    table.add(&LoraOptions::rank, "rank", QT_TRANSLATE_NOOP("lora", "Rank"))
        .help(QT_TRANSLATE_NOOP("lora", "Width of the update; its memory grows in proportion."))
        .range(1, 1024)
        .source("PEFT's default");
    table.add(&LoraOptions::alpha, "alpha", QT_TRANSLATE_NOOP("lora", "Scale (alpha)"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "The update is multiplied by alpha / rank. Larger learns faster and less calmly."))
        .range(0, 4096)
        .source("our choice: twice the rank");
    table.add(&LoraOptions::dropout, "dropout", QT_TRANSLATE_NOOP("lora", "Dropout"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "Share of the inputs that the update does not see in a step; helps on small data."))
        .range(0, 0.9)
        .source("PEFT's default");
    table.add(&LoraOptions::isDora, "dora", QT_TRANSLATE_NOOP("lora", "DoRA"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "Splits each row of the weights into direction and length: LoRA turns the direction, "
            "the length is trained by itself. Often better at low ranks, and slower."))
        .source("Liu et al. 2024; PEFT's default");
}

void addScaling(Table& table)
{
    table.add(&LoraOptions::scale, "scale", QT_TRANSLATE_NOOP("lora", "Scaling"))
        .help(QT_TRANSLATE_NOOP("lora", "How the update is scaled as the rank grows."))
        .choices({{"classic", QT_TRANSLATE_NOOP("lora", "alpha / rank")},
                  {"rslora", QT_TRANSLATE_NOOP("lora", "alpha / square root of rank (rsLoRA)")}})
        .source("Hu et al. 2021; Kalajdzievski 2023")
        .advanced();
    table
        .add(&LoraOptions::plusRatio, "plusRatio",
             QT_TRANSLATE_NOOP("lora", "Learning rate of B (LoRA+)"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "B learns this many times faster than A. Above 1, halve the learning rate first; the "
            "paper recommends 16."))
        .range(0.01, 1024)
        .unit(QT_TRANSLATE_NOOP("lora", "times that of A"))
        .source("Hayou et al. 2024; 1 is plain LoRA")
        .advanced();
    table
        .add(&LoraOptions::plusEmbedding, "plusEmbedding",
             QT_TRANSLATE_NOOP("lora", "Learning rate of the embedding (LoRA+)"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "Where LoRA sits at the embedding, both of its factors there learn this many times as "
            "fast as A does elsewhere. A small number keeps the words calm."))
        .range(0.0001, 1024)
        .unit(QT_TRANSLATE_NOOP("lora", "times that of A"))
        .source("PEFT's loraplus_lr_embedding, which is 1e-6 and no multiple")
        .advanced();
    table
        .add(&LoraOptions::rankPattern, "rankPattern",
             QT_TRANSLATE_NOOP("lora", "Ranks of single layers"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "Other ranks by kind of layer or by module name, for example: attn.q=16, mlp.down=4. "
            "The first that fits counts."))
        .source("PEFT's rank_pattern")
        .advanced();
    table
        .add(&LoraOptions::alphaPattern, "alphaPattern",
             QT_TRANSLATE_NOOP("lora", "Scales of single layers"))
        .help(QT_TRANSLATE_NOOP(
            "lora", "Other values of alpha, written in the same way: attn.q=32, down_proj=8."))
        .source("PEFT's alpha_pattern")
        .advanced();
}

void addStart(Table& table)
{
    std::vector<ParamSpec::Choice> starts;
    for (const LoraStart& start : loraStarts())
        starts.push_back({start.id, start.title});
    table.add(&LoraOptions::start, "start", QT_TRANSLATE_NOOP("lora", "Start values"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "How A and B begin. A fresh adapter changes nothing in any case: where they begin with "
            "a change, the update is what has been added since."))
        .choices(std::move(starts))
        .source("PEFT's init_lora_weights")
        .advanced();
    table
        .add(&LoraOptions::pissaIterations, "pissaIterations",
             QT_TRANSLATE_NOOP("lora", "Quick PiSSA"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "Steps of an approximate decomposition, which is much faster on large layers: 4 to 16 "
            "are enough. 0 decomposes exactly."))
        .range(0, 64)
        .source("Meng et al. 2024; PEFT's pissa_niter")
        .shownWhen("start=pissa")
        .advanced();
    table.add(&LoraOptions::loftqBits, "loftqBits", QT_TRANSLATE_NOOP("lora", "Rounded to"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "A and B begin with what rounding the weights to so few bits loses. Only that is taken "
            "from LoftQ: the model itself is not rounded and answers as before."))
        .choices({{"4", QT_TRANSLATE_NOOP("lora", "4 bits (NF4, blocks of 64)")},
                  {"8", QT_TRANSLATE_NOOP("lora", "8 bits (whole numbers, by row)")}})
        .source("Li et al. 2023; PEFT's loftq_bits")
        .shownWhen("start=loftq")
        .advanced();
    table
        .add(&LoraOptions::loftqIterations, "loftqIterations",
             QT_TRANSLATE_NOOP("lora", "Rounds of LoftQ"))
        .help(QT_TRANSLATE_NOOP(
            "lora", "How often rounding and decomposing alternate; more fit each other better."))
        .range(1, 64)
        .source("PEFT's loftq_iter")
        .shownWhen("start=loftq")
        .advanced();
    table.add(&LoraOptions::evaRho, "evaRho", QT_TRANSLATE_NOOP("lora", "Most of a layer's rank"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "EVA gives rank to the layers whose inputs vary in more directions, at most this many "
            "times the rank set above; the sum over all layers stays. 1 moves nothing."))
        .range(1, 16)
        .unit(QT_TRANSLATE_NOOP("lora", "times the rank"))
        .source("Paischer et al. 2024; PEFT's rho")
        .shownWhen("start=eva")
        .advanced();
}

void addBiases(Table& table)
{
    table.add(&LoraOptions::bias, "bias", QT_TRANSLATE_NOOP("lora", "Biases of the model"))
        .help(QT_TRANSLATE_NOOP(
            "lora", "Whether biases that the model already has are trained beside the update."))
        .choices({{"none", QT_TRANSLATE_NOOP("lora", "Not trained")},
                  {"all", QT_TRANSLATE_NOOP("lora", "All of the model")},
                  {"lora_only", QT_TRANSLATE_NOOP("lora", "Those of the chosen layers")}})
        .source("PEFT's bias")
        .advanced();
    table.add(&LoraOptions::hasOwnBias, "ownBias", QT_TRANSLATE_NOOP("lora", "Bias behind B"))
        .help(QT_TRANSLATE_NOOP("lora", "Gives the update a trained bias of its own."))
        .source("PEFT's lora_bias")
        .advanced();
}

} // namespace

const ParamTable<LoraOptions>& loraParams()
{
    static const Table kTable = [] {
        Table table;
        addShape(table);
        addScaling(table);
        addStart(table);
        addBiases(table);
        return table;
    }();
    return kTable;
}

} // namespace tw
