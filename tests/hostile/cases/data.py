# SPDX-License-Identifier: Apache-2.0
"""Data sets: CSV, JSON Lines and JSON, zip archives, Parquet and Arrow, IDX, folders of pictures."""
import json
import struct
from pathlib import Path

from formats.archive import archive, claiming, claiming_packed, packed

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "data"


def text_cases(save, folder):
    save("data/zero.csv", b"a,b\n1,\0\n")
    save("data/quote.csv", 'a,b\n"' + "x" * 500000)
    save("data/columns.csv", ",".join("c" for _ in range(100000)) + "\n1\n")
    save("data/rows.csv", "a,b\n" + ",\n" * 200000)
    save("data/not_utf8.csv", b"a,b\n\xff\xfe\xfd,\x80\n")
    save("data/utf16.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-16")
    save("data/one_line.txt", "x" * 2_000_000)
    save("data/deep.jsonl", "[" * 100000 + "\n")
    save("data/deep_object.jsonl", '{"a":' * 100000 + "\n")
    save("data/broken.jsonl", '{"a": 1}\n{"a": \n{"a": 2}\n')
    save("data/numbers.jsonl", "1\n2\n3\n")
    save("data/huge_number.jsonl", '{"a": ' + "9" * 100000 + "}\n")
    save("data/many_keys.jsonl", json.dumps({f"k{i}": i for i in range(30000)}) + "\n")
    save("data/many_columns.jsonl", "".join(json.dumps({f"k{i}": i}) + "\n" for i in range(30000)))
    save("data/surrogate.jsonl", '{"a": "\\ud800"}\n')
    save("data/array.json", "[" + "{}," * 100000 + "{}]")
    save("data/open_array.json", '[{"a": 1}, ')
    save("data/deep_array.json", '[{"a": ' + "[" * 100000)
    save("data/small_parts.json", "[" + "[]," * 4_000_000 + "[]]")
    save("data/small_parts.jsonl", '{"a": [' + "[]," * 4_000_000 + "[]]}\n")
    save("data/empty.csv", b"", "empty")


def zip_cases(save, folder):
    rows = b"prompt,answer\na,b\nc,d\n"
    save("data/zip_bomb.zip", packed({"rows.csv": b"a,b\n" * 30_000_000}), "unpack")
    save("data/zip_zeros.zip", packed({"rows.csv": b"a,b\n" + bytes(60_000_000)}))
    save("data/zip_rows.zip", packed({"rows.csv": b"a\n" * 15_000_000}))
    save("data/zip_claims.zip", claiming(packed({"rows.csv": rows}), 2**30), "unpack")
    save("data/zip_claims_less.zip", claiming(packed({"rows.csv": rows * 999}), 10), "unpack")
    save("data/zip_claims_more.zip", claiming(packed({"rows.csv": rows}), 60_000_000), "unpack")
    save("data/zip_claims_both.zip", claiming_packed(packed({"rows.csv": rows}), 2**31, 2**32 - 2), "unpack")
    save("data/zip_path.zip", packed({"../../rows.csv": rows}))
    save("data/zip_absolute.zip", packed({"/etc/rows.csv": rows}))
    save("data/zip_nothing.zip", packed({"a.exe": b"MZ"}), "without a file of rows")
    save("data/zip_two.zip", packed({"a.csv": rows, "b.csv": rows}), "2 files")
    save("data/zip_many.zip", archive({f"{i}.csv": b"" for i in range(20000)}), "20000 files")
    save("data/zip_of_zip.zip", packed({"a.zip": packed({"rows.csv": rows})}), "without a file of rows")
    save("data/zip_pickle.zip", packed({"rows.pkl": b"cos\nsystem\n(S'id'\ntR."}), "without a file of rows")
    save("data/zip_of_parquet.zip", packed({"rows.csv": b"PAR1" + bytes(100)}))
    locked = bytearray(packed({"rows.csv": rows}))
    for mark, place in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        locked[locked.find(mark) + place] |= 1
    save("data/zip_locked.zip", bytes(locked), "password")
    whole = packed({"rows.csv": rows * 20})
    save("data/zip_cut.zip", whole[:-30])
    wrong = bytearray(whole)
    wrong[45] ^= 0xFF
    save("data/zip_crc.zip", bytes(wrong), "damaged")


