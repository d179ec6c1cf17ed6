# SPDX-License-Identifier: Apache-2.0
"""Tokenizers: tokenizer.json, SentencePiece, vocabularies of before, GGUF's."""
import json
import struct

from formats import gguf as g
from formats import sentencepiece as sp

TOKENIZER = {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}, "pre_tokenizer": {"type": "ByteLevel"}}


def json_cases(save, folder):
    def one(name, document, word=""):
        text = document if isinstance(document, (str, bytes)) else json.dumps(document)
        folder(f"tokenizer/{name}", {"tokenizer.json": text}, word)

    def bpe(vocab, merges=()):
        return {"model": {"type": "BPE", "vocab": vocab, "merges": list(merges)}}

    def step(kind, value):
        return {**TOKENIZER, kind: value}

    def split(pattern):
        return step("pre_tokenizer", {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated"})

    one("no_json", "{", "JSON")
    one("deep", "[" * 100000)
    one("not_utf8", b'{"model": {"type": "BPE", "vocab": {"\xff\xfe": 0}, "merges": []}}')
    one("huge_id", bpe({"a": 2**32 - 1}), "4294967295")
    one("wrapped_id", bpe({"a": 2**32}))
    one("negative_id", bpe({"a": -1}))
    one("id_twice", bpe({"a": 0, "b": 0}))
    one("far_id", bpe({"a": 0, "b": 10_000_000}))
    one("wrong_merge", bpe({"a": 0}, ["x y"]))
    one("merge_of_three", bpe({"a": 0}, ["a a a"]))
    one("merges_of_numbers", bpe({"a": 0}, [1, 2]))
    one("exploding_pattern", split("((a{99}){99}){99}"))
    one("backtracking_pattern", split("(a*)*(a*)*(a*)*b"))
    one("broken_pattern", split("(((("))
    one("endless_lookaround", split("(?<=" * 3000 + ")" * 3000))
    nested = '{"type": "Sequence", "normalizers": [' * 3000 + "]}" * 3000
    one("nested_normalizers", json.dumps(step("normalizer", 0)).replace('"normalizer": 0', '"normalizer": ' + nested))
    growing = [{"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 1000} for _ in range(6)]
    one("growing_text", step("normalizer", {"type": "Sequence", "normalizers": growing}))
    one("prepending", step("normalizer", {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "x" * 1000}] * 2000}))
    one("charsmap", step("normalizer", {"type": "Precompiled", "precompiled_charsmap": "/////wAAAAA="}))
    one("added_id", step("added_tokens", [{"id": 2**31, "content": "x", "special": True}]))
    one("added_empty", step("added_tokens", [{"id": 3, "content": "", "special": True}]))
    one("no_model", {})
    one("unknown_model", {"model": {"type": "../../x"}}, "../../x")
    one("vocabulary_of_lists", bpe({"a": []}))
    one("unigram_nan", '{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", NaN]]}}', "JSON")
    one("unigram_unknown", {"model": {"type": "Unigram", "unk_id": 99, "vocab": [["a", -1.0]]}})
    one("unigram_infinite", '{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", -1e999]]}}')
    one("template_id", step("post_processor", {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}], "special_tokens": {}}))
    one("many_templates", step("post_processor", {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}] * 100000, "special_tokens": {}}))
    folder("tokenizer/config_list", {"tokenizer.json": json.dumps(TOKENIZER), "tokenizer_config.json": "[]"}, "no JSON object")
    one("long_token", bpe({"a" * 3_000_000: 0}))
    folder("tokenizer/config_of_small_parts", {"tokenizer.json": json.dumps(TOKENIZER), "tokenizer_config.json": '{"a": [' + "{}," * 3_000_000 + "{}]}"}, "small parts")
    folder("tokenizer/config_deep", {"tokenizer.json": json.dumps(TOKENIZER), "tokenizer_config.json": '{"a":' * 100000})


