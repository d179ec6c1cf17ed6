// SPDX-License-Identifier: Apache-2.0
// The classes of Transformers (their slow form) that stand on a SentencePiece model. A class that
// is not among them is refused: its ids might be shifted, and nobody would notice.
#include "core/tokenizer/sentencepiece_classes.h"

#include "core/base/error.h"
#include "core/tokenizer/tokenizer_config.h"

#include <array>

namespace tw {
namespace {

using Class = SentencePieceClass;
using Decoding = SentencePieceConventions::Decoding;
using Shift = Class::Shift;
using Cleaning = Class::Cleaning;

constexpr Class::Framing kBosEos {"b0A0e0", "b0A0e0b1B1e1"};
constexpr Class::Framing kEnds {"A0E0", "A0E0B0E0"};
constexpr Class::Framing kOneEnd {"A0E0", "A0B0E0"};
constexpr Class::Framing kRoberta {"c0A0s0", "c0A0s0s0B0s0"};
constexpr Class::Framing kBert {"c0A0s0", "c0A0s0B1s1"};
constexpr Class::Framing kXlNet {"A0s0c2", "A0s0B1s1c2"};
constexpr Class::Framing kXglm {"s0A0", "s0A0s0s0B0"};
constexpr Class::Framing kLanguageFirst {"l0A0E0", "l0A0B0E0"};
constexpr Class::Framing kLanguageLast {"A0E0l0", "A0B0E0l0"};
constexpr Class::Framing kNone {"A0", "A0B1"};

constexpr Class named(std::string_view name, Class like)
{
    like.name = name;
    return like;
}

constexpr Class kLlama {.name = "LlamaTokenizer",
                        .decoding = Decoding::Llama,
                        .framing = kBosEos,
                        .bos = "<s>",
                        .eos = "</s>",
                        .unknown = "<unk>"};
constexpr Class codeLlama()
{
    Class own = named("CodeLlamaTokenizer", kLlama);
    own.decoding = Decoding::CodeLlama;
    return own;
}
constexpr Class kGemma {.name = "GemmaTokenizer",
                        .decoding = Decoding::Gemma,
                        .framing = kBosEos,
                        .bos = "<bos>",
                        .eos = "<eos>",
                        .unknown = "<unk>",
                        .pad = "<pad>"};
constexpr Class kT5 {.name = "T5Tokenizer",
                     .decoding = Decoding::T5,
                     .framing = kEnds,
                     .eos = "</s>",
                     .unknown = "<unk>",
                     .pad = "<pad>"};
constexpr Class kXlmRoberta {.name = "XLMRobertaTokenizer",
                             .decoding = Decoding::XlmRoberta,
                             .framing = kRoberta,
                             .bos = "<s>",
                             .eos = "</s>",
                             .unknown = "<unk>",
                             .separator = "</s>",
                             .pad = "<pad>",
                             .cls = "<s>",
                             .mask = "<mask>",
                             .shift = Shift::Fairseq};
constexpr Class camembert()
{
    Class own = named("CamembertTokenizer", kXlmRoberta);
    own.decoding = Decoding::Albert;
    own.shift = Shift::Camembert;
    return own;
}
constexpr Class barthez()
{
    Class own = named("BarthezTokenizer", camembert());
    own.shift = Shift::None;
    return own;
}
constexpr Class mbart()
{
    Class own = named("MBartTokenizer", kXlmRoberta);
    own.framing = kLanguageLast;
    own.language = "en_XX";
    own.countsLanguages = true;
    own.shift = Shift::FairseqWithLanguages;
    return own;
}
constexpr Class mbart50()
{
    Class own = named("MBart50Tokenizer", mbart());
    own.decoding = Decoding::Albert;
    own.framing = kLanguageFirst;
    own.bos = "";
    return own;
}
constexpr Class nllb()
{
    Class own = named("NllbTokenizer", mbart());
    own.framing = kLanguageFirst;
    own.framingOfOld = kLanguageLast;
    own.language = "eng_Latn";
    own.countsLanguages = false;
    return own;
}
constexpr Class xglm()
{
    Class own = named("XGLMTokenizer", kXlmRoberta);
    own.framing = kXglm;
    own.mask = "";
    own.shift = Shift::Xglm;
    return own;
}
constexpr Class kAlbert {.name = "AlbertTokenizer",
                         .decoding = Decoding::Albert,
                         .framing = kBert,
                         .bos = "[CLS]",
                         .eos = "[SEP]",
                         .unknown = "<unk>",
                         .separator = "[SEP]",
                         .pad = "<pad>",
                         .cls = "[CLS]",
                         .mask = "[MASK]",
                         .cleaning = Cleaning::Albert,
                         .lowersUnlessTold = true,
                         .keepsAccentsUnlessTold = false};
constexpr Class debertaV2()
{
    Class own = named("DebertaV2Tokenizer", kAlbert);
    own.unknown = "[UNK]";
    own.pad = "[PAD]";
    own.cleaning = Cleaning::Case;
    own.lowersUnlessTold = false;
    return own;
}
constexpr Class remBert()
{
    Class own = named("RemBertTokenizer", debertaV2());
    own.decoding = Decoding::Plain;
    return own;
}
constexpr Class bigBird()
{
    Class own = named("BigBirdTokenizer", kAlbert);
    own.decoding = Decoding::BigBird;
    own.bos = "<s>";
    own.eos = "</s>";
    own.cleaning = Cleaning::None;
    return own;
}
constexpr Class xlNet()
{
    Class own = named("XLNetTokenizer", kAlbert);
    own.decoding = Decoding::XlNet;
    own.framing = kXlNet;
    own.bos = "<s>";
    own.eos = "</s>";
    own.separator = "<sep>";
    own.cls = "<cls>";
    own.mask = "<mask>";
    own.lowersUnlessTold = false;
    return own;
}
constexpr Class kPegasus {.name = "PegasusTokenizer",
                          .decoding = Decoding::Pegasus,
                          .framing = kOneEnd,
                          .eos = "</s>",
                          .unknown = "<unk>",
                          .pad = "<pad>",
                          .mask = "<mask_2>",
                          .shift = Shift::Pegasus};
constexpr Class kReformer {.name = "ReformerTokenizer",
                           .decoding = Decoding::Pegasus,
                           .framing = kNone,
                           .eos = "</s>",
                           .unknown = "<unk>"};

constexpr std::array kClasses {
    kLlama,
    codeLlama(),
    kGemma,
    kT5,
    named("MT5Tokenizer", kT5),
    named("UMT5Tokenizer", kT5),
    kXlmRoberta,
    named("XLMRobertaXLTokenizer", kXlmRoberta),
    camembert(),
    barthez(),
    mbart(),
    mbart50(),
    nllb(),
    xglm(),
    kAlbert,
    debertaV2(),
    remBert(),
    bigBird(),
    xlNet(),
    kPegasus,
    kReformer,
};

} // namespace

const SentencePieceClass& sentencePieceClassOf(const TokenizerConfig& config)
{
    const std::string name = config.className();
    std::string known;
    for (const Class& entry : kClasses) {
        if (entry.name == name)
            return entry;
        (known += known.empty() ? "" : ", ") += entry.name;
    }
    throw Error(config.where() + ": "
                    + (name.empty() ? std::string("says no tokenizer_class")
                                    : "the tokenizer_class " + name.substr(0, 60)
                               + " is not known for SentencePiece models")
                    + ".",
                "Known: " + known
                    + ". For others, load the tokenizer with Transformers and save it with "
                      "save_pretrained, which writes tokenizer.json.");
}

} // namespace tw
