"""What may report positions, and for whom."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridmap.domain.codes import is_within
from gridmap.errors import N_, InvalidInput

LONGEST_KEY = 60
_KEY = re.compile(r"[\w.:@+-]+")


class DeviceKind(StrEnum):
    """A tracker or telephone of one team (终端), or a server that forwards for many devices (转发网关)."""

    DEVICE = "device"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Device:
    """Something with a token: a device speaks for its team, a gateway for the devices of teams within its area."""

    id: int
    key: str
    kind: DeviceKind
    team_id: int | None
    area_code: str
    """Of a device its team's area, of a gateway the area it is confined to ("" = everywhere)."""
    simulated: bool
    revoked_at: datetime | None

    def speaks_for(self, other: Device) -> bool:
        """Whether it may report where `other` is."""
        if other.revoked_at is not None or other.kind is not DeviceKind.DEVICE or other.team_id is None:
            return False
        if self.kind is DeviceKind.DEVICE:
            return self.id == other.id
        return is_within(other.area_code, self.area_code)


class KnownDevices:
    """Every device, found by the hash of its token or by its key."""

    def __init__(self, devices: Iterable[tuple[Device, str]]) -> None:
        found = list(devices)
        self._by_token = {token_hash: device for device, token_hash in found}
        self._by_key = {device.key: device for device, _ in found}

    def find_holder(self, token_hash: str) -> Device | None:
        """Whose token it is, None where it is nobody's or was revoked."""
        device = self._by_token.get(token_hash)
        return device if device is not None and device.revoked_at is None else None

    def find_named(self, key: str) -> Device | None:
        """The device called `key`, a revoked one included."""
        return self._by_key.get(key)

    def find_subject(self, holder: Device, key: str) -> Device | None:
        """The device that `holder` reports about: the one called `key`, "" being itself; None where it may not."""
        subject = self._by_key.get(key) if key else holder
        return subject if subject is not None and holder.speaks_for(subject) else None


def parse_key(text: str) -> str:
    """What a device calls itself, in one spelling.

    Raises
    ------
    InvalidInput
        It is empty, too long, or holds what an address would garble.
    """
    key = unicodedata.normalize("NFKC", text).strip()
    if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        raise InvalidInput(
            N_("“{key}” cannot be the key of a device."),
            hint=N_("Use up to 60 letters, digits and the signs . : @ + - _, as the device's own app shows it."),
            key=key,
        )
    return key
