# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of corpus/csv, corpus/jsonl and corpus/jinja; the last from the templates and snippets of
tests/fixtures/jinja. python make_text_corpus.py"""
import json
from pathlib import Path

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures" / "jinja"

CSV = {
    "quotes": b'\xef\xbb\xbfprompt,answer\r\n"a, ""b""\r\nc",d\r\n\r\ne,""\r\n',
    "semicolons": b"q;a\nWell, yes;b, c\nx;y\n",
    "tabs": b"sentence\tlabel\ncrap \t0\n",
    "uneven_and_latin1": b"a,b\n1,2,3\n4\nGr\xfc\xdfe,5\n",
    "open_quote": b'a,b\n1,2\n"3,4\n5,6\n',
    "paragraphs": b"One.\r\nTwo.\r\n \r\n\r\nThree",
    "no_header": b'0,good film .\n1,"bad ""film"" ."\n',
}
JSONL = {
    "lines": b'{"q": "a\\nb", "n": 1.5}\n\n{"m": [{"role": "x", "content": "y"}], "q": null}\r\n"plain"\n',
    "broken_line": b'{"q": "a"}\n{"q": \n[1]\n{"q": "b"}\n',
    "array": b'[\n {"a": "[1]"},\n {"a": 2, "b": {"c": []}} , "x", 5, null ]',
    "columns": b'{"a": [1, 2], "b": ["x"]}',
    "list_in_object": b'{"version": "1", "rows": [{"a": "}"}, {"a": 3}]}',
    "ill_formed": b'{"a": "\xff\xc3"}\n[{"a": "\xe2\x82"}]\n',
    "messages": b'{"conversations": [{"from": "human", "value": "x"}]}\n{"conversations": []}\n',
}
HOSTILE = {
    "endless_recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "itself": "{% set n = namespace() %}{% set n.x = n %}{{ n }}{{ n == n }}",
    "smallest_number": "{{ (-9223372036854775807 - 1) | round(-18) }}",
    "smallest_width": "{{ 'a'.zfill(-9223372036854775807-1) }}{{ '%*d' | format(-9223372036854775807-1, 2) }}",
    "smallest_length": "{{ 'abc' | truncate(-9223372036854775807-1) }}",
    "wide_slice": "{{ [1, 2][9223372036854775807:-9223372036854775807:-1] }}{{ [1][::-9223372036854775807] }}",
    "chain_of_macros": "{% set ns = namespace(f=0) %}{% for i in range(2000) %}{% macro m() %}{{ g }}{% endmacro %}"
    "{% set g = ns.f %}{% set ns.f = m %}{% endfor %}x",
    "loops_in_a_namespace": "{% set ns = namespace(x=0) %}{% for i in l %}{% set ns.x = [loop.cycle, ns.x] %}{% endfor %}x",
}


def save(target, name, content):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


for name, content in CSV.items():
    save("csv", name, content)
for name, content in JSONL.items():
    save("jsonl", name, content)
for name, content in HOSTILE.items():
    save("jinja", name, content)
for name in ["llama3_tools", "mistral_tools", "qwen3_thinking", "command_r", "granite", "vicuna_with_macros", "generation_spans"]:
    save("jinja", name, (FIXTURES / "templates" / f"{name}.jinja").read_bytes())
snippets = json.loads((FIXTURES / "cases.json").read_text(encoding="utf-8"))["snippets"]
good = [s["source"] for s in snippets if "error" not in s]
bad = [s["source"] for s in snippets if "error" in s]
for i in range(0, len(good), 40):
    save("jinja", f"snippets_{i // 40:02}", "\n".join(good[i : i + 40]))
for i, source in enumerate(bad[::12]):
    save("jinja", f"refused_{i:02}", source)
