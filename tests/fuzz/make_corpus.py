# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the corpora in corpus/: small good files and near misses. python make_corpus.py"""
import json
import shutil
import struct
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from formats import media, sentencepiece  # noqa: E402
from formats.archive import archive, claiming, packed  # noqa: E402
from formats.gguf import gguf, key, tensor, text  # noqa: E402
from formats.numpy_array import described, npy  # noqa: E402
from formats.safetensors import entry, safetensors  # noqa: E402
from formats.torch_pickle import Call, Name, call, pickled, torch_tensor  # noqa: E402

FIXTURES = Path(__file__).parent.parent / "fixtures"
CORPUS = Path(__file__).parent / "corpus"


def save(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def make_safetensors():
    save("safetensors", "two_tensors", safetensors(
        {"__metadata__": {"format": "pt"}, "a": entry("F32", [2, 1], 0, 8), "b": entry("U8", [3], 8, 11)}, bytes(11)))
    save("safetensors", "scalar_and_empty", safetensors({"s": entry("F64", [], 0, 8), "e": entry("BF16", [0, 4], 8, 8)}, bytes(8)))
    save("safetensors", "hole", safetensors({"a": entry("I8", [1], 1, 2)}, bytes(2)))
    save("safetensors", "overflow", safetensors({"a": entry("I64", [2**62, 4], 0, 0)}))
    save("safetensors", "duplicate", safetensors('{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"a":{}}', bytes(1)))
    save("safetensors", "long_header", struct.pack("<Q", 2**63) + b"{}")
    save("safetensors", "index", json.dumps({"metadata": {"total_size": 3}, "weight_map": {"a": "x-1.safetensors", "b": "x-2.safetensors"}}))
    save("safetensors", "index_outside", json.dumps({"weight_map": {"a": "../x.safetensors"}}))
    save("safetensors", "empty", b"")


def make_gguf():
    sizes = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 12: (256, 144),
             13: (256, 176), 14: (256, 210), 30: (1, 2), 10: (256, 84), 11: (256, 110), 20: (32, 18), 23: (256, 136),
             34: (256, 54), 35: (256, 66), 39: (32, 17)}
    for kind, (elements, size) in sizes.items():
        data = bytes(i * 37 % 256 for i in range(size))
        save("gguf", f"tensor_type_{kind}", gguf([], [tensor("t", [elements], kind, 0)], data))
    values = [key("u8", 0, b"\1"), key("i8", 1, b"\xff"), key("u16", 2, b"\1\0"), key("i16", 3, b"\1\0"), key("u32", 4, bytes(4)),
              key("i32", 5, bytes(4)), key("f32", 6, bytes(4)), key("flag", 7, b"\1"), key("s", 8, text("value")),
              key("u64", 10, bytes(8)), key("i64", 11, bytes(8)), key("f64", 12, bytes(8)),
              key("texts", 9, struct.pack("<IQ", 8, 2) + text("a") + text("")),
              key("ints", 9, struct.pack("<IQ", 5, 3) + bytes(12)), key("reals", 9, struct.pack("<IQ", 6, 1) + bytes(4)),
              key("nested", 9, struct.pack("<IQIQ", 9, 1, 0, 2) + b"ab"), key("general.alignment", 4, struct.pack("<I", 64))]
    save("gguf", "every_value", gguf(values, [], b""))
    save("gguf", "version_2", gguf([], [tensor("a", [8], 0, 0), tensor("b", [2, 4], 0, 32)], bytes(64), version=2))
    save("gguf", "overlap", gguf([], [tensor("a", [16], 0, 0), tensor("b", [8], 0, 32)], bytes(64)))
    save("gguf", "wrapped_offset", gguf([], [tensor("a", [8], 0, 2**64 - 32)], bytes(32)))
    save("gguf", "huge_list", gguf([key("l", 9, struct.pack("<IQ", 12, 2**61))], [], b""))


