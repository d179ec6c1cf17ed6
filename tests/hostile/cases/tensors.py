# SPDX-License-Identifier: Apache-2.0
"""Files of tensors: safetensors and indexes of shards, GGUF, PyTorch's checkpoints, NumPy's arrays."""
import json
import struct
import zlib

from formats.archive import archive, claiming, packed
from formats.gguf import gguf, key, tensor, text
from formats.numpy_array import described, npy
from formats.safetensors import entry, safetensors
from formats.torch_pickle import Call, Name, call, checkpoint, pickled, torch_tensor

GOOD_SAFETENSORS = safetensors({"__metadata__": {"format": "pt"}, "a": entry("F32", [2, 2], 0, 16), "b": entry("BF16", [3], 16, 22)}, bytes(22))
GOOD_GGUF = gguf([key("general.architecture", 8, text("llama")), key("list", 9, struct.pack("<IQ", 5, 3) + bytes(12))],
                 [tensor("token_embd.weight", [32, 2], 2, 0), tensor("x", [8], 0, 64)], bytes(96))
GOOD_TORCH = checkpoint(pickled({"model": {"a": torch_tensor(), "b": torch_tensor(4, 1, (2,), (2,))}, "epoch": 3}))
GOOD_NPZ = packed({"a.npy": npy(described("<f4", "(2,)"), bytes(8)), "b.npy": npy(described(">i2", "(2, 3)"), bytes(12))})


def safetensors_cases(save, folder):
    wide = {f"t{i}": entry("U8", [0], 0, 0) for i in range(50000)}
    save("st/header_of_exabytes.safetensors", struct.pack("<Q", 2**56 - 1) + b"{}", "at most")
    save("st/header_longer_than_file.safetensors", struct.pack("<Q", 5000) + b"{}", "has only")
    save("st/shape_wraps.safetensors", safetensors({"a": entry("F32", [2**32, 2**32], 0, 0)}), "too large")
    save("st/shape_of_exabytes.safetensors", safetensors({"a": entry("F32", [2**58], 0, 2**60)}), "the file has")
    save("st/overlap.safetensors", safetensors({"a": entry("U8", [4], 0, 4), "b": entry("U8", [4], 2, 6)}, bytes(6)), "overlap")
    save("st/hole.safetensors", safetensors({"a": entry("U8", [1], 1, 2)}, bytes(2)), "hole")
    save("st/deep.safetensors", safetensors("{" + '"a":[' * 40000), "a list")
    save("st/dims.safetensors", safetensors({"a": entry("U8", [1] * 5000, 0, 1)}, b"1"), "64 dimensions")
    save("st/many_empty.safetensors", safetensors(wide))
    save("st/duplicate.safetensors", safetensors('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{}}', b"1"), "twice")
    save("st/nan.safetensors", safetensors('{"a":{"dtype":"U8","shape":[NaN],"data_offsets":[0,1]}}', b"1"), "JSON")
    save("st/dtype.safetensors", safetensors({"a": entry("F31", [1], 0, 4)}, bytes(4)), "F31")
    save("st/metadata.safetensors", safetensors({"__metadata__": {"a": {}}}), "object")
    save("st/not_utf8.safetensors", struct.pack("<Q", 10) + b'{"\xff\xfe":{}} ', "JSON")


