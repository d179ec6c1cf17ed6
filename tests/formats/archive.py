# SPDX-License-Identifier: Apache-2.0
import io
import struct
import zipfile


def archive(entries, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in entries.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def packed(entries):
    return archive(entries, zipfile.ZIP_DEFLATED)


def claiming(data, size):
    """The archive with a last entry that says it unpacks to `size` bytes."""
    at = data.rfind(b"PK\x01\x02")
    return data[:at + 24] + struct.pack("<I", size) + data[at + 28:]


def claiming_packed(data, packed_size, size):
    """The same, and says that it has `packed_size` bytes of the file."""
    at = data.rfind(b"PK\x01\x02")
    return claiming(data[:at + 20] + struct.pack("<I", packed_size) + data[at + 24:], size)