def make_torch():
    state = {"a": torch_tensor(), "b": torch_tensor(4, 1, (2,), (2,)),
             "flags": torch_tensor(3, 0, (3,), (1,), "BoolStorage", "1"), "epoch": 3, "lr": 0.5, "name": "x", "none": None}
    nested = {"model": state, "optimizer": {"state": {0: [torch_tensor(4, 0, (), ())]}, "big": 2**80}}
    entries = {"m/data/0": bytes(16), "m/data/1": b"\1\0\2", "m/byteorder": b"little", "m/version": b"3\n"}
    for protocol in range(6):
        save("torch_archive", f"pickle_{protocol}", pickled({"list": [1, -2, (3.5, "t\u00e9xt")], "set": {1}, "bytes": b"b", "long": 2**70}, protocol))
    save("torch_archive", "flat", archive({"m/data.pkl": pickled(state), **entries}))
    save("torch_archive", "nested", archive({"m/data.pkl": pickled(nested), **entries}))
    save("torch_archive", "deflated", packed({"m/data.pkl": pickled(state), **entries}))
    save("torch_archive", "pickle_of_tensors", pickled(nested))
    save("torch_archive", "system", call("os", "system", "id"))
    save("torch_archive", "parameter", pickled({"p": Call(Name("torch._utils", "_rebuild_parameter"), state["a"], True, {})}))
    save("torch_archive", "itself", b"\x80\x02]q\0h\0a.")
    save("torch_archive", "laughs", b"\x80\x02]q\0" + b"".join(b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(30)) + b".")
    save("torch_archive", "deep", b"\x80\x02" + b"]" * 300 + b"a" * 299 + b".")
    save("torch_archive", "numbers_of_protocol_0", b"(lp0\nI7\naL12345678901234567890L\naF0.5\naI01\naS'a\\x41'\naV\\u00e9\na(dp1\nVk\nNs.")
    save("torch_archive", "empty", b"")


def make_npy():
    save("npy", "float32", npy(described("<f4", (2, 3)), bytes(24)))
    save("npy", "fortran_big_endian", npy(described(">i2", (2, 3), True), bytes(12)))
    save("npy", "version_2", npy(described("|b1", (3,)), bytes(3), 2))
    save("npy", "version_3", npy(described("<c16", ()), bytes(16), 3))
    save("npy", "objects", npy(described("|O", (1,)), bytes(8)))
    save("npy", "records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", bytes(4)))
    save("npy", "wraps", npy(described("<f8", (2**62, 4)), b""))
    save("npy", "part_of_an_archive", npy(described("<f4", (2**18,)), b""))


def tokenizer(**changes):
    document = {
        "added_tokens": [{"id": 5, "content": "<|im_start|>", "special": True, "lstrip": True, "rstrip": True, "normalized": False},
                         {"id": 6, "content": "caf\u00e9", "single_word": True, "normalized": True}],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "NFD"}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {"type": "Split", "pattern": {"Regex": "\\p{L}+|x*"}, "behavior": "MergedWithNext", "invert": True},
            {"type": "Split", "pattern": {"String": "a"}, "behavior": "Contiguous"},
            {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True}]},
        "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
                           "special_tokens": {"<s>": {"ids": [5]}}},
        "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "unk_token": "?", "fuse_unk": True, "byte_fallback": True,
                  "vocab": {"?": 0, "a": 1, "b": 2, "ab": 3, "\u0120": 4}, "merges": ["a b"]},
    }
    document.update(changes)
    return json.dumps(document, ensure_ascii=False)


