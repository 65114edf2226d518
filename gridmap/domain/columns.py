"""Tables as browsers like them: one typed array per column, ready to be looked at without being parsed.

The message, little endian: the four bytes "GMT1"; u32 length of the header; the header, JSON padded with spaces; the
body, in which every array begins at a multiple of eight. The header is {"rows", "columns": [{"name", "type", "at",
…}]}, `at` being the array's first byte in the body. By type:

u8, u16, u32, i32, f32, f64
    Numbers; `none` is the value that stands for a missing one (in f32 and f64 it is NaN, and not said). With `as`
    "flag" 0 and 1 are false and true, with "time" they are unix seconds.
category
    u8 or u16 (`code`) positions in `values`.
text
    u32 starts of each row's UTF-8 bytes, one more than rows, and at `bytes` the text itself.
path
    u32 starts of each row's corners, one more than rows, and at `corners` u32 pairs: x, y on the Web Mercator unit
    square in steps of 2^-32 (9 mm on the equator). A u32 column with `as` "world" is one such coordinate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.tiling import to_world, to_world_xy

MAGIC = b"GMT1"

_STEPS = 2.0**32
_MOST_WORDS = 1 << 16
_INTEGERS: tuple[tuple[str, type[np.integer[Any]]], ...] = (("u8", np.uint8), ("u16", np.uint16), ("u32", np.uint32))


def encode_table(table: pd.DataFrame) -> bytes:
    """The table as one message.

    Columns `lon` and `lat` (WGS-84) travel as `x` and `y`; columns of lines (WGS-84) as paths; instants as times.
    Integers take the least width that holds them. Of other numbers half of the double's digits are kept.

    Raises
    ------
    ValueError
        A column is of a kind that the message does not know.
    """
    writer = _Writer(len(table))
    for name in table.columns:
        if name == "lat" and "lon" in table:
            continue
        if name == "lon" and "lat" in table:
            writer.add_places(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
        else:
            writer.add(str(name), table[name])
    return writer.finish()


def list_columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    """A few rows in plain values, with the names and meanings of `encode_table`: None for what is missing.

    Places are fractions of the Web Mercator unit square, instants unix seconds.

    Raises
    ------
    ValueError
        A column holds lines.
    """
    columns: dict[str, list[Any]] = {}
    for name in table.columns:
        if name == "lat" and "lon" in table:
            continue
        if name == "lon" and "lat" in table:
            x, y = to_world_xy(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
            columns |= {"x": x.tolist(), "y": y.tolist()}
        else:
            columns[str(name)] = _list_values(str(name), table[name])
    return columns


def _list_values(name: str, column: pd.Series) -> list[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = (column - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    missing = column.isna()
    values: list[Any] = column.astype(object).where(~missing, None).tolist()
    if any(isinstance(value, shapely.Geometry) for value in values):
        raise ValueError(f"column {name}: lines are not told row by row")
    return values


class _Writer:
    """Puts the arrays one after the other and notes where each is."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._columns: list[dict[str, object]] = []
        self._body = bytearray()

    def finish(self) -> bytes:
        document = {"rows": self._rows, "columns": self._columns}
        header = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        header += b" " * (-len(header) % 8)
        return MAGIC + len(header).to_bytes(4, "little") + header + bytes(self._body)

    def add(self, name: str, column: pd.Series) -> None:
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            seconds = (column - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
            self._add_numbers(name, "f64", seconds.to_numpy(np.float64), {"as": "time"})
        elif pd.api.types.is_bool_dtype(column.dtype):
            self._add_numbers(name, "u8", column.to_numpy(np.uint8), {"as": "flag"})
        elif pd.api.types.is_integer_dtype(column.dtype):
            self._add_integers(name, column)
        elif pd.api.types.is_float_dtype(column.dtype):
            self._add_numbers(name, "f32", column.to_numpy(np.float32))
        else:
            self._add_objects(name, column)

    def add_places(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> None:
        for name, values in zip("xy", to_world_xy(lon, lat), strict=True):
            self._add_numbers(name, "u32", _to_steps(values), {"as": "world"})

    def _add_objects(self, name: str, column: pd.Series) -> None:
        values = column.to_numpy(object)
        if len(values) and isinstance(values[0], shapely.Geometry):
            self._add_paths(name, values)
        elif all(isinstance(value, str) for value in values):
            self._add_words(name, values)
        else:
            raise ValueError(f"column {name}: neither numbers, instants, words nor lines")

    def _add_numbers(
        self, name: str, kind: str, values: npt.NDArray[np.generic], more: Mapping[str, object] | None = None
    ) -> None:
        self._columns.append({"name": name, "type": kind, "at": self._append(values.tobytes()), **(more or {})})

    def _add_integers(self, name: str, column: pd.Series) -> None:
        missing = column.isna().to_numpy()
        values = column.fillna(0).to_numpy(np.int64)
        if len(values) and values.min() < 0:
            if missing.any():
                raise ValueError(f"column {name}: negative and missing numbers at once")
            self._add_numbers(name, "i32", values.astype(np.int32))
            return
        most = int(values.max(initial=0)) + int(missing.any())
        kind, dtype = next((k, d) for k, d in _INTEGERS if most <= np.iinfo(d).max)
        none = int(np.iinfo(dtype).max)
        narrow = np.where(missing, none, values).astype(dtype)
        self._add_numbers(name, kind, narrow, {"none": none} if missing.any() else None)

    def _add_words(self, name: str, values: npt.NDArray[np.object_]) -> None:
        codes, words = pd.factorize(values)
        # Words that hardly ever come twice are no category.
        if 2 * len(words) > len(values) or len(words) > _MOST_WORDS:
            self._add_text(name, values)
            return
        kind, dtype = next((k, d) for k, d in _INTEGERS if len(words) <= np.iinfo(d).max + 1)
        at = self._append(codes.astype(dtype).tobytes())
        self._columns.append({"name": name, "type": "category", "code": kind, "at": at, "values": list(words)})

    def _add_text(self, name: str, values: npt.NDArray[np.object_]) -> None:
        encoded = [str(value).encode() for value in values]
        starts = np.concatenate([[0], np.cumsum([len(text) for text in encoded])]).astype(np.uint32)
        at = self._append(starts.tobytes())
        self._columns.append({"name": name, "type": "text", "at": at, "bytes": self._append(b"".join(encoded))})

    def _add_paths(self, name: str, lines: npt.NDArray[np.object_]) -> None:
        corners, line = shapely.get_coordinates(to_world(lines), return_index=True)
        starts = np.searchsorted(line, np.arange(len(lines) + 1)).astype(np.uint32)
        at, place = self._append(starts.tobytes()), self._append(_to_steps(corners).tobytes())
        self._columns.append({"name": name, "type": "path", "at": at, "corners": place})

    def _append(self, data: bytes) -> int:
        at = len(self._body)
        self._body += data + b"\0" * (-len(data) % 8)
        return at


def _to_steps(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint32]:
    return np.clip(np.rint(values * _STEPS), 0, _STEPS - 1).astype(np.uint32)
