# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the corpora in corpus/: small good files and near misses. python make_corpus.py"""
import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def save(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def safetensors(header, data=b""):
    text = header if isinstance(header, str) else json.dumps(header, separators=(",", ":"))
    return struct.pack("<Q", len(text.encode())) + text.encode() + data


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


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


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(keys, tensors, data, version=3):
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys)) + b"".join(keys) + b"".join(tensors)
    return out + bytes(-len(out) % 32) + data


def key(name, kind, value):
    return text(name) + struct.pack("<I", kind) + value


def tensor(name, shape, kind, offset):
    return text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", kind, offset)


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


class Storage:
    """Pickled as torch.save pickles a piece of memory: by a persistent id."""

    def __init__(self, *identity):
        self.identity = identity


class Pickler(pickle._Pickler):
    """Writes the names of torch's functions without torch: they are only names in a pickle."""

    def persistent_id(self, value):
        return value.identity if isinstance(value, Storage) else None

    def save(self, value, save_persistent_id=True):
        if isinstance(value, Name):
            self.write(f"c{value.module}\n{value.name}\n".encode())
        elif isinstance(value, Call):
            self.save(value.function)
            self.save(value.arguments)
            self.write(b"R")
        else:
            super().save(value, save_persistent_id)


class Name:
    def __init__(self, module, name):
        self.module, self.name = module, name


class Call:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments


def pickled(value, protocol=2):
    out = io.BytesIO()
    Pickler(out, protocol).dump(value)
    return out.getvalue()


def torch_tensor(key, kind, elements, first, shape, strides):
    storage = Storage("storage", Name("torch", kind), key, "cpu", elements)
    return Call(Name("torch._utils", "_rebuild_tensor_v2"), storage, first, shape, strides, False, {})


def archive(entries, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in entries.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def make_torch():
    state = {"a": torch_tensor("0", "FloatStorage", 4, 0, (2, 2), (2, 1)), "b": torch_tensor("0", "FloatStorage", 4, 1, (2,), (2,)),
             "flags": torch_tensor("1", "BoolStorage", 3, 0, (3,), (1,)), "epoch": 3, "lr": 0.5, "name": "x", "none": None}
    nested = {"model": state, "optimizer": {"state": {0: [torch_tensor("0", "FloatStorage", 4, 0, (), ())]}, "big": 2**80}}
    entries = {"m/data/0": bytes(16), "m/data/1": b"\1\0\2", "m/byteorder": b"little", "m/version": b"3\n"}
    for protocol in range(6):
        save("torch_archive", f"pickle_{protocol}", pickled({"list": [1, -2, (3.5, "t\u00e9xt")], "set": {1}, "bytes": b"b", "long": 2**70}, protocol))
    save("torch_archive", "flat", archive({"m/data.pkl": pickled(state), **entries}))
    save("torch_archive", "nested", archive({"m/data.pkl": pickled(nested), **entries}))
    save("torch_archive", "deflated", archive({"m/data.pkl": pickled(state), **entries}, zipfile.ZIP_DEFLATED))
    save("torch_archive", "pickle_of_tensors", pickled(nested))
    save("torch_archive", "system", pickled(Call(Name("os", "system"), "id")))
    save("torch_archive", "parameter", pickled({"p": Call(Name("torch._utils", "_rebuild_parameter"), state["a"], True, {})}))
    save("torch_archive", "itself", b"\x80\x02]q\0h\0a.")
    save("torch_archive", "laughs", b"\x80\x02]q\0" + b"".join(b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(30)) + b".")
    save("torch_archive", "deep", b"\x80\x02" + b"]" * 300 + b"a" * 299 + b".")
    save("torch_archive", "numbers_of_protocol_0", b"(lp0\nI7\naL12345678901234567890L\naF0.5\naI01\naS'a\\x41'\naV\\u00e9\na(dp1\nVk\nNs.")
    save("torch_archive", "empty", b"")


def npy(header, data, version=1):
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header.encode() + data


def make_npy():
    def described(descr, shape, order=False):
        return f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n"
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


make_safetensors()
make_gguf()
make_torch()
make_npy()
make_tokenizer()
