"""The arithmetic of what moves and of what is measured, run in the browser and held against other means."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from gridmap.domain.crs import GEOD
from gridmap.services.overlays import pack_table
from gridmap.services.tracks import shorten_tracks
from tests.browser.conftest import Visitor
from tests.browser.test_map_modules import load

KM = 1 / 40075.0167 / 0.79  # on the unit square, along a parallel at 38 degrees north
HOME = {"x": 0.8125, "y": 0.3862, "at": 1000.0}


@pytest.fixture
def blank(visit: Callable[..., Visitor]) -> Visitor:
    visitor = visit()
    visitor.open("/healthz")
    return visitor


# --- fixes --------------------------------------------------------------------------------------------------------


def judge(blank: Visitor, fixes: list[tuple[float, float, float]]) -> object:
    """What is made of fixes (kilometres east of home, when taken, server's time), one after the other."""
    given = [[HOME["x"] + km * KM, at, now] for km, at, now in fixes]
    script = """argument.fixes.map(([x, at, now]) => {
      const fix = {x, y: argument.home.y, at};
      const verdict = module.judge(argument.home, fix, now);
      if (verdict !== 'hold') Object.assign(argument.home, fix);
      return verdict;
    })"""
    return load(blank, "motion.js", script, {"fixes": given, "home": HOME})


def test_a_patrol_glides(blank: Visitor) -> None:
    assert judge(blank, [(0.3, 1015, 1015), (1.2, 1060, 1061), (1.2, 1060, 1062)]) == ["glide"] * 3


def test_one_fix_from_far_away_does_not_teleport_a_team(blank: Visitor) -> None:
    # The same wild fix in five frames, then one at home again.
    wild = [(300.0, 1015.0, 1015.0 + n) for n in range(5)]
    assert judge(blank, [*wild, (0.4, 1030, 1030)]) == ["hold"] * 5 + ["glide"]


def test_a_team_that_truly_went_far_is_believed_after_a_few_fixes(blank: Visitor) -> None:
    fixes = [(300.0 + 0.2 * n, 1015.0 + 15 * n, 1015.0 + 15 * n) for n in range(4)]
    assert judge(blank, fixes) == ["hold", "hold", "place", "glide"]


def test_a_far_team_that_says_nothing_more_does_not_freeze(blank: Visitor) -> None:
    assert judge(blank, [(300.0, 1015, 1015), (300.0, 1015, 1050), (300.0, 1015, 1076)]) == ["hold", "hold", "place"]


def test_a_fix_from_the_future_freezes_nothing(blank: Visitor) -> None:
    assert judge(blank, [(0.1, 9000, 1015), (0.3, 1030, 1030), (0.6, 1045, 1045)]) == ["glide"] * 3


def test_headings_turn_the_short_way(blank: Visitor) -> None:
    expression = "argument.map(([from, to, share]) => module.turn(from, to, share))"
    turns = [[350, 10, 0.5], [10, 350, 0.5], [90, 180, 0.5], [0, 0, 1], [20, 300, 1]]
    assert load(blank, "motion.js", expression, turns) == pytest.approx([0, 0, 135, 0, 300])


def test_what_is_not_heard_of_grows_old_by_itself(blank: Visitor) -> None:
    units = [
        [{"state": "moving"}, 30],
        [{"state": "moving"}, 130],
        [{"state": "silent"}, 5],
        [{"state": "still", "doubt": {}}, 5],
        [{"state": "off"}, 999],
    ]
    expression = "argument.map(([unit, age]) => module.stateOf(unit, age, 120))"
    assert load(blank, "motion.js", expression, units) == ["moving", "stale", "silent", "stale", "off"]


def test_a_frame_with_impossible_places_or_cut_short_is_read(blank: Visitor) -> None:
    head = struct.pack("<Id", 1, 1_800_000_000.0)
    teams = [(7, 0, 0, 0), (8, 2_000_000_000, 372000000, 0), (9, 1113000000, 372000000, 99)]
    body = b"".join(struct.pack("<IiiBBBBI", *place[:3], 0, place[3], 0, 0, 1) for place in teams)
    expression = "argument.map((bytes) => module.readFrame(new Uint8Array(bytes).buffer))"
    whole, half, nothing = load(
        blank, "units_frame.js", expression, [list(head + body), list(head + body[:50]), [1, 2]]
    )
    assert [(team["id"], team["isPlace"], team["state"]) for team in whole["teams"]] == [
        (7, False, "moving"),
        (8, False, "moving"),
        (9, True, "stale"),
    ]
    assert len(half["teams"]) == 2
    assert nothing is None


# --- tracks -------------------------------------------------------------------------------------------------------


def locate(
    blank: Visitor, table: pd.DataFrame, since: datetime, moments: list[float]
) -> list[dict[str, object] | None]:
    data = gzip.decompress(pack_table(shorten_tracks(table, since)).data)
    script = """(async ({bytes, since, moments}) => {
      const {Table} = await import('/assets/map/columns.js');
      const {toLon, toLat} = await import('/assets/map/mercator.js');
      const tracks = module.readTracks(Table.read(new Uint8Array(bytes).buffer), since);
      return moments.map((at) => {
        const spot = module.locate(tracks.get(7), since + at);
        return spot && {...spot, lon: toLon(spot.x), lat: toLat(spot.y)};
      });
    })(argument)"""
    given = {"bytes": list(data), "since": since.timestamp(), "moments": moments}
    found = load(blank, "tracks.js", script, given)
    assert isinstance(found, list)
    return found


def test_between_two_fixes_a_team_is_on_the_way_and_after_a_silence_it_is_not_known(blank: Visitor) -> None:
    since = datetime(2026, 3, 4, 6, tzinfo=UTC)
    at = since.timestamp() + np.array([10.0, 25.0, 40.0, 400.0])
    lon, lat = np.array([112.5, 112.501, 112.501, 112.52]), np.array([37.8, 37.8, 37.8, 37.8])
    both = [(3, 113.0), (7, None)]
    table = pd.concat(
        pd.DataFrame({"team_id": i, "at": at, "lon": lon if x is None else x, "lat": lat, "simulated": True})
        for i, x in both
    )
    before, first, half, still, lost, after, ended = locate(blank, table, since, [5, 10, 17.5, 30, 100, 410, 700])
    assert before is None
    assert first is not None
    assert first["lon"] == pytest.approx(112.5, abs=1e-6)
    assert half is not None
    assert half["lon"] == pytest.approx(112.5005, abs=1e-6)
    assert (half["heading"], half["moves"], half["isKnown"]) == (pytest.approx(90), True, True)
    assert still is not None
    assert (still["moves"], still["isKnown"]) == (False, True)
    # Six minutes without a word: it stays where it was heard last, as one that is not known.
    assert lost is not None
    assert (lost["lon"], lost["isKnown"], lost["age"]) == (
        pytest.approx(112.501, abs=1e-6),
        False,
        60,
    )
    assert after is not None
    assert (after["lon"], after["isKnown"]) == (pytest.approx(112.52, abs=1e-6), True)
    assert ended is not None
    assert ended["isKnown"] is False


# --- lengths and areas --------------------------------------------------------------------------------------------


def test_lengths_are_those_of_the_ellipsoid(blank: Visitor) -> None:
    rng = np.random.default_rng(3)
    start = np.column_stack([rng.uniform(74, 134, 60), rng.uniform(18, 53, 60)])
    away = np.column_stack([rng.normal(0, 1, 60), rng.normal(0, 1, 60)]) * np.logspace(-5, 1, 60)[:, None]
    pairs = np.stack([start, start + away], axis=1)
    seen = load(blank, "geodesy.js", "argument.map(([a, b]) => module.distanceM(a, b))", pairs.tolist())
    _, _, expected = GEOD.inv(*start.T, *(start + away).T)
    assert seen == pytest.approx(expected, rel=1e-7, abs=1e-3)
    assert load(blank, "geodesy.js", "module.distanceM([112, 37], [112, 37])") == 0


@pytest.mark.parametrize("size_deg", [0.001, 0.05, 1.0, 4.0])
def test_areas_are_those_of_the_ellipsoid(blank: Visitor, size_deg: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 9)[:-1]
    ring = np.column_stack([112 + size_deg * np.cos(angle), 37.5 + size_deg * 0.7 * np.sin(angle)])
    for corners in (ring, ring[::-1]):
        seen = load(blank, "geodesy.js", "module.areaM2(argument)", corners.tolist())
        expected = abs(GEOD.polygon_area_perimeter(*corners.T)[0])
        assert seen == pytest.approx(expected, rel=1e-5)


def test_lengths_and_areas_are_written_in_a_fitting_unit(blank: Visitor) -> None:
    words = {name: f"{{number}} {unit}" for name, unit in (("metres", "m"), ("kilometres", "km"), ("hectares", "ha"))}
    words |= {"squareMetres": "{number} m²", "squareKilometres": "{number} km²"}
    script = "[12.4, 999.4, 999.6, 12340, 123456].map((m) => module.lengthText(argument, m))"
    assert load(blank, "describe.js", script, words) == ["12 m", "999 m", "1.00 km", "12.34 km", "123.5 km"]
    areas = load(blank, "describe.js", "[820, 52000, 3.714e6, 2.5e8].map((m) => module.areaText(argument, m))", words)
    assert areas == ["820 m²", "5.2 ha", "3.71 km²", "250 km²"]


# --- classes, times and links -------------------------------------------------------------------------------------


def classify(blank: Visitor, values: list[float]) -> tuple[list[float], list[int]]:
    script = """(() => {
      const breaks = module.breaksOf(argument);
      return [breaks, argument.map((value) => module.classOf(breaks, value))];
    })()"""
    breaks, classes = load(blank, "choropleth.js", script, values)  # type: ignore[misc]
    return breaks, classes


def test_classes_hold_about_as_many_each_at_round_numbers(blank: Visitor) -> None:
    values = np.random.default_rng(5).lognormal(3, 1, 600).round(3).tolist()
    breaks, classes = classify(blank, values)
    assert len(breaks) == 6
    assert breaks == sorted(breaks)
    assert all(len(f"{end:.6g}".replace(".", "").strip("0")) <= 2 for end in breaks[1:])
    assert np.bincount(classes).min() > 0.6 * 600 / 6
    for value, position in zip(values, classes, strict=True):
        assert breaks[position] <= value
        assert position == len(breaks) - 1 or value < breaks[position + 1]


@pytest.mark.parametrize(
    ("values", "breaks"),
    [
        ([], []),
        ([2] * 9, [2]),
        ([0] * 90 + [1] * 5 + [4], [0, 1, 4]),
        ([0, 1] * 8, [0, 1]),
        ([0] * 900 + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 1, 5, 8]),
    ],
)
def test_classes_of_values_that_are_alike(blank: Visitor, values: list[float], breaks: list[float]) -> None:
    found, classes = classify(blank, values)
    assert found == breaks
    assert set(classes) == set(range(len(breaks)))