def vocabulary_cases(save, folder):
    folder("tokenizer/txt_empty", {"vocab.txt": ""})
    folder("tokenizer/txt_not_utf8", {"vocab.txt": b"[UNK]\n\xff\xfe\n"})
    folder("tokenizer/txt_without_unknown", {"vocab.txt": "a\nb\n"})
    folder("tokenizer/txt_twice", {"vocab.txt": "[UNK]\na\na\n[CLS]\n[SEP]\n"})
    folder("tokenizer/txt_one_line", {"vocab.txt": "x" * 3_000_000})
    folder("tokenizer/txt_zeros", {"vocab.txt": bytes(1_000_000)})
    folder("tokenizer/txt_many_lines", {"vocab.txt": "\n" * 3_000_000})
    folder("tokenizer/no_merges", {"vocab.json": "{}"}, "no merges.txt")
    speech = json.dumps({"tokenizer_class": "Wav2Vec2CTCTokenizer"})
    folder("tokenizer/long_letters", {"vocab.json": json.dumps({f"ab{i}": i for i in range(100_000)}), "tokenizer_config.json": speech})
    folder("tokenizer/empty_letter", {"vocab.json": '{"": 0, "a": 1}', "tokenizer_config.json": speech[:-1] + ', "pad_token": ""}'})
    folder("tokenizer/vocab_list", {"vocab.json": "[]", "merges.txt": ""})
    folder("tokenizer/vocab_closes", {"vocab.json": '{"a": 0}}, "x": {{', "merges.txt": ""})
    folder("tokenizer/vocab_huge_id", {"vocab.json": '{"a": 4294967295}', "merges.txt": ""})
    folder("tokenizer/vocab_deep", {"vocab.json": '{"a":' * 100000, "merges.txt": ""})
    folder("tokenizer/merge_of_one", {"vocab.json": '{"a": 0}', "merges.txt": "#version: 0.2\na\n"}, "line 2")
    folder("tokenizer/merge_unknown", {"vocab.json": '{"a": 0}', "merges.txt": "a b\n"})
    folder("tokenizer/merge_not_utf8", {"vocab.json": '{"a": 0}', "merges.txt": b"\xff \xfe\n"}, "line 1")
    folder("tokenizer/class_path", {"vocab.json": '{"a": 0}', "merges.txt": "", "tokenizer_config.json": '{"tokenizer_class": "../../x"}'})


def sentencepiece_cases(save, folder):
    def one(name, data, word=""):
        save(f"tokenizer/sp_{name}.model", data, word)

    good = sp.model(sp.GOOD)
    one("empty", b"", "empty")
    one("zeros", bytes(1000))
    one("length", b"\x0a\xff\xff\xff\xff\x7f" + good)
    one("long_number", b"\x0a" + b"\xff" * 20)
    one("groups", b"\x0b" * 100000)
    many = json.dumps([f"<s{i}>" for i in range(100_000)])
    for name, config, word in (("sentinels", '{"tokenizer_class": "T5Tokenizer", "extra_ids": 50000}', "extra_ids"),
                               ("negative", '{"tokenizer_class": "T5Tokenizer", "extra_ids": -5}', ""),
                               ("additional", '{"tokenizer_class": "T5Tokenizer", "additional_special_tokens": ' + many + "}", ""),
                               ("offset", '{"tokenizer_class": "PegasusTokenizer", "offset": 50000}', "offset")):
        folder(f"tokenizer/spiece_{name}", {"spiece.model": good, "tokenizer_config.json": config}, word)
    one("no_pieces", sp.trainer(sp.UNIGRAM))
    one("no_unknown", sp.model(sp.GOOD[1:]))
    one("two_unknown", sp.model([sp.GOOD[0], *sp.GOOD]))
    one("piece_twice", sp.model([*sp.GOOD, sp.GOOD[-1]]))
    one("empty_piece", sp.model([*sp.GOOD, ("", -1.0)]))
    one("not_utf8", sp.model([*sp.GOOD, (b"\xff\xfe", -1.0)]))
    one("nan", sp.model([*sp.GOOD, ("c", float("nan"))]))
    one("infinite", sp.model([*sp.GOOD, ("c", float("-inf"))]))
    one("kind", sp.model([*sp.GOOD, ("c", -1.0, 77)]))
    one("byte", sp.model([*sp.GOOD, ("<0xZZ>", -1.0, sp.BYTE)]))
    one("algorithm", sp.model(sp.GOOD, 77))
    one("zero_in_piece", sp.model([*sp.GOOD, ("a\0b", -1.0)]))
    one("long_piece", sp.model([*sp.GOOD, ("c" * 1_000_000, -1.0)]))
    for name, charsmap in {"short": b"\1", "length": struct.pack("<I", 2**32 - 1) + bytes(8), "odd": struct.pack("<I", 3) + bytes(9),
                           "offsets": struct.pack("<I", 1024) + b"\xff" * 1024 + b"x\0", "loops": struct.pack("<I", 1024) + bytes(1024),
                           "unended": struct.pack("<I", 1024) + bytes(1024) + b"abc"}.items():
        one(f"charsmap_{name}", sp.model(sp.GOOD, charsmap=charsmap))
        one(f"charsmap_{name}_bpe", sp.model(sp.GOOD, sp.BPE, charsmap))


