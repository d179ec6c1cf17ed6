# SPDX-License-Identifier: Apache-2.0
"""Writes more than 200 malformed files of every format of tensors that is read: python3 make_hostile.py FOLDER

Each is one case: FOLDER/cases.json lists [path, word], where `word` has to stand in the error (empty: the file may also be read).
The seed is fixed, so that the same files are made each time. Needs nothing but Python itself.
"""
import io
import json
import pickle
import random
import struct
import sys
import zipfile
import zlib
from pathlib import Path

OUT = Path(sys.argv[1])
random.seed(29)
cases = []


def save(name, content, word=""):
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    cases.append([name, word])


def folder(name, files, word=""):
    for file, content in files.items():
        path = OUT / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    cases.append([name, word])


# safetensors

def safetensors(header, data=b""):
    text = header if isinstance(header, str) else json.dumps(header)
    return struct.pack("<Q", len(text.encode())) + text.encode() + data


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


GOOD_SAFETENSORS = safetensors({"__metadata__": {"format": "pt"}, "a": entry("F32", [2, 2], 0, 16), "b": entry("BF16", [3], 16, 22)}, bytes(22))


def make_safetensors():
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


# GGUF

def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def key(name, kind, value):
    return text(name) + struct.pack("<I", kind) + value


def tensor(name, shape, kind, offset):
    return text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", kind, offset)


def gguf(keys, tensors, data=b""):
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys) + b"".join(tensors)
    return out + bytes(-len(out) % 32) + data


GOOD_GGUF = gguf([key("general.architecture", 8, text("llama")), key("list", 9, struct.pack("<IQ", 5, 3) + bytes(12))],
                 [tensor("token_embd.weight", [32, 2], 2, 0), tensor("x", [8], 0, 64)], bytes(96))


def make_gguf():
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


# PyTorch: zip and pickle

class Name:
    def __init__(self, module, name):
        self.module, self.name = module, name


class Call:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments


class Storage:
    def __init__(self, *identity):
        self.identity = identity


class Pickler(pickle._Pickler):
    """Writes names of functions as they are given, without having them."""

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


def pickled(value, protocol=2):
    out = io.BytesIO()
    Pickler(out, protocol).dump(value)
    return out.getvalue()


def torch_tensor(elements=4, first=0, shape=(2, 2), strides=(2, 1), kind="FloatStorage", stored="0"):
    storage = Storage("storage", Name("torch", kind), stored, "cpu", elements)
    return Call(Name("torch._utils", "_rebuild_tensor_v2"), storage, first, shape, strides, False, {})


