# SPDX-License-Identifier: Apache-2.0
"""Checkpoints as torch.save writes them, without torch: its functions are only names in a pickle."""
import io
import pickle

from formats.archive import archive


class Name:
    def __init__(self, module, name):
        self.module, self.name = module, name


class Call:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments


class Storage:
    """Pickled as torch.save pickles a piece of memory: by a persistent id."""

    def __init__(self, *identity):
        self.identity = identity


class Pickler(pickle._Pickler):
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


def call(module, function, *arguments):
    return pickled(Call(Name(module, function), *arguments))


def torch_tensor(elements=4, first=0, shape=(2, 2), strides=(2, 1), kind="FloatStorage", stored="0"):
    storage = Storage("storage", Name("torch", kind), stored, "cpu", elements)
    return Call(Name("torch._utils", "_rebuild_tensor_v2"), storage, first, shape, strides, False, {})


def checkpoint(description, **more):
    return archive({"m/data.pkl": description, "m/data/0": bytes(16), **more})
