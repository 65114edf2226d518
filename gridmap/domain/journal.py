"""The hash chain that makes an edited or missing journal entry visible."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64
"""What the first transaction names as its predecessor."""


@dataclass(frozen=True)
class Event:
    """One row's change inside a transaction; `before` is None for a new row, `after` for a deleted one."""

    table_name: str
    row_key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def canonical_json(value: Any) -> str:
    """JSON with one spelling only: sorted keys, no spaces, no escapes beyond what JSON demands."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def compute_hash(previous_hash: str, header: Sequence[Any], events: Sequence[Event]) -> str:
    """SHA-256, hex, over the predecessor's hash, the header fields and every event in order."""
    digest = hashlib.sha256()
    digest.update(previous_hash.encode())
    digest.update(canonical_json(list(header)).encode())
    for item in events:
        digest.update(canonical_json([item.table_name, item.row_key, item.before, item.after]).encode())
    return digest.hexdigest()
