"""The journal's entries, and the hash chain that makes an edited or missing one visible."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""What the first transaction names as its predecessor."""

BULK_PREFIX = "bulk:"
"""Begins the table name of an event that sums up many rows instead of showing one."""

REDACTED = "(not kept)"
"""Stands in an event for a value the journal must not hold, such as a password hash."""


@dataclass(frozen=True)
class Event:
    """One row's change inside a transaction; `before` is None for a new row, `after` for a deleted one."""

    table_name: str
    row_key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def is_bulk(self) -> bool:
        return self.table_name.startswith(BULK_PREFIX)

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns whose values differ; of a row that was made or deleted all."""
        before, after = self.before or {}, self.after or {}
        return frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

    @property
    def is_redacted(self) -> bool:
        """Whether the change set a value that the journal does not hold."""
        return self.before is not None and self.after is not None and REDACTED in self.after.values()


@dataclass(frozen=True)
class Header:
    """Who did what, when and why; `undoes` names the transaction this one takes back."""

    kind: str
    actor: str
    reason: str
    at: datetime
    undoes: int | None = None


def canonical_json(value: Any) -> str:
    """JSON with one spelling only: sorted keys, no spaces, no escapes beyond what JSON demands.

    Raises
    ------
    ValueError
        A number JSON cannot write: infinite, or not a number.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def compute_hash(previous_hash: str, header: Header, events: Sequence[Event]) -> str:
    """SHA-256, hex, over the predecessor's hash, the header fields and every event in order."""
    digest = hashlib.sha256()
    digest.update(previous_hash.encode())
    at = header.at.astimezone(UTC).isoformat()
    digest.update(canonical_json([header.kind, header.actor, header.reason, at, header.undoes]).encode())
    for item in events:
        digest.update(canonical_json([item.table_name, item.row_key, item.before, item.after]).encode())
    return digest.hexdigest()
