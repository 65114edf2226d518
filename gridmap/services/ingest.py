"""Positions from devices: who may report them, what is kept of them, and what is refused and counted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gridmap.domain.allowance import Allowances, Rate
from gridmap.domain.days import number_day
from gridmap.domain.devices import Device, DeviceKind, KnownDevices
from gridmap.domain.fix_formats import Reading
from gridmap.domain.fixes import Fix, Refusal, Seen, check_fix, is_teleport
from gridmap.errors import N_, Conflict, GridmapError, NotSignedIn, TooMany
from gridmap.services.context import Context
from gridmap.services.devices import hash_token, know_devices
from gridmap.services.group_commit import GroupCommit
from gridmap.store import devices as device_store
from gridmap.store import positions

MOST_WAITING = 20_000
"""Fixes that may wait for the disk; two to four seconds of it at full speed."""

LOOK_AGAIN_S = 0.5
"""How often an unknown token is reason to look whether the devices have changed."""

_GATEWAY_BURST_S = 2.0

PAGE_KEY = "team page"
"""As what the pages of teams are counted; with a space in it no device can be called so."""


@dataclass(slots=True)
class _Report:
    """A fix that is right by itself; `refusal` says why it is not kept as things stand, once that is known."""

    device: Device
    fix: Fix
    refusal: Refusal | None = None


class Ingest:
    """The way in for positions, one per process, used from its event loop.

    Fixes of many requests share a transaction, and each request is answered after its commit.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._allowances = Allowances()
        self._counts = _Counts()
        self._look_again_at = context.clock()
        self._lookup: asyncio.Task[KnownDevices] | None = None
        self._writer: GroupCommit[_Report] = GroupCommit(self._write, most_waiting=MOST_WAITING)

    async def accept(self, token: str, readings: Sequence[Reading]) -> list[Refusal | None]:
        """Take what one request brings; answers, once the rest is on disk, why each fix was not kept, None where it is.

        Raises
        ------
        NotSignedIn
            The token is nobody's or was revoked, or the only fix is of a device it does not speak for; which, is not
            said.
        TooMany
            The holder of the token asks too often.
        StoreFailure
            Too much is waiting to be written, or it could not be.
        """
        now = self._context.clock()
        known = await self._know_devices(now)
        if known.find_holder(hash_token(token)) is None and now >= self._look_again_at:
            # A token that was issued in another process a moment ago; a stranger's guesses do not make us ask for each.
            self._look_again_at = now + timedelta(seconds=LOOK_AGAIN_S)
            self._context.devices.clear()
            known = await self._know_devices(now)
        holder = self._admit(known, token, readings, now)
        told = [(known.find_subject(holder, reading.key), reading.fix) for reading in readings]
        outcomes = await self._take(told, now, holder=holder)
        if outcomes == [Refusal.UNKNOWN_DEVICE]:
            raise _unknown()
        return outcomes

    async def _take(
        self, told: Sequence[tuple[Device | None, Fix | Refusal]], now: datetime, *, holder: Device | None = None
    ) -> list[Refusal | None]:
        """Write what is right of the fixes, each with the device it is of, and say why the others were not kept."""
        reports: dict[int, _Report] = {}
        outcomes: list[Refusal | None] = []
        for number, (device, fix) in enumerate(told):
            found = self._check(device, fix, now)
            if isinstance(found, Refusal):
                counted = device or holder
                self._counts.add(found, "" if counted is None else counted.key, now)
                outcomes.append(found)
            else:
                reports[number] = found
                outcomes.append(None)
        if reports:
            await self._writer.submit(list(reports.values()))
        for number, report in reports.items():
            outcomes[number] = report.refusal
        return outcomes

    async def accept_from_page(self, team_id: int, readings: Sequence[Reading]) -> list[Refusal | None]:
        """Take what a team's own page sends, for which the session speaks and no token; answers as `accept`.

        Raises
        ------
        TooMany
            It asks too often.
        StoreFailure
            Too much is waiting to be written, or it could not be.
        """
        now = self._context.clock()
        # Numbered below zero, so that its allowance is no device's.
        page = Device(-team_id, PAGE_KEY, DeviceKind.DEVICE, team_id, "", simulated=False, revoked_at=None)
        self._check_allowance(page, now)
        return await self._take([(page, reading.fix) for reading in readings], now)

    async def refuse(self, reason: Refusal, *, token: str) -> None:
        """Count a request that was not even read."""
        now = self._context.clock()
        holder = (await self._know_devices(now)).find_holder(hash_token(token))
        self._counts.add(reason, "" if holder is None else holder.key, now)

    def save_counts(self) -> None:
        """Put away what was counted; called each second, so that a server that is killed forgets no more than that."""
        with self._counts.taken() as rows:
            if rows:
                with self._context.database.write_unjournalled() as connection:
                    device_store.save_refusals(connection, rows)

    def close(self) -> None:
        """End the writing, and put away the counts."""
        self._writer.close()
        self.save_counts()

    async def _know_devices(self, now: datetime) -> KnownDevices:
        known = self._context.devices.get(now)
        if known is not None:
            return known
        # Every few seconds a query, which must not hold up the event loop; whoever comes meanwhile waits for the same.
        if self._lookup is None or self._lookup.done():
            self._lookup = asyncio.create_task(asyncio.to_thread(know_devices, self._context))
        return await asyncio.shield(self._lookup)

    def _check(self, device: Device | None, fix: Fix | Refusal, now: datetime) -> _Report | Refusal:
        if device is None:
            return Refusal.UNKNOWN_DEVICE
        if isinstance(fix, Refusal):
            return fix
        settings = self._context.settings
        backlog = timedelta(days=min(settings.backlog_days, settings.track_retention_days))
        return check_fix(fix, now=now, backlog=backlog) or _Report(device, fix)

    def _admit(self, known: KnownDevices, token: str, readings: Sequence[Reading], now: datetime) -> Device:
        holder = known.find_holder(hash_token(token)) if token else None
        if holder is None:
            named = known.find_named(readings[0].key) if readings else None
            self._counts.add(Refusal.UNKNOWN_DEVICE, "" if named is None else named.key, now)
            raise _unknown()
        self._check_allowance(holder, now)
        return holder

    def _check_allowance(self, holder: Device, now: datetime) -> None:
        settings = self._context.settings
        rate = (
            Rate(settings.gateway_rate_per_s, settings.gateway_rate_per_s * _GATEWAY_BURST_S)
            if holder.kind is DeviceKind.GATEWAY
            else Rate(settings.device_rate_per_s, settings.device_burst)
        )
        wait_s = self._allowances.take(holder.id, rate, now_s=now.timestamp())
        if wait_s > 0:
            self._counts.add(Refusal.TOO_MANY, holder.key, now)
            raise TooMany(
                N_("This device reports too often."),
                hint=N_("Wait {seconds} s, or send several positions at once."),
                seconds=max(1, round(wait_s + 0.5)),
            )

    # --- on the writer's thread ----------------------------------------------------------------------------------

    def _write(self, reports: Sequence[_Report]) -> None:
        try:
            self._write_at_once(reports)
        except Conflict:
            self._write_at_once(reports)  # a team was deleted in the same moment; now it is seen to be gone
        now = self._context.clock()
        for report in reports:
            if report.refusal is not None:
                self._counts.add(report.refusal, report.device.key, now)

    def _write_at_once(self, reports: Sequence[_Report]) -> None:
        with self._context.database.write_unjournalled() as connection:
            team_ids = {report.device.team_id for report in reports if report.device.team_id is not None}
            judge = _Judge(positions.load_latest(connection, sorted(team_ids)))
            # Oldest first, so that what came together is judged alike in whichever order it came.
            for report in sorted(reports, key=lambda report: report.fix.at):
                report.refusal = judge.check(report)
            rows = [_build_row(report) for report in reports if report.refusal is None]
            positions.save_track(connection, rows)
            positions.delete_simulated(connection, judge.list_heard())
            positions.save_positions(connection, rows)