def gguf_cases(save, folder):
    save("gguf/counts.gguf", b"GGUF" + struct.pack("<IQQ", 3, 2**40, 2**40), "tensors")
    save("gguf/keys.gguf", b"GGUF" + struct.pack("<IQQ", 3, 0, 2**40), "keys")
    save("gguf/key_length.gguf", b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63), "more bytes")
    save("gguf/list.gguf", gguf([key("l", 9, struct.pack("<IQ", 8, 2**50))], []), "more than the file can hold")
    save("gguf/list_wraps.gguf", gguf([key("l", 9, struct.pack("<IQ", 12, 2**61))], []), "list")
    save("gguf/nested.gguf", gguf([key("l", 9, struct.pack("<IQ", 9, 1) * 500)], []), "nested")
    save("gguf/shape.gguf", gguf([], [tensor("t", [2**31, 2**31, 2**31], 0, 0)]), "too large")
    save("gguf/offset.gguf", gguf([], [tensor("t", [8], 0, 2**64 - 32)], bytes(32)), "needs")
    save("gguf/overlap.gguf", gguf([], [tensor("a", [16], 0, 0), tensor("b", [8], 0, 32)], bytes(64)), "overlaps")
    save("gguf/alignment.gguf", gguf([key("general.alignment", 4, struct.pack("<I", 0))], [tensor("a", [8], 0, 0)], bytes(32)), "alignment")
    save("gguf/type.gguf", gguf([], [tensor("a", [8], 77, 0)], bytes(32)), "unknown type 77")
    save("gguf/version.gguf", b"GGUF" + struct.pack("<IQQ", 99, 0, 0), "version 99")
    save("gguf/no_architecture.gguf", gguf([], [tensor("a", [8], 0, 0)], bytes(32)))
    save("gguf/huge_layers.gguf", gguf([key("general.architecture", 8, text("llama")), key("llama.block_count", 4, struct.pack("<I", 2**32 - 1)),
                                        key("llama.embedding_length", 4, struct.pack("<I", 64)), key("llama.attention.head_count", 4, struct.pack("<I", 1))],
                                       [tensor("token_embd.weight", [64, 2], 0, 0)], bytes(512)))
    numbers = {"embedding_length": 64, "feed_forward_length": 64, "attention.head_count": 1, "context_length": 64, "block_count": 8 * 10**15}
    for family in ("gemma2", "gemma3", "qwen2", "phi3", "olmo2"):
        keys = [key(f"{family}.{name}", 10, struct.pack("<Q", value)) for name, value in numbers.items()]
        keys += [key("general.architecture", 8, text(family)), key(f"{family}.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-6))]
        save(f"gguf/layers_of_{family}.gguf", gguf(keys, [tensor("token_embd.weight", [64, 2], 0, 0)], bytes(512)))


def torch_cases(save, folder):
    calls = {"os.system": ("os", "system"), "posix.system": ("posix", "system"), "builtins.eval": ("builtins", "eval"),
             "builtins.exec": ("builtins", "exec"), "subprocess.Popen": ("subprocess", "Popen"), "shutil.rmtree": ("shutil", "rmtree"),
             "torch.load": ("torch", "load"), "webbrowser.open": ("webbrowser", "open"), "builtins.getattr": ("builtins", "getattr")}
    for name, (module, function) in calls.items():
        save(f"pt/call_{name}.pt", checkpoint(call(module, function, "echo harm")), name)
    for protocol in (0, 1, 3, 4, 5):
        save(f"pt/call_protocol_{protocol}.bin", checkpoint(pickled([Call(Name("os", "system"), "id")], protocol)), "os.system")
    save("pt/stack_global.pt", checkpoint(b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."), "os.system")
    save("pt/object.pt", checkpoint(b"(S'id'\nios\nsystem\n."), "os.system")
    save("pt/class.pt", checkpoint(b"\x80\x02cargparse\nNamespace\n)\x81}b."), "argparse.Namespace")
    small = packed({"m/data.pkl": pickled({"a": torch_tensor()}), "m/data/0": bytes(16)})
    save("pt/bomb.pt", claiming(small, 2**30), "zip bomb")
    save("pt/bomb_pickle.pt", packed({"m/data.pkl": b"N" * 200_000_000}), "zip bomb")
    save("pt/path.pt", archive({"../data.pkl": b"N.", "m/data.pkl": b"N."}), "leads out")
    save("pt/absolute.pt", archive({"/m/data.pkl": b"N."}), "leads out")
    twice = archive({"m/data.pkl": b"N.", "m/data/0": bytes(4), "m/data/1": bytes(4)}).replace(b"m/data/1", b"m/data/0")
    save("pt/twice.pt", twice, "twice")
    wrong = checkpoint(pickled({"a": torch_tensor()}))
    crc = struct.pack("<I", zlib.crc32(bytes(16)))
    save("pt/crc.pt", wrong.replace(crc, b"\1\2\3\4"), "checksum")
    save("pt/itself.pt", checkpoint(b"\x80\x02]q\x00h\x00a."), "contains itself")
    save("pt/itself_in_dict.pt", checkpoint(b"\x80\x02}q\x00K\x01h\x00s."), "contains itself")
    save("pt/deep.pt", checkpoint(b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b"."), "nested")
    save("pt/deep_dicts.pt", checkpoint(b"\x80\x02" + b"}K\x01" * 100_000 + b"N" + b"s" * 100_000 + b"."), "nested")
    laughs = b"\x80\x02]q\x00" + b"".join(b"](h" + bytes([i]) * 1 + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60)) + b"."
    save("pt/laughs.pt", checkpoint(laughs), "over and over")
    save("pt/values.pt", checkpoint(b"\x80\x02" + b"}" * 3_000_000 + b"."), "values")
    save("pt/memo.pt", checkpoint(b"\x80\x04N" + b"\x94" * 2_000_000 + b"."), "values")
    save("pt/stack.pt", checkpoint(b"\x80\x02" + b"N" * 5_000_000 + b"."), "values")
    save("pt/text_length.pt", checkpoint(b"\x80\x02X\xff\xff\xff\xffa."), "more bytes")
    save("pt/long_length.pt", checkpoint(b"\x80\x02\x8b\xff\xff\xff\x7fa."), "more bytes")
    save("pt/no_stop.pt", checkpoint(b"\x80\x02}"), "more bytes")
    save("pt/extension.pt", checkpoint(b"\x80\x02\x82\x01."), "extensions")
    save("pt/no_pickle.pt", archive({"m/data/0": bytes(4)}), "data.pkl")
    save("pt/script.pt", archive({"m/data.pkl": b"N.", "m/constants.pkl": b"N.", "m/code/x.py": b"import os"}), "TorchScript")
    save("pt/legacy.pt", pickled(0x1950A86A20F9469CFC6C) + pickled(1001), "before version 1.6")
    save("pt/only_numbers.pt", checkpoint(pickled({"a": 1})), "no tensor")
    save("pt/two_of_one_name.pt", checkpoint(pickled({"a.b": torch_tensor(), "a": {"b": torch_tensor()}})), "two tensors")
    tensors = {"beyond": dict(shape=(9,), strides=(1,)), "late": dict(first=4), "stride": dict(strides=(2**60, 2**60)),
               "negative": dict(strides=(-1, 1)), "shape": dict(shape=(2**62, 2**62), strides=(0, 0)), "storage": dict(stored="9"),
               "elements": dict(elements=2**60), "dims": dict(shape=(1,) * 1000, strides=(1,) * 1000),
               "repeats": dict(shape=(2**40,), strides=(0,)), "kind": dict(kind="QInt8Storage"), "path": dict(stored="../../etc/passwd")}
    for name, change in tensors.items():
        save(f"pt/tensor_{name}.pt", checkpoint(pickled({"a": torch_tensor(**change)})), "QInt8Storage" if name == "kind" else "tensor")
    many = {f"t{i}": torch_tensor(5_000_000, 0, (5_000_000,), (1,)) for i in range(2000)}
    save("pt/shared.pt", packed({"m/data.pkl": pickled(many), "m/data/0": bytes(20_000_000)}), "repeats")


def numpy_cases(save, folder):
    save("np/object.npy", npy(described("|O", "(1,)"), call("os", "system", "id")), "Python objects")
    save("np/object.npz", archive({"a.npy": npy(described("|O", "(1,)"), bytes(9))}), "Python objects")
    save("np/shape.npy", npy(described("<f8", "(4611686018427387904, 4)")), "any memory")
    save("np/long.npy", npy(described("<f8", "(1000000000000,)")), "should have")
    save("np/digits.npy", npy(described("<f8", "(" + "9" * 500 + ",)")), "too large")
    save("np/dims.npy", npy(described("<f8", "(" + "1," * 20000 + ")")), "64 dimensions")
    save("np/code.npy", npy(described("<f8", "(__import__('os').system('id'),)")), "whole number")
    save("np/header.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{}      ", "bytes long")
    save("np/records.npy", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", bytes(4)), "records")
    save("np/braces.npy", npy("{" * 60000), "quotes")
    save("np/texts.npy", npy(described("<U5", "(1,)"), bytes(20)), "texts")
    save("np/bomb.npz", packed({"a.npy": npy(described("|u1", "(400000000,)")) + bytes(400_000_000)}), "zip bomb")
    many = {f"{i}.npy": npy(described("|u1", "(30000000,)")) + bytes(30_000_000) for i in range(3)}
    save("np/some_packed_zeros.npz", packed(many))
    save("np/other.npz", archive({"a.npy": npy(described("<f4", "(1,)"), bytes(4)), "b.py": b"import os"}), "no array")
    save("np/path.npz", archive({"../a.npy": npy(described("<f4", "(1,)"), bytes(4))}), "leads out")


def others_cases(save, folder):
    save("other/empty.safetensors", b"", "empty")
    save("other/pointer.safetensors", "version https://git-lfs.github.com/spec/v1\n", "Git LFS")
    save("other/page.bin", "<!DOCTYPE html><html></html>", "web page")
    save("other/tar.bin", bytes(257) + b"ustar" + bytes(250), "before version 1.6")


def indexes_cases(save, folder):
    for name, shard in {"parent": "../st/hole.safetensors", "absolute": "/etc/passwd", "hidden": "x/../../y.safetensors", "empty": "", "zero": "a\0b"}.items():
        folder(f"index/{name}", {"model.safetensors.index.json": json.dumps({"weight_map": {"a": shard}})}, "outside the model's folder")
    folder("index/bin", {"pytorch_model.bin.index.json": json.dumps({"weight_map": {"a": "../x.bin"}})}, "outside the model's folder")
    folder("index/missing", {"model.safetensors.index.json": json.dumps({"weight_map": {"a": "gone.safetensors"}})}, "missing")
    folder("index/itself", {"model.safetensors.index.json": json.dumps({"weight_map": {"a": "model.safetensors.index.json"}})}, "no safetensors file")
    folder("index/moved", {"model.safetensors.index.json": json.dumps({"weight_map": {"z": "s.safetensors"}}), "s.safetensors": GOOD_SAFETENSORS}, "not in")
    folder("index/twice", {"model.safetensors.index.json": '{"weight_map": {"a": "s.safetensors", "a": "s.safetensors"}}', "s.safetensors": GOOD_SAFETENSORS}, "twice")
    folder("index/list", {"model.safetensors.index.json": '{"weight_map": {"a": ["s.safetensors"]}}'}, "no text")
    folder("index/deep", {"model.safetensors.index.json": '{"weight_map": ' + "[" * 100000}, "no text")
    folder("index/pickle", {"pytorch_model.bin.index.json": json.dumps({"weight_map": {"a": "s.bin"}}), "s.bin": checkpoint(call("os", "system", "id"))}, "os.system")


def make(save, folder):
    for cases in (safetensors_cases, gguf_cases, torch_cases, numpy_cases, others_cases, indexes_cases):
        cases(save, folder)
