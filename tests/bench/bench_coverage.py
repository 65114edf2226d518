"""Coverage from tracks with known truth, against the usual buffer of 30 m about the line, on the same tracks.

Half of the tracks are patrols, half distractors in equal parts (a car on a parallel road, a train, crossing traffic),
over the railways and roads of Liechtenstein and of the demo county. The constants of the model were chosen on seeds
0 to 39; the figures are of seeds 1000 to 1047, which nothing was chosen on. `tests/made_tracks.py` says how tracks are
made: AR(1) noise of 30 s correlation time on each axis, sampling of 1, 10 and 30 s.
"""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from gridmap.domain.access import TERMINAL
from gridmap.domain.tracking.matching import match_track
from gridmap.domain.tracking.track import Track
from gridmap.services.context import Context
from gridmap.services.demo import create_demo
from gridmap.services.imports import import_file
from tests.bench.figures import Board, Figure
from tests.made_tracks import Place, Score, load_place, make_noise, make_set, match_by_buffer, score

HELD_OUT = range(1000, 1048)
SAMPLINGS_S = (1.0, 10.0, 30.0)
LEAST = {5.0: 0.97, 10.0: 0.95, 20.0: 0.90}
MOST_SECONDS = 2.0


@pytest.fixture(scope="module")
def places(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Place]:
    folder = tmp_path_factory.mktemp("coverage")

    def load_liechtenstein(context: Context) -> None:
        import_file(context, TERMINAL, path=realdata / "osm" / "liechtenstein.osm.pbf")

    def load_demo(context: Context) -> None:
        create_demo(context, TERMINAL, seed=1)

    return [
        load_place(folder / "liechtenstein.db", load_liechtenstein),
        load_place(folder / "demo.db", load_demo),
    ]


@pytest.mark.bench
@pytest.mark.parametrize("sigma_m", sorted(LEAST))
def test_covered_metres_are_found_and_no_others(places: list[Place], board: Board, sigma_m: float) -> None:
    ours: defaultdict[str, Score] = defaultdict(Score)
    peer = Score()
    sides = np.zeros(2)
    for place in places:
        for every_s in SAMPLINGS_S:
            for made in make_set(place, seeds=HELD_OUT, sigma_m=sigma_m, every_s=every_s):
                found = match_track(made.track, lines=place.lines, network=place.network)
                own = score(made.truth, [(part.line_id, part.from_m, part.to_m) for part in found.covered])
                for group in ("all", f"{every_s:.0f} s", made.kind):
                    ours[group] += own
                peer += score(made.truth, match_by_buffer(place, made.track))
                if made.truth:
                    right = [part.side in (*made.sides, "both") for part in found.covered]
                    sides += np.bincount(right, [part.length_m for part in found.covered], minlength=2)[:2]
    print(f"\nnoise {sigma_m:.0f} m, seeds {HELD_OUT.start} to {HELD_OUT.stop - 1}")
    for group, total in [*ours.items(), ("peer: buffer of 30 m", peer)]:
        wrong_km = (total.found_m - total.both_m) / 1000
        print(
            f"  {group:<22} precision {total.precision:.3f}  recall {total.recall:.3f}  "
            f"true {total.true_m / 1000:7.1f} km  wrongly {wrong_km:6.2f} km"
        )
    print(f"  side right on {sides[1] / sides.sum():.3f} of what is found")
    whole = ours["all"]
    board.check(
        *(
            Figure(f"coverage, {sigma_m:.0f} m noise: 1 - {name}", 1 - LEAST[sigma_m], 1 - value, "", {"buffer": other})
            for name, value, other in (
                ("precision", whole.precision, 1 - peer.precision),
                ("recall", whole.recall, 1 - peer.recall),
            )
        )
    )


@pytest.mark.bench
def test_a_day_at_a_fix_a_second_takes_less_than_two_seconds(places: list[Place], board: Board) -> None:
    place = places[1]
    axis = next(iter(place.axes.values()))
    rng = np.random.default_rng(1)
    seconds = np.arange(30_000)
    mileage = axis.at[0] + 500 + 1.2 * seconds
    xy = axis.beside(mileage, np.full(len(seconds), 12.0)) + make_noise(rng, len(seconds), sigma_m=10.0)
    lon, lat = place.to_lonlat(xy).T
    unknown = np.full(len(seconds), np.nan)
    track = Track(lon, lat, 1_772_600_000.0 + seconds, unknown, unknown)
    match_track(track, lines=place.lines, network=place.network)
    began = time.perf_counter()
    found = match_track(track, lines=place.lines, network=place.network)
    taken_s = time.perf_counter() - began
    began = time.perf_counter()
    match_by_buffer(place, track)
    peer_s = time.perf_counter() - began
    covered_m = sum(part.length_m for part in found.covered)
    print(f"\n30,000 fixes, {covered_m / 1000:.1f} of {np.ptp(mileage) / 1000:.1f} km found")
    assert covered_m == pytest.approx(np.ptp(mileage), rel=0.03)
    board.check(Figure("coverage of a day at 1 Hz", MOST_SECONDS, taken_s, "s", {"buffer": peer_s}))
