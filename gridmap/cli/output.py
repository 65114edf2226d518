"""What a command prints: JSON with one spelling for every value, and progress that stays out of its way."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Mapping, Set
from datetime import date, time
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from gridmap.domain.progress import write_step
from gridmap.errors import GridmapError


def build_json(value: Any) -> str:
    """One JSON document; numpy values, dates, paths, enums and dataclasses become what JSON knows.

    Numbers that JSON lacks (not a number, infinity) become null.
    """
    return json.dumps(_plain(value), ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return [_plain(item) for item in sorted(value)]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def describe_error(error: GridmapError) -> str:
    """One line: what happened, then what to do."""
    text = f"{error} — {error.hint_text}" if error.hint else str(error)
    return " ".join(text.split())


class ProgressLine:
    """Progress on a stream: one line rewritten on a terminal, a new line per step elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._last: tuple[int, str] = (-1, "")
        self._open = False

    def __call__(self, fraction: float, message: str, /) -> None:
        percent = int(100 * min(max(fraction, 0.0), 1.0))
        words = write_step(message)
        step = (percent, words) if self._stream.isatty() else (0, words)
        if step == self._last:
            return
        self._last = step
        line = f"{percent:3d} %  {words}"
        if self._stream.isatty():
            self._stream.write(f"\r\x1b[K{line}")
            self._open = True
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the cursor at the start of a fresh line."""
        if self._open:
            self._stream.write("\n")
            self._stream.flush()
            self._open = False