def table_cases(save, folder):
    good = {name: (FIXTURES / name).read_bytes() for name in ("pairs.parquet", "talks.parquet", "pairs.arrow")}
    footer = good["pairs.parquet"]
    save("data/parquet_footer.parquet", footer[:-8] + struct.pack("<I", 2**31) + b"PAR1")
    save("data/parquet_footer_negative.parquet", footer[:-8] + struct.pack("<I", 2**32 - 1) + b"PAR1")
    save("data/parquet_locked.parquet", footer[:-4] + b"PARE")
    save("data/parquet_only_marks.parquet", b"PAR1PAR1")
    save("data/parquet_zeros.parquet", b"PAR1" + bytes(5000) + struct.pack("<I", 5000) + b"PAR1")
    # Lists of Thrift's compact protocol that say they are endless: schema, row groups.
    for name, field in {"schema": 0x29, "row_groups": 0x49}.items():
        lists = b"\x15\x02" + bytes([field - 0x10]) + b"\xfc" + b"\xff\xff\xff\xff\x07" + bytes(64)
        save(f"data/parquet_{name}.parquet", b"PAR1" + lists + struct.pack("<I", len(lists)) + b"PAR1")
    save("data/parquet_deep.parquet", b"PAR1" + b"\x1c" * 60000 + struct.pack("<I", 60000) + b"PAR1")
    save("data/arrow_length.arrow", b"\xff\xff\xff\xff" + struct.pack("<I", 2**31 - 1) + bytes(64))
    save("data/arrow_negative.arrow", b"\xff\xff\xff\xff" + struct.pack("<i", -8) + bytes(64))
    save("data/arrow_zeros.arrow", b"ARROW1\0\0" + bytes(1000) + struct.pack("<i", 1000) + b"ARROW1")
    save("data/arrow_footer.arrow", b"ARROW1\0\0" + bytes(8) + struct.pack("<i", 2**31 - 1) + b"ARROW1")
    save("data/nothing.arrow", (FIXTURES / "nothing.arrow").read_bytes(), "1,000,000,000 rows")
    state = {"_data_files": [{"filename": "data.arrow"}]}
    for name, file in {"parent": "../x.arrow", "absolute": "/etc/passwd", "inner": "a/../../x.arrow", "empty": ""}.items():
        folder(f"data/saved_{name}", {"state.json": json.dumps({"_data_files": [{"filename": file}]})}, "outside its folder")
    for name, part in {"parent": "..", "path": "../saved_deep", "none": ""}.items():
        folder(f"data/parts_{name}", {"dataset_dict.json": json.dumps({"splits": [part]})}, "names no part")
    folder("data/saved_missing", {"state.json": json.dumps(state)})
    folder("data/saved_list", {"state.json": "[]"}, "names no data files")
    folder("data/saved_deep", {"state.json": '{"a":' * 100000})
    folder("data/saved_number", {"state.json": '{"_data_files": [1]}'}, "outside its folder")
    folder("data/saved_text", {"state.json": json.dumps(state), "data.arrow": "no arrow at all"})


def idx_cases(save, folder):
    def idx(kind, *sizes, values=b""):
        return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + values

    save("data/idx_wraps", idx(14, 2**32 - 1, 2**32 - 1, 2**32 - 1), "asks for more")
    save("data/idx_short", idx(8, 10, 28, 28, values=bytes(100)), "asks for more")
    save("data/idx_half", bytes([0, 0, 8, 4]) + bytes(6), "asks for more")
    save("data/idx_empty_images", idx(8, 0, 2**32 - 1))
    save("data/idx_flat", idx(8, 2**32 - 1, 0))
    save("data/idx_real_labels", idx(13, 2, values=bytes(8)), "no labels")
    for name, labels, word in (("shorter", idx(8, 1, values=b"\1"), "1 labels for 2 images"), ("cut", b"\0", "no IDX"), ("text", b"no labels", "no IDX"),
                               ("flat", bytes([0, 0, 8, 0]) + bytes(8), "no IDX"), ("kind", bytes([0, 0, 77, 1]) + bytes(8), "no IDX"),
                               ("images", idx(8, 2, 1, 1, values=bytes(2)), "labels")):
        save(f"data/labels_{name}/t-images-idx3-ubyte", idx(8, 2, 1, 1, values=bytes(2)), word)
        save(f"data/labels_{name}/t-labels-idx1-ubyte", labels)


def folder_cases(save, folder):
    picture = b"P6\n1 1\n255\nabc"
    folder("data/pictures_path", {"a/1.ppm": picture, "metadata.csv": "file_name,text\n../../../etc/passwd,x\na/1.ppm,y\n"})
    folder("data/pictures_only_outside", {"a/1.ppm": picture, "metadata.csv": "file_name,text\n/etc/passwd,x\n"}, "no file that its metadata names")
    folder("data/pictures_no_names", {"a/1.ppm": picture, "metadata.jsonl": '{"text": "x"}\n'}, "file_name")
    folder("data/pictures_metadata", {"a/1.ppm": picture, "metadata.jsonl": "[" * 100000})


def make(save, folder):
    for cases in (text_cases, zip_cases, table_cases, idx_cases, folder_cases):
        cases(save, folder)