def gguf_cases(save, folder):
    def one(name, changes=(), word="", model="llama"):
        texts = ["<unk>", "<s>", "</s>", "\u2581", "a", "b", "ab"]
        keys = {"general.architecture": g.string("general.architecture", "llama"),
                "tokenizer.ggml.model": g.string("tokenizer.ggml.model", model),
                "tokenizer.ggml.tokens": g.strings("tokenizer.ggml.tokens", texts),
                "tokenizer.ggml.token_type": g.numbers("tokenizer.ggml.token_type", g.INT32, [2, 3, 3, 1, 1, 1, 1]),
                "tokenizer.ggml.scores": g.numbers("tokenizer.ggml.scores", g.FLOAT32, [0, 0, 0, -1, -2, -3, -1.5]),
                "tokenizer.ggml.merges": g.strings("tokenizer.ggml.merges", ["a b"]), **dict(changes)}
        save(f"tokenizer/gguf_{name}.gguf", g.gguf([key for key in keys.values() if key], [g.tensor("token_embd.weight", [8], 0, 0)], bytes(32)), word)

    for model in ("llama", "gpt2", "bert", "t5"):
        def key(name):
            return f"tokenizer.ggml.{name}"
        one(f"{model}_no_tokens", {key("tokens"): b""}, "tokenizer.ggml.tokens", model)
        one(f"{model}_empty_tokens", {key("tokens"): g.strings(key("tokens"), [])}, "tokenizer.ggml.tokens", model)
        one(f"{model}_short_types", {key("token_type"): g.numbers(key("token_type"), g.INT32, [1])}, "tokenizer.ggml.token_type", model)
        one(f"{model}_wrong_types", {key("token_type"): g.numbers(key("token_type"), g.INT32, [-1, 2**31 - 1, 77, 6, 6, 6, 6])}, "", model)
        one(f"{model}_far_bos", {key("bos"): g.uint32(key("bos_token_id"), 2**32 - 1)}, "", model)
        one(f"{model}_texts_not_utf8", {key("tokens"): g.strings(key("tokens"), [b"\xff\xfe"] * 7)}, "", model)
        one(f"{model}_same_texts", {key("tokens"): g.strings(key("tokens"), ["a"] * 7)}, "", model)
    one("nan_scores", {"tokenizer.ggml.scores": g.numbers("tokenizer.ggml.scores", g.FLOAT32, [float("nan")] * 7)}, "no number")
    one("short_scores", {"tokenizer.ggml.scores": g.numbers("tokenizer.ggml.scores", g.FLOAT32, [1])}, "tokenizer.ggml.scores")
    one("merge_of_one", {"tokenizer.ggml.merges": g.strings("tokenizer.ggml.merges", ["ab"])}, "merge 1", "gpt2")
    one("merge_unknown", {"tokenizer.ggml.merges": g.strings("tokenizer.ggml.merges", ["x y"])}, "", "gpt2")
    one("pattern", {"tokenizer.ggml.pre": g.string("tokenizer.ggml.pre", "../../x")}, "../../x", "gpt2")
    one("model", {}, "../../x", "../../x")
    one("charsmap", {"map": g.numbers("tokenizer.ggml.precompiled_charsmap", g.INT32, [-1] * 64)}, "", "t5")


def make(save, folder):
    for cases in (json_cases, vocabulary_cases, sentencepiece_cases, gguf_cases):
        cases(save, folder)
