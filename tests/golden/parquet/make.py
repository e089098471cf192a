#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the Parquet files that the tests read, and expected.jsonl with their rows as pyarrow gives them back.

Made with pyarrow 26.0.1:  python3 make.py
"""
import datetime
import decimal
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

here = Path(__file__).parent
messages = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string()), ("tool_calls", pa.list_(pa.struct([("name", pa.string()), ("arguments", pa.string())])))]))
chats = [
    [{"role": "user", "content": "Grüße 🙂\n\"quoted\"\tand \\ back", "tool_calls": None}, {"role": "assistant", "content": None, "tool_calls": [{"name": "f", "arguments": "{}"}]}],
    [],
    None,
    [{"role": "user", "content": "", "tool_calls": []}],
] * 3
n = len(chats)
table = pa.table({
    "messages": pa.array(chats, messages),
    "label": pa.array(["red", "green", None, "red"] * 3).dictionary_encode(),
    "score": pa.array([0.5, 1.0, None, float("nan")] * 3, pa.float64()),
    "half": pa.array([0.1, -2.5, None, 3e10] * 3, pa.float32()),
    "count": pa.array([2**53 + 1, -1, None, 0] * 3, pa.int64()),
    "small": pa.array([1, 255, None, 0] * 3, pa.uint8()),
    "yes": pa.array([True, False, None, True] * 3),
    "blob": pa.array([b"plain", b"\xff\x00", None, b""] * 3, pa.binary()),
    "large": pa.array(["a", "b" * 100, None, "\x01"] * 3, pa.large_string()),
    "day": pa.array([datetime.date(2026, 11, 21), None, None, datetime.date(1969, 1, 1)] * 3),
    "price": pa.array([decimal.Decimal("1.10"), None, None, decimal.Decimal("-0.05")] * 3, pa.decimal128(10, 2)),
    "tags": pa.array([[["x"], []], None, [], [["y", None]]] * 3, pa.list_(pa.list_(pa.string()))),
    "map": pa.array([[("k", 1)], None, [], [("a", 2), ("b", None)]] * 3, pa.map_(pa.string(), pa.int32())),
    "pair": pa.array([[1, 2], None, [3, 4], [5, None]] * 3, pa.list_(pa.int32(), 2)),
    "nothing": pa.nulls(n),
})
for codec in ("snappy", "zstd", "gzip", "none"):
    pq.write_table(table, here / f"{codec}.parquet", compression=codec, row_group_size=5, data_page_version="2.0" if codec == "zstd" else "1.0")


def plain(value):
    if isinstance(value, float):
        return None if value != value else value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            import base64
            return base64.b64encode(value).decode()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, list) and value and all(isinstance(x, tuple) for x in value):
        return {k: plain(v) for k, v in value}
    if isinstance(value, list):
        return [plain(x) for x in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


with open(here / "expected.jsonl", "w", encoding="utf-8") as out:
    for row in table.to_pylist():
        values = {k: plain(v) for k, v in row.items()}
        if values["map"] == []:
            values["map"] = {}
        # A float of four bytes has the shortest digits that tell it from its neighbours.
        values["half"] = None if row["half"] is None else float(str(__import__("numpy").float32(row["half"])))
        out.write(json.dumps(values, ensure_ascii=False) + "\n")