def _unknown() -> NotSignedIn:
    return NotSignedIn(
        N_("This device is not known here."), hint=N_("Ask an administrator for a token for this device.")
    )


def _build_row(report: _Report) -> dict[str, Any]:
    fix = report.fix
    return {
        "team_id": report.device.team_id,
        "lon": fix.lon,
        "lat": fix.lat,
        "heading_deg": fix.heading_deg,
        "speed_kmh": fix.speed_kmh,
        "at": fix.at,
        "simulated": report.device.simulated,
    }


class _Judge:
    """Knows where teams were seen last, those of this transaction included."""

    def __init__(self, teams: dict[int, Any]) -> None:
        self._on_duty = {team_id: bool(row.on_duty) for team_id, row in teams.items()}
        self._seen = {team_id: Seen(row.lon, row.lat, row.at) for team_id, row in teams.items() if row.at is not None}
        self._made_up = {team_id for team_id, row in teams.items() if row.simulated}
        self._heard: set[int] = set()

    def check(self, report: _Report) -> Refusal | None:
        """Why the fix is not kept as things stand, None where it is."""
        team_id, fix = report.device.team_id, report.fix
        if team_id is None or team_id not in self._on_duty:
            return Refusal.UNKNOWN_DEVICE
        if not self._on_duty[team_id]:
            return Refusal.OFF_DUTY
        seen = self._seen.get(team_id)
        if team_id in self._made_up and not report.device.simulated:
            # Where the simulator had the team says nothing of where it is.
            self._made_up.discard(team_id)
            self._heard.add(team_id)
            seen = None
        if seen is not None and is_teleport(fix, seen):
            return Refusal.TELEPORT
        if seen is None or fix.at > seen.at:
            self._seen[team_id] = Seen(fix.lon, fix.lat, fix.at)
        return None

    def list_heard(self) -> list[int]:
        """Teams that were simulated until then, and sent a fix themselves that is kept."""
        return sorted(self._heard)


class _Counts:
    """Refusals since they were last put away, by day, reason and device."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, Refusal, str], tuple[int, datetime]] = {}
        self._guard = threading.Lock()

    def add(self, reason: Refusal, device_key: str, at: datetime, *, count: int = 1) -> None:
        """Count refusals; `device_key` is "" or that of a device of ours, so that nobody makes rows at will."""
        key = (number_day(at), reason, device_key)
        with self._guard:
            held, last_at = self._held.get(key, (0, at))
            self._held[key] = (held + count, max(last_at, at))

    @contextmanager
    def taken(self) -> Iterator[list[dict[str, Any]]]:
        """The counts as rows of the table; they are held again where putting them away fails."""
        with self._guard:
            taken, self._held = self._held, {}
        rows = [
            {"day": day, "reason": reason.value, "device_key": key, "count": count, "last_at": last_at}
            for (day, reason, key), (count, last_at) in sorted(taken.items())
        ]
        try:
            yield rows
        except GridmapError:
            for (_, reason, key), (count, last_at) in taken.items():
                self.add(reason, key, last_at, count=count)
            raise