def archive(entries, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in entries.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def checkpoint(description, **more):
    return archive({"m/data.pkl": description, "m/data/0": bytes(16), **more})


GOOD_TORCH = checkpoint(pickled({"model": {"a": torch_tensor(), "b": torch_tensor(4, 1, (2,), (2,))}, "epoch": 3}))


def made_twice(data, name, other):
    """The archive with the entry `other` called like `name`, in the directory and in front of its bytes."""
    return data.replace(other, name)


def make_torch():
    calls = {"os.system": ("os", "system"), "posix.system": ("posix", "system"), "builtins.eval": ("builtins", "eval"),
             "builtins.exec": ("builtins", "exec"), "subprocess.Popen": ("subprocess", "Popen"), "shutil.rmtree": ("shutil", "rmtree"),
             "torch.load": ("torch", "load"), "webbrowser.open": ("webbrowser", "open"), "builtins.getattr": ("builtins", "getattr")}
    for name, (module, function) in calls.items():
        save(f"pt/call_{name}.pt", checkpoint(pickled(Call(Name(module, function), "echo harm"))), name)
    for protocol in (0, 1, 3, 4, 5):
        save(f"pt/call_protocol_{protocol}.bin", checkpoint(pickled([Call(Name("os", "system"), "id")], protocol)), "os.system")
    save("pt/stack_global.pt", checkpoint(b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."), "os.system")
    save("pt/object.pt", checkpoint(b"(S'id'\nios\nsystem\n."), "os.system")
    save("pt/class.pt", checkpoint(b"\x80\x02cargparse\nNamespace\n)\x81}b."), "argparse.Namespace")
    save("pt/bomb.pt", zip_bomb(), "zip bomb")
    save("pt/bomb_pickle.pt", archive({"m/data.pkl": b"N" * 200_000_000}, zipfile.ZIP_DEFLATED), "zip bomb")
    save("pt/path.pt", archive({"../data.pkl": b"N.", "m/data.pkl": b"N."}), "leads out")
    save("pt/absolute.pt", archive({"/m/data.pkl": b"N."}), "leads out")
    save("pt/twice.pt", made_twice(archive({"m/data.pkl": b"N.", "m/data/0": bytes(4), "m/data/1": bytes(4)}), b"m/data/0", b"m/data/1"), "twice")
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
    save("pt/shared.pt", archive({"m/data.pkl": pickled(many), "m/data/0": bytes(20_000_000)}, zipfile.ZIP_DEFLATED), "repeats")


def zip_bomb():
    """One packed gigabyte."""
    small = archive({"m/data.pkl": pickled({"a": torch_tensor()}), "m/data/0": bytes(16)}, zipfile.ZIP_DEFLATED)
    at = small.rfind(b"PK\x01\x02")
    return small[:at + 24] + struct.pack("<I", 2**30) + small[at + 28:]


# NumPy

def npy(header, data=b"", version=1):
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header.encode() + data


def described(descr, shape):
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"


GOOD_NPZ = archive({"a.npy": npy(described("<f4", "(2,)"), bytes(8)), "b.npy": npy(described(">i2", "(2, 3)"), bytes(12))}, zipfile.ZIP_DEFLATED)


def make_numpy():
    save("np/object.npy", npy(described("|O", "(1,)"), pickled(Call(Name("os", "system"), "id"))), "Python objects")
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
    save("np/bomb.npz", archive({"a.npy": npy(described("|u1", "(400000000,)")) + bytes(400_000_000)}, zipfile.ZIP_DEFLATED), "zip bomb")
    many = {f"{i}.npy": npy(described("|u1", "(30000000,)")) + bytes(30_000_000) for i in range(3)}
    save("np/some_packed_zeros.npz", archive(many, zipfile.ZIP_DEFLATED))
    save("np/other.npz", archive({"a.npy": npy(described("<f4", "(1,)"), bytes(4)), "b.py": b"import os"}), "no array")
    save("np/path.npz", archive({"../a.npy": npy(described("<f4", "(1,)"), bytes(4))}), "leads out")


# an index of shards

def make_others():
    save("other/empty.safetensors", b"", "empty")
    save("other/pointer.safetensors", "version https://git-lfs.github.com/spec/v1\n", "Git LFS")
    save("other/page.bin", "<!DOCTYPE html><html></html>", "web page")
    save("other/tar.bin", bytes(257) + b"ustar" + bytes(250), "before version 1.6")


def make_indexes():
    for name, shard in {"parent": "../st/hole.safetensors", "absolute": "/etc/passwd", "hidden": "x/../../y.safetensors", "empty": "", "zero": "a\0b"}.items():
        folder(f"index/{name}", {"model.safetensors.index.json": json.dumps({"weight_map": {"a": shard}})}, "outside the model's folder")
    folder("index/bin", {"pytorch_model.bin.index.json": json.dumps({"weight_map": {"a": "../x.bin"}})}, "outside the model's folder")
    folder("index/missing", {"model.safetensors.index.json": json.dumps({"weight_map": {"a": "gone.safetensors"}})}, "missing")
    folder("index/itself", {"model.safetensors.index.json": json.dumps({"weight_map": {"a": "model.safetensors.index.json"}})}, "no safetensors file")
    folder("index/moved", {"model.safetensors.index.json": json.dumps({"weight_map": {"z": "s.safetensors"}}), "s.safetensors": GOOD_SAFETENSORS}, "not in")
    folder("index/twice", {"model.safetensors.index.json": '{"weight_map": {"a": "s.safetensors", "a": "s.safetensors"}}', "s.safetensors": GOOD_SAFETENSORS}, "twice")
    folder("index/list", {"model.safetensors.index.json": '{"weight_map": {"a": ["s.safetensors"]}}'}, "no text")
    folder("index/deep", {"model.safetensors.index.json": '{"weight_map": ' + "[" * 100000}, "no text")
    folder("index/pickle", {"pytorch_model.bin.index.json": json.dumps({"weight_map": {"a": "s.bin"}}), "s.bin": checkpoint(pickled(Call(Name("os", "system"), "id")))}, "os.system")


# every format, cut and bent by chance

def make_mutations():
    good = {"st/{}.safetensors": GOOD_SAFETENSORS, "gguf/{}.gguf": GOOD_GGUF, "pt/{}.pt": GOOD_TORCH, "np/packed_{}.npz": GOOD_NPZ,
            "np/{}.npy": npy(described("<f4", "(4,)"), bytes(16))}
    for pattern, content in good.items():
        for eighth in range(1, 8):
            save(pattern.format(f"cut_{eighth}"), content[:len(content) * eighth // 8])
        for number in range(16):
            bent = bytearray(content)
            for _ in range(1 + number // 2):
                at = random.randrange(len(bent))
                bent[at:at + 1] = random.choice([b"\0", b"\xff", b"\xff\xff\xff\xff", b"", bytes([random.randrange(256)])])
            save(pattern.format(f"bent_{number}"), bytes(bent))


for make in (make_safetensors, make_gguf, make_torch, make_numpy, make_indexes, make_others, make_mutations):
    make()
(OUT / "cases.json").write_text(json.dumps(cases))
print(len(cases), "cases")