def test_classes_are_labelled(blank: Visitor) -> None:
    labels = load(blank, "choropleth.js", "[module.labelsOf([0, 1, 3, 8], true), module.labelsOf([0, 1.5, 3], false)]")
    assert labels == [["0", "1–2", "3–7", "8+"], ["0–1.5", "1.5–3", "≥ 3"]]


def test_times_are_beijings_on_any_machine(blank: Visitor) -> None:
    at = datetime(2026, 11, 23, 22, 5, 30, tzinfo=UTC).timestamp()
    script = "[module.clock(argument), module.clock(argument, {short: true}), module.day(argument, 'en'),"
    script += " module.day(argument, 'zh-CN'), module.dateOf(argument), module.iso(argument)]"
    assert load(blank, "times.js", script, at) == [
        *("06:05:30", "06:05", "24 Nov", "11月24日", "2026-11-24"),
        "2026-11-24T06:05:30+08:00",
    ]
    texts = ["2026-11-24T06:05:30+08:00", "2026-11-24T06:05:30", "2026-11-23T22:05:30Z", "soon", "", None]
    assert load(blank, "times.js", "argument.map((text) => module.parse(text))", texts) == [
        at,
        at,
        at,
        None,
        None,
        None,
    ]


def test_a_link_is_read_and_what_is_none_is_left_out(blank: Visitor) -> None:
    query = "?area=149901&layers=rail,,teams&z=12&lon=112.5&lat=-1&at=2026-03-01T14:05:00%2B08:00&wall=1&every=30"
    assert load(blank, "link.js", "module.readLink(argument)", query) == {
        "area": "149901",
        "layers": ["rail", "teams"],
        "measure": None,
        "zoom": 12,
        "lon": 112.5,
        "lat": -1,
        "at": (datetime(2026, 3, 1, 6, 5, tzinfo=UTC)).timestamp(),
        "isWall": True,
        "every": 30,
    }
    nothing = load(blank, "link.js", "module.readLink('?area=../x&z=wide&lon=&at=never')")
    assert nothing == {
        **dict.fromkeys(("area", "layers", "measure", "zoom", "lon", "lat", "at", "every")),
        "isWall": False,
    }


