"""What an installation may set from its environment, read once into one frozen object."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gridmap.errors import N_, InvalidInput

PROJECT_ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Names and addresses by which only this machine is reached."""

DEFAULT_DATABASE_URL = f"sqlite:///{PROJECT_ROOT / 'data' / 'local' / 'gridmap.db'}"


@dataclass(frozen=True, kw_only=True)
class RasterBasemap:
    """A tiled background map that an administrator may switch on.

    `datum` is "wgs84" or "gcj02" (a Chinese public basemap whose coordinates are shifted); `review_number` is the
    approval number public maps must show (审图号).
    """

    name: str
    url: str
    attribution: str
    datum: str = "wgs84"
    review_number: str = ""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of one process.

    Times are seconds unless the name says otherwise; `database_url` is a SQLAlchemy URL (sqlite or
    postgresql+psycopg). With `demo`, the server makes the demo county where the database is empty. Rates and bursts
    are requests of one device or gateway. `public_url` is where people reach the server, without a slash at its end; ""
    where that is what they asked for. `u_turn_s` is what a U-turn takes near a forbidden turn; where it is infinite
    none is made. `speed_profile` is a table of speeds by the hour (`sources.speed_profile`) in place of the usual one.
    """

    database_url: str = DEFAULT_DATABASE_URL
    host: str = "127.0.0.1"
    port: int = 8501
    public_url: str = ""
    jurisdiction: str = "CN-14"
    language: str = ""
    session_idle_s: int = 12 * 3600
    lockout_failures: int = 5
    lockout_s: int = 30 * 60
    stale_position_s: int = 120
    silent_team_s: int = 600
    track_retention_days: int = 30
    backlog_days: int = 7
    device_rate_per_s: float = 5.0
    device_burst: int = 50
    gateway_rate_per_s: float = 2000.0
    access_distance_m: float = 50.0
    u_turn_s: float = math.inf
    speed_profile: Path | None = None
    simulate: bool = True
    demo: bool = False
    tcp_nodelay: bool = True
    raster_basemaps: tuple[RasterBasemap, ...] = field(default_factory=tuple)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `GRIDMAP_*` variables into a `Settings`.

    Raises
    ------
    InvalidInput
        A number is not a number, an address is none, or a raster basemap is only half described.
    """
    env = os.environ if environment is None else environment

    def number(name: str, default: float) -> float:
        text = env.get(name)
        if text is None or not text.strip():
            return default
        try:
            return float(text)
        except ValueError as error:
            raise InvalidInput(
                N_("{name} is set to “{text}”, which is not a number."),
                hint=N_("Set {name} to a number or remove it."),
                name=name,
                text=text,
            ) from error

    plain = Settings()
    return Settings(
        database_url=env.get("GRIDMAP_DB") or plain.database_url,
        host=env.get("GRIDMAP_HOST") or plain.host,
        port=int(number("GRIDMAP_PORT", plain.port)),
        public_url=_read_address(env),
        jurisdiction=env.get("GRIDMAP_JURISDICTION") or plain.jurisdiction,
        language=env.get("GRIDMAP_LANGUAGE") or plain.language,
        session_idle_s=int(number("GRIDMAP_SESSION_IDLE_S", plain.session_idle_s)),
        stale_position_s=int(number("GRIDMAP_STALE_POSITION_S", plain.stale_position_s)),
        silent_team_s=int(number("GRIDMAP_SILENT_TEAM_S", plain.silent_team_s)),
        track_retention_days=int(number("GRIDMAP_TRACK_RETENTION_DAYS", plain.track_retention_days)),
        backlog_days=int(number("GRIDMAP_BACKLOG_DAYS", plain.backlog_days)),
        device_rate_per_s=number("GRIDMAP_DEVICE_RATE_PER_S", plain.device_rate_per_s),
        device_burst=int(number("GRIDMAP_DEVICE_BURST", plain.device_burst)),
        gateway_rate_per_s=number("GRIDMAP_GATEWAY_RATE_PER_S", plain.gateway_rate_per_s),
        access_distance_m=number("GRIDMAP_ACCESS_DISTANCE_M", plain.access_distance_m),
        u_turn_s=number("GRIDMAP_U_TURN_S", plain.u_turn_s),
        speed_profile=Path(env["GRIDMAP_SPEED_PROFILE"]) if env.get("GRIDMAP_SPEED_PROFILE") else None,
        simulate=env.get("GRIDMAP_SIMULATE", "1") != "0",
        demo=env.get("GRIDMAP_DEMO", "0") == "1",
        tcp_nodelay=env.get("GRIDMAP_TCP_NODELAY", "1") != "0",
        raster_basemaps=_read_raster_basemaps(env),
    )


def _read_address(env: Mapping[str, str]) -> str:
    address = env.get("GRIDMAP_PUBLIC_URL", "").strip().rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        raise InvalidInput(
            N_("GRIDMAP_PUBLIC_URL is set to “{text}”, which is no address of a server."),
            hint=N_("Give it as people reach it, for example https://map.example.cn."),
            text=address,
        )
    return address


def _read_raster_basemaps(env: Mapping[str, str]) -> tuple[RasterBasemap, ...]:
    url = env.get("GRIDMAP_RASTER_URL", "")
    if not url:
        return ()
    attribution = env.get("GRIDMAP_RASTER_ATTRIBUTION", "")
    datum = env.get("GRIDMAP_RASTER_DATUM", "wgs84")
    if not attribution or datum not in {"wgs84", "gcj02"}:
        raise InvalidInput(
            N_("The raster basemap in GRIDMAP_RASTER_URL is not fully described."),
            hint=N_("Set GRIDMAP_RASTER_ATTRIBUTION, and GRIDMAP_RASTER_DATUM to wgs84 or gcj02."),
        )
    return (
        RasterBasemap(
            name=env.get("GRIDMAP_RASTER_NAME") or "Raster",
            url=url,
            attribution=attribution,
            datum=datum,
            review_number=env.get("GRIDMAP_RASTER_REVIEW_NUMBER", ""),
        ),
    )
