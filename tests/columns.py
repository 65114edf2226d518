"""Reads the tables of typed columns that the map is sent, as the map does."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np

_TYPES = {"u8": "<u1", "u16": "<u2", "u32": "<u4", "i32": "<i4", "f32": "<f4", "f64": "<f8"}


def read_header(message: bytes) -> dict[str, Any]:
    """What the message says about itself."""
    assert message[:4] == b"GMT1"
    length = int.from_bytes(message[4:8], "little")
    assert (8 + length) % 8 == 0
    return dict(json.loads(message[8 : 8 + length]))


def read_rows(message: bytes) -> list[dict[str, Any]]:
    """Every row under the names of its columns; places come back as lon and lat, paths as lists of (lon, lat)."""
    header = read_header(message)
    body = message[8 + int.from_bytes(message[4:8], "little") :]
    columns = {column["name"]: _read_column(column, body, header["rows"]) for column in header["columns"]}
    if "x" in columns and "y" in columns:
        places = [_to_degrees(x, y) for x, y in zip(columns.pop("x"), columns.pop("y"), strict=True)]
        columns |= {"lon": [lon for lon, _ in places], "lat": [lat for _, lat in places]}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _read_column(column: dict[str, Any], body: bytes, rows: int) -> list[Any]:
    def array(kind: str, at: int, count: int = rows) -> Any:
        assert at % 8 == 0
        return np.frombuffer(body, _TYPES[kind], count, at)

    if column["type"] == "category":
        return [column["values"][code] for code in array(column["code"], column["at"])]
    if column["type"] == "text":
        starts = array("u32", column["at"], rows + 1).tolist()
        data = body[column["bytes"] :]
        return [data[a:b].decode() for a, b in pairwise(starts)]
    if column["type"] == "path":
        starts = array("u32", column["at"], rows + 1).tolist()
        corners = array("u32", column["corners"], 2 * starts[-1]).reshape(-1, 2) / 2**32
        return [[_to_degrees(x, y) for x, y in corners[a:b]] for a, b in pairwise(starts)]
    values = array(column["type"], column["at"])
    if column.get("as") == "world":
        return list((values / 2**32).tolist())
    if column.get("as") == "flag":
        return [value == 1 for value in values.tolist()]
    missing = np.isnan(values) if column["type"][0] == "f" else values == column.get("none", math.nan)
    return [None if gone else value for value, gone in zip(values.tolist(), missing.tolist(), strict=True)]


def _to_degrees(x: float, y: float) -> tuple[float, float]:
    return (x - 0.5) * 360, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))