def test_a_trail_forgets_its_beginning(blank: Visitor) -> None:
    script = """(() => {
      const host = {feed: {ask: () => Promise.reject(new Error('away'))}, teams: {}, palette: {}};
      const trails = new module.Trails(host);
      const units = new Map([[7, {id: 7, age: 0, x: 0.8, y: 0.4, simulated: true}]]);
      for (let now = 1000; now < 1000 + 6 * 3600; now += 1) {
        units.get(7).at = now;
        trails.hear(units, now);
      }
      const kept = trails.tracks.get(7).at;
      trails.hear(new Map(), 1000 + 6 * 3600);
      return [kept.length, kept.at(-1) - kept[0], trails.tracks.size];
    })()"""
    length, span, left = load(blank, "trails.js", script)  # type: ignore[misc]
    assert 60 < length <= 76
    assert 580 < span <= 600
    assert left == 0


def test_a_jump_is_no_way(blank: Visitor) -> None:
    since = datetime(2026, 3, 4, 6, tzinfo=UTC)
    at = since.timestamp() + np.array([0.0, 15.0, 30.0])
    lon = np.array([112.5, 113.5, 113.501])
    table = pd.DataFrame({"team_id": 7, "at": at, "lon": lon, "lat": 37.8, "simulated": True})
    jumping, on_the_way = locate(blank, table, since, [7, 22.5])
    assert jumping is not None
    assert (jumping["lon"], jumping["isKnown"]) == (pytest.approx(112.5, abs=1e-6), False)
    assert on_the_way is not None
    assert (on_the_way["lon"], on_the_way["isKnown"]) == (pytest.approx(113.5005, abs=1e-6), True)
