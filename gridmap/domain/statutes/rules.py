"""What a rule of distance is, which of them hold in a place at a time, and what is assumed about their origins.

Not one distance stands here: they are data (`gridmap/statutes`), one file for each law and edition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gridmap.errors import N_, InvalidInput

SETTINGS = ("urban", "suburban", "village", "open")
"""Settings of Article 27, as `rail_segment.setting` has them."""


class Shape(StrEnum):
    """How a rule reaches out from its origin."""

    ZONE = "zone"
    """The protection zone (线路安全保护区): as wide as class and setting of the line say."""
    BUFFER = "buffer"
    ALONG_RIVER = "along-river"


class Origin(StrEnum):
    """What a rule measures from."""

    EDGE = "edge"
    """Toe of the embankment (路堤坡脚), top of the cutting (路堑坡顶) or outer side of the bridge (桥梁外侧)."""
    CENTRELINE = "centreline"
    CONDUCTOR = "conductor"
    """Conductors of the railway's power lines (电力线路导线)."""
    POLE = "pole"
    CABLE = "cable"
    RIVER_CABLE = "river-cable"
    BRIDGE = "bridge"
    """Where a railway bridge spans the river (桥梁跨越处)."""


class Effect(StrEnum):
    """What follows within the limit: 禁止, 须经同意, 须经安全评价."""

    FORBIDDEN = "forbidden"
    CONSENT = "consent"
    EVALUATION = "evaluation"


class Certainty(StrEnum):
    """How a rule is known: read in the legal text, from press or secondary sources, or from memory."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    RECALLED = "recalled"


@dataclass(frozen=True)
class Widths:
    """Widths of the protection zone, metres, by (high-speed, setting)."""

    id: str
    article: str
    metres: Mapping[tuple[bool, str], float]


@dataclass(frozen=True)
class BridgeLimit:
    """A limit along a river, metres, that holds for bridges of `bridge_m` and longer."""

    bridge_m: float
    limit_m: float


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a law.

    Of `limit_m`, `widths` and the two river limits those are set that go with the shape. `above_tunnels`: of a tunnel
    the rule counts from its centreline above ground; else tunnels do not count. `high_speed_only`: only lines that are
    high-speed by Article 107. `titles` are those of the law and `texts` what the article asks in our own short words,
    both by language.
    """

    id: str
    article: str
    jurisdiction: str
    kinds: tuple[str, ...]
    shape: Shape
    origin: Origin
    effect: Effect
    certainty: Certainty
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    limit_m: float | None = None
    widths: Widths | None = None
    upstream: tuple[BridgeLimit, ...] = ()
    downstream: tuple[BridgeLimit, ...] = ()
    above_tunnels: bool = False
    high_speed_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Law:
    """One edition of a law: where and when it holds, and its rules."""

    key: str
    jurisdiction: str
    valid_from: date
    valid_to: date | None
    rules: tuple[Rule, ...]

    def holds(self, jurisdiction: str, at: date) -> bool:
        """Whether the law is in force in `jurisdiction` on a day; a law of CN holds in each CN-…."""
        within = jurisdiction == self.jurisdiction or jurisdiction.startswith(f"{self.jurisdiction}-")
        return within and self.valid_from <= at and (self.valid_to is None or at <= self.valid_to)


@dataclass(frozen=True)
class Offset:
    """Where an origin lies beside a track's centreline, and how sure that is, metres."""

    offset_m: float
    uncertainty_m: float


@dataclass(frozen=True)
class Assumptions:
    """What stands in for origins that no map holds.

    Attributes
    ----------
    position_m
        How far a mapped centreline may lie from the true one.
    edges
        (structure, high-speed) → offset; structures are plain, bridge and tunnel.
    others
        Offset of the other origins, but the bridge.
    river_reach_m
        A place belongs to a river no further away than this.
    river_uncertainty_m
        How far a distance along a river may be wrong.
    river_join_m
        A river that ends so near to another one flows into it.
    """

    position_m: float
    edges: Mapping[tuple[str, bool], Offset]
    others: Mapping[Origin, Offset]
    river_reach_m: float
    river_uncertainty_m: float
    river_join_m: float


@dataclass(frozen=True)
class Statutes:
    """Everything the data files hold.

    `kinds` are names by language of what can be asked about; `hazards` says which of them a kind of hazard is.
    """

    laws: tuple[Law, ...]
    kinds: Mapping[str, Mapping[str, str]]
    hazards: Mapping[str, tuple[str, ...]]
    assumptions: Assumptions

    def check_kind(self, kind: str) -> None:
        """Raise InvalidInput for a kind that no file names."""
        if kind not in self.kinds:
            raise InvalidInput(
                N_("“{kind}” is nothing that the distance rules are about."),
                hint=N_("The kinds are {kinds}."),
                kind=kind,
                kinds=", ".join(self.kinds),
            )

    def select_widths(self, *, jurisdiction: str, at: date) -> Widths | None:
        """Widths of the protection zone in force, None where no law in force sets any."""
        held = (rule.widths for law in self.laws if law.holds(jurisdiction, at) for rule in law.rules)
        return next((widths for widths in held if widths is not None), None)

    def select_rules(self, kinds: Sequence[str], *, jurisdiction: str, at: date) -> tuple[Rule, ...]:
        """Rules in force about any of `kinds`, each once, in the order of the files."""
        held = [law for law in self.laws if law.holds(jurisdiction, at)]
        return tuple(rule for law in held for rule in law.rules if not set(kinds).isdisjoint(rule.kinds))