def make_tokenizer():
    save("tokenizer_json", "everything", tokenizer())
    save("tokenizer_json", "plain", tokenizer(normalizer=None, pre_tokenizer={"type": "ByteLevel"}, post_processor=None, added_tokens=[]))
    save("tokenizer_json", "merges_as_pairs", tokenizer(model={
        "type": "BPE", "ignore_merges": True, "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4}, "merges": [["a", "b"], ["ab", "c"]]}))
    save("tokenizer_json", "roberta", tokenizer(post_processor={"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}))
    save("tokenizer_json", "no_decoder", tokenizer(decoder=None))
    save("tokenizer_json", "unigram", tokenizer(model={"type": "Unigram", "vocab": [["a", -1.0]]}))
    save("tokenizer_json", "exploding_pattern", tokenizer(pre_tokenizer={
        "type": "Split", "pattern": {"Regex": "((a{99}){99}){99}"}, "behavior": "Isolated"}))
    save("tokenizer_json", "backtracking_pattern", tokenizer(pre_tokenizer={"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "(\\p{L}*)*(\\p{L}*)*(\\p{L}*)*\\d\\d\\d\\d$"}, "behavior": "Removed"}, {"type": "ByteLevel"}]}))
    save("tokenizer_json", "huge_id", tokenizer(model={"type": "BPE", "vocab": {"a": 4294967295}, "merges": []}))


def copies(target, *names):
    """What only an encoder of the format writes."""
    for name in names:
        save(target, Path(name).name.replace(".", "_"), (FIXTURES / name).read_bytes())


def make_media():
    for depth, colour in ((1, 0), (16, 2), (4, 3), (8, 4), (8, 6)):
        palette = media.png_part(b"PLTE", bytes(48)) if colour == 3 else b""
        save("image", f"png_{depth}_{colour}", media.png(5, 4, None, depth, colour, parts=palette))
    save("image", "png_text", media.png(1, 1, parts=media.png_part(b"tEXt", b"a\0b") + media.png_part(b"gAMA", bytes([0, 0, 177, 143]))))
    save("image", "png_large", media.png(2**31 - 1, 2**31 - 1, b"\0"))
    save("image", "found_part_of_gigabytes", media.png(1, 1)[:33] + struct.pack(">I", 2**31 - 2) + b"tEXt" + bytes(20))
    save("image", "ppm", b"P6 # a comment\n2 1\n255\n" + bytes(6))
    save("image", "pgm", b"P5\n2 2 255\n" + bytes(4))
    copies("image", *(f"media/{name}" for name in ("grey.jpg", "inks.jpg", "progressive.jpg", "lossless.webp", "lossy.webp", "palette.png")))
    for bits, kind in ((8, 1), (16, 1), (24, 1), (32, 1), (32, 3), (64, 3)):
        save("sound", f"wav_{bits}_{kind}", media.wav(bytes(bits), 8000, 1, bits, kind))
    save("sound", "wav_two_channels", media.wav(bytes(range(64)), 44100, 2))
    save("sound", "wav_nan", media.wav(struct.pack("<4f", 0, float("nan"), float("inf"), 1), 8000, 1, 32, 3))
    copies("sound", "media/16.flac")


def make_tables():
    copies("table", *(f"data/{name}" for name in ("pairs.parquet", "talks.parquet", "pairs.arrow", "talks.feather",
                                                  "parts/test/data-00000-of-00001.arrow", "t3-images-idx3-ubyte", "t3-labels-idx1-ubyte")))
    save("table", "found_cut_idx", b"\0\0\x08\0")
    save("table", "idx_wraps", bytes([0, 0, 14, 3]) + b"\xff" * 12)
    csv = b"prompt,answer\na,b\nc,d\n"
    save("zip", "csv", archive({"rows.csv": csv}))
    save("zip", "packed_jsonl", packed({"folder/rows.jsonl": b'{"a": 1}\n' * 9, "__MACOSX/._rows.jsonl": b"x"}))
    save("zip", "two", archive({"a.csv": csv, "b.csv": csv}))
    save("zip", "workbook", archive({"xl/workbook.xml": b"<x/>"}))
    save("zip", "claims_a_gigabyte", claiming(packed({"rows.csv": csv}), 2**30))


def make_sentencepiece():
    save("sentencepiece", "bpe", sentencepiece.model(sentencepiece.GOOD, sentencepiece.BPE))
    save("sentencepiece", "words", sentencepiece.model(sentencepiece.GOOD, sentencepiece.WORD))
    save("sentencepiece", "found_charsmap_of_leaves", sentencepiece.model(sentencepiece.GOOD, charsmap=struct.pack("<I", 1024) + b"\xff" * 1024 + b"x\0"))
    save("sentencepiece", "wrong_charsmap", sentencepiece.model(sentencepiece.GOOD, charsmap=struct.pack("<5I", 12, 1, 2, 2**31, 0)))


EXPERIMENT = {"name": "A", "model": "model", "train": {"path": "rows.csv", "roles": {"q": "prompt", "a": "answer"}, "limit": 5},
              "heldOut": {"path": ""}, "heldOutShare": 0.25, "general": {"path": "text.txt"}, "layout": "chatml", "system": "Be brief.",
              "maxLength": 64, "groupByLength": True, "steps": 3, "batchRows": 2, "seed": -1, "device": "cpu",
              "adaptations": [{"method": "lora", "sites": {"attn.q": "0-29", "mlp.up": "1,3"}, "settings": {"rank": 8, "alpha": 16.5, "rsLora": True}}],
              "objective": {"method": "supervised", "settings": {}}, "optimizer": {"method": "adamw", "settings": {"lr": 1e-4}}}


def make_documents():
    save("documents", "experiment", json.dumps(EXPERIMENT))
    save("documents", "experiment_of_wrong_types", json.dumps({name: [{}] for name in EXPERIMENT}))
    save("documents", "lora", json.dumps({"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"], "exclude_modules": "up_proj",
                                          "layers_to_transform": [0], "layers_pattern": "layers", "rank_pattern": {"^model.*q_proj": 4}, "bias": "none"}))
    save("documents", "all_linear", json.dumps({"peft_type": "LORA", "target_modules": "all-linear", "rank_pattern": {}}))
    save("documents", "expression", json.dumps({"peft_type": "LORA", "target_modules": ".*\\.(q|v)_proj", "exclude_modules": "(a|a)*b"}))
    for name in ("bit", "clip", "vit"):
        save("documents", f"preprocessor_{name}", json.dumps(json.loads((FIXTURES / "media/processors.json").read_text())[name]))


make_safetensors()
make_gguf()
make_torch()
make_npy()
make_tokenizer()
make_media()
make_tables()
make_sentencepiece()
make_documents()
