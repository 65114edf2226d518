"""Devices in number, reporting to a server over real HTTP as telephones and gateways do, to see what it bears."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import numpy as np

from gridmap.domain.access import Actor
from gridmap.domain.progress import Progress, silent
from gridmap.domain.wandering import Wanderers
from gridmap.errors import N_, InvalidInput, NoData
from gridmap.services import devices, teams
from gridmap.services.context import Context

GATEWAY_KEY = "sim-gateway"
_LONGEST_ANSWER = 1 << 20


@dataclass(frozen=True)
class Unit:
    """A simulated device: its key, its own token ("" = the gateway's), and its home in WGS-84 degrees."""

    key: str
    token: str
    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What is to be sent: every unit reports `hz` times a second for `seconds`.

    `batch` fixes travel in one request to `/ingest/batch` under the `gateway_token`; with 1, each goes by itself to
    `/ingest/osmand` under the unit's own token.
    """

    url: str
    units: Sequence[Unit]
    gateway_token: str = ""
    hz: float = 1.0
    seconds: float = 10.0
    batch: int = 1
    connections: int = 32
    seed: int = 1

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in {"http", "https"} or not urlsplit(self.url).hostname:
            raise InvalidInput(
                N_("“{url}” is not the address of a server."), hint=N_("Write it like http://HOST:PORT."), url=self.url
            )
        if not (self.hz > 0 and self.seconds > 0 and 1 <= self.batch <= 100 and self.connections >= 1):
            raise InvalidInput(
                N_("The traffic to simulate is not well described."),
                hint=N_("Give a frequency and a time above 0, batches of 1 to 100, and at least one connection."),
            )


@dataclass
class TrafficReport:
    """What came of it; latencies are from sending a request to its answer, in milliseconds.

    `refused` are fixes that were acknowledged and not kept, `failed` those whose request was answered with anything
    but 200 or not at all; `statuses` counts requests, 0 being a connection that broke.
    """

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    failed: int = 0
    requests: int = 0
    seconds: float = 0.0
    fixes_per_s: float = 0.0
    requests_per_s: float = 0.0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)


def prepare_units(context: Context, actor: Actor, *, count: int) -> tuple[list[Unit], str]:
    """Give the first `count` teams on duty a simulated device each, and return these with a gateway's token.

    Raises
    ------
    NoData
        Fewer teams are on duty.
    """
    crews = teams.list_teams(context, actor)
    crews = crews[crews["on_duty"].astype(bool)].head(count)
    if len(crews) < count:
        raise NoData(
            N_("Only {number} teams are on duty here."),
            hint=N_("Simulate fewer units, or use “demo --scale province”."),
            number=len(crews),
        )
    homes = {f"sim-{crew.id}": crew for crew in crews.itertuples()}
    tokens = devices.issue_device_tokens(
        context, actor, teams={key: int(crew.id) for key, crew in homes.items()}, simulated=True
    )
    gateway = devices.issue_gateway_token(context, actor, key=GATEWAY_KEY, scope_code=actor.scope_code)
    return [Unit(key, tokens[key], float(crew.lon), float(crew.lat)) for key, crew in homes.items()], gateway


def send_traffic(traffic: Traffic, *, progress: Progress = silent) -> TrafficReport:
    """Send it and wait for every answer."""
    return asyncio.run(_Sender(traffic, progress).run())


class _Sender:
    def __init__(self, traffic: Traffic, progress: Progress) -> None:
        self._traffic = traffic
        self._progress = progress
        self._report = TrafficReport()
        self._latencies_s: list[float] = []
        self._statuses: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        parts = urlsplit(traffic.url)
        self._host, self._secure = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._path = parts.path.rstrip("/")
        # A server that cannot keep up slows the sender down instead of filling its memory.
        self._queue: asyncio.Queue[tuple[bytes, int] | None] = asyncio.Queue(2 * traffic.connections)

    async def run(self) -> TrafficReport:
        workers = [asyncio.create_task(self._work()) for _ in range(self._traffic.connections)]
        began = time.perf_counter()
        await self._schedule(began)
        for _ in workers:
            await self._queue.put(None)
        await asyncio.gather(*workers)
        return self._finish(time.perf_counter() - began)

    async def _schedule(self, began: float) -> None:
        traffic = self._traffic
        units = Wanderers(np.array([(unit.lon, unit.lat) for unit in traffic.units]), seed=traffic.seed)
        slices = [slice(at, at + traffic.batch) for at in range(0, len(traffic.units), traffic.batch)]
        rounds = max(1, round(traffic.seconds * traffic.hz))
        for number in range(rounds):
            for place, part in enumerate(slices):
                due = began + (number + place / len(slices)) / traffic.hz
                if (wait := due - time.perf_counter()) > 0.001:
                    await asyncio.sleep(wait)
                units.move(part, 1 / traffic.hz)
                await self._queue.put((self._build(units, part), len(traffic.units[part])))
            self._progress((number + 1) / rounds, N_("Sending positions"))

    def _build(self, units: Wanderers, part: slice) -> bytes:
        now = datetime.now(UTC)
        if self._traffic.batch > 1:
            body = json.dumps(
                [
                    {
                        "device": unit.key,
                        "lon": round(float(units.lon[n]), 7),
                        "lat": round(float(units.lat[n]), 7),
                        "at": now.isoformat(),
                        "speed_kmh": round(float(units.speed_kmh[n]), 1),
                        "heading_deg": round(float(units.heading_deg[n]), 1),
                    }
                    for n, unit in enumerate(self._traffic.units[part], start=part.start)
                ]
            ).encode()
            return self._head("POST", "/ingest/batch", self._traffic.gateway_token, body)
        n, unit = part.start, self._traffic.units[part.start]
        query = {
            "id": unit.key,
            "lat": f"{units.lat[n]:.7f}",
            "lon": f"{units.lon[n]:.7f}",
            "timestamp": f"{1000 * now.timestamp():.0f}",
            "speed": f"{units.speed_kmh[n] / 1.852:.2f}",
            "bearing": f"{units.heading_deg[n]:.1f}",
        }
        return self._head("GET", f"/ingest/osmand?{urlencode(query)}", unit.token or self._traffic.gateway_token, b"")

    def _head(self, method: str, path: str, token: str, body: bytes) -> bytes:
        extra = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {self._path}{path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
        return f"{head}Authorization: Bearer {token}\r\n{extra}\r\n".encode() + body

    async def _work(self) -> None:
        """Send what is queued over one connection that is kept open, opened anew where it breaks."""
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while (job := await self._queue.get()) is not None:
            request, fixes = job
            sent_at = time.perf_counter()
            try:
                if connection is None:
                    connection = await self._connect()
                status, answer, keeps = await _ask(*connection, request)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                status, answer, keeps = 0, b"", False
            self._latencies_s.append(time.perf_counter() - sent_at)
            if not keeps and connection is not None:
                connection[1].close()
                connection = None
            self._count(status, answer, fixes)
        if connection is not None:
            connection[1].close()
            with suppress(OSError):
                await connection[1].wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        secure = ssl.create_default_context() if self._secure else None
        return await asyncio.open_connection(self._host, self._port, ssl=secure)

    def _count(self, status: int, answer: bytes, fixes: int) -> None:
        report = self._report
        report.sent += fixes
        report.requests += 1
        self._statuses[str(status)] += 1
        if status != 200:
            report.failed += fixes
            return
        if not answer:  # one position, kept
            report.accepted += fixes
            return
        document = json.loads(answer)
        report.accepted += document["accepted"]
        report.refused += len(document["refused"])
        self._reasons.update(item["reason"] for item in document["refused"])

    def _finish(self, seconds: float) -> TrafficReport:
        report = self._report
        report.statuses, report.reasons = dict(self._statuses), dict(self._reasons)
        report.seconds = round(seconds, 3)
        report.fixes_per_s = round(report.accepted / seconds, 1)
        report.requests_per_s = round(report.requests / seconds, 1)
        p50, p95 = np.percentile(self._latencies_s, [50, 95]) * 1000
        report.p50_ms, report.p95_ms = round(float(p50), 2), round(float(p95), 2)
        return report


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes, bool]:
    """Status and body of an answer of known length, and whether the connection stays open after it."""
    writer.write(request)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    _, _, rest = head.partition(b"\r\ncontent-length:")
    length = int(rest.split(b"\r\n", 1)[0]) if rest else 0
    body = await reader.readexactly(min(length, _LONGEST_ANSWER)) if length else b""
    return status, body, b"\r\nconnection: close" not in head
