"""A new edition of areas as a difference: what was added, removed, redrawn and recoded, seen before it is applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.areas import find_above
from gridmap.domain.change_orders import find_common_area
from gridmap.domain.crs import FloatArray, compute_areas_m2
from gridmap.domain.editions import Matching, match_editions
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, InvalidInput, MixedData, NoData
from gridmap.services.context import Context
from gridmap.sources.files import SAME_CODE, AreaFileOptions, read_area_file
from gridmap.sources.reconciliation import Notice, Tally
from gridmap.store import datasets, hierarchy

_SOME = 5
"""So many rows are named."""


@dataclass(frozen=True)
class Recoded:
    """A place that is called otherwise; both codes are the same where only its name or its households differ."""

    old: str
    new: str
    before: str
    after: str


@dataclass(frozen=True)
class Redrawn:
    """A place whose border is other: intersection over union, and square metres that it gains or loses."""

    code: str
    name: str
    iou: float
    changed_m2: float


@dataclass(frozen=True)
class Removed:
    """A place that is in the edition no more; `below` are areas of other levels that lie below it."""

    code: str
    name: str
    below: int


@dataclass(frozen=True)
class Became:
    """What was split, or what was merged: one place and the others, by code."""

    code: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class EditionDifference:
    """What an edition changes.

    Attributes
    ----------
    unchanged
        How many areas are as before in everything.
    codes, names, households
        The same place under another code, name, or number of households.
    rejected
        Rows of the file that cannot be taken, with `id` and `reason`; an edition with one is not applied.
    notices
        What a person should know of the rows that were taken.
    old, new, matching, revision
        What it was worked out from, for applying it.
    """

    file: str
    levels: tuple[int, ...]
    unchanged: int
    added: tuple[Removed, ...]
    removed: tuple[Removed, ...]
    redrawn: tuple[Redrawn, ...]
    codes: tuple[Recoded, ...]
    names: tuple[Recoded, ...]
    households: tuple[Recoded, ...]
    splits: tuple[Became, ...]
    merges: tuple[Became, ...]
    rejected: tuple[dict[str, str], ...]
    notices: tuple[Notice, ...]
    old: gpd.GeoDataFrame = field(repr=False, compare=False)
    new: gpd.GeoDataFrame = field(repr=False, compare=False)
    matching: Matching = field(repr=False, compare=False)
    revision: tuple[int, ...] = field(repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether the edition is what is loaded."""
        return not (self.added or self.removed or self.redrawn or self.codes or self.names or self.households)


def build_options(
    *,
    code_column: str | None = None,
    name_column: str | None = None,
    crs: str | None = None,
    datum: str | None = None,
    household_column: str | None = None,
) -> AreaFileOptions:
    """What a person says of a file, as an import takes it."""
    return AreaFileOptions(code_column or "", name_column or "", crs or "", datum or "", household_column or "")


def compare_edition(
    context: Context,
    actor: Actor,
    *,
    path: Path,
    options: AreaFileOptions | None = None,
    area_code: str | None = None,
    progress: Progress = silent,
) -> EditionDifference:
    """Hold an area file against the areas loaded; nothing is changed.

    Parameters
    ----------
    area_code
        What the edition is about: areas of its levels below this one that it lacks are removed. None: the narrowest
        area that holds all codes of the file.

    Raises
    ------
    UnreadableFile, NoData, UnknownCrs
        As `sources.files.read_area_file`; NoData also where no area of these levels is loaded.
    InvalidInput
        The file names a code twice; the rows are said.
    MixedData
        The database holds demo data, and the file areas that do not lie in it.
    NotAllowed
        The file names areas outside the scope.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    revision = context.revisions("areas")
    progress(0.0, N_("Reading areas"))
    new, tally = _read(path, options or AreaFileOptions())
    for code in new["code"]:
        check_allowed(actor, Permission.IMPORT_DATA, code)
    about = find_common_area(list(new["code"])) if area_code is None else area_code
    progress(0.4, N_("Comparing with the areas already loaded"))
    levels = sorted(int(level) for level in new["level"].unique())
    with context.database.read() as connection:
        _check_mixing(connection, list(new["code"]))
        old = hierarchy.load_levels(connection, levels, scope=actor.scope_code)
        below = hierarchy.load_other_codes(connection, levels)
    if old.empty:
        raise NoData(
            N_("No area of these levels is loaded."), hint=N_("Import the file; there is nothing to compare it with.")
        )
    matching = _match(old, new)
    keep = (matching.new_of >= 0) | np.array([code.startswith(about) for code in old["code"]], bool)
    if not keep.all():
        old = old[keep].reset_index(drop=True)
        matching = _match(old, new)
    progress(1.0, N_("Compared"))
    return _describe(path.name, old, new, matching, tally=tally, revision=revision, below=below)


def _check_mixing(connection: sa.Connection, codes: list[str]) -> None:
    """Refuse areas that are not of the demo county where it is loaded; an edition of the county is demo data."""
    if not datasets.is_synthetic(connection):
        return
    known = set(hierarchy.load_all_codes(connection).values())
    foreign = next((code for code in codes if code not in known and find_above(code, known) is None), None)
    if foreign is not None:
        raise MixedData(
            N_("This database holds demo data; {code} is no area of it, and real data is not mixed into it."),
            hint=N_("Import the file with “Replace the data loaded before” (--replace), or use another database."),
            code=foreign,
        )


def _read(path: Path, options: AreaFileOptions) -> tuple[gpd.GeoDataFrame, Tally]:
    tally = Tally()
    new = read_area_file(path, options=options, tally=tally).areas
    twice = [item["id"] for item in tally.rejected if item["reason"] == SAME_CODE]
    if twice:
        raise InvalidInput(
            N_("{number} rows of {name} have the code of another row: {rows}."),
            hint=N_("Correct the file; each area stands in it once."),
            number=len(twice),
            name=path.name,
            rows=", ".join(twice[:_SOME]) + (" …" if len(twice) > _SOME else ""),
        )
    return new.reset_index(drop=True), tally


def _match(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> Matching:
    """As `match_editions`, level by level."""
    count = len(old)
    new_of, iou, redrawn = np.full(count, -1, np.int64), np.zeros(count), np.zeros(count, bool)
    flows: list[tuple[np.ndarray, np.ndarray, FloatArray]] = []
    for level in new["level"].unique():
        mine, theirs = np.flatnonzero(old["level"] == level), np.flatnonzero(new["level"] == level)
        if not len(mine):
            continue
        part = match_editions(
            old.geometry.to_numpy()[mine],
            new.geometry.to_numpy()[theirs],
            old_keys=list(old["code"].iloc[mine]),
            new_keys=list(new["code"].iloc[theirs]),
        )
        new_of[mine] = np.where(part.new_of >= 0, theirs[part.new_of], -1)
        iou[mine], redrawn[mine] = part.iou, part.redrawn
        flows.append((mine[part.parts], theirs[part.heirs], part.shares))
    parts, heirs, shares = (np.concatenate([flow[i] for flow in flows]) for i in range(3))
    return Matching(new_of, iou, redrawn, parts.astype(np.int64), heirs.astype(np.int64), shares)


def _describe(
    name: str,
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    matching: Matching,
    *,
    tally: Tally,
    revision: tuple[int, ...],
    below: list[str],
) -> EditionDifference:
    kept = np.flatnonzero(matching.new_of >= 0)
    ours, theirs = old.iloc[kept].reset_index(drop=True), new.iloc[matching.new_of[kept]].reset_index(drop=True)
    gone, come = np.flatnonzero(matching.new_of < 0), np.setdiff1d(np.arange(len(new)), matching.new_of)
    other = {column: find_other(ours, theirs, column) for column in ("code", "name", "households")}
    changed = matching.redrawn[kept] | other["code"] | other["name"] | other["households"]
    codes_old, codes_new = list(old["code"]), list(new["code"])
    return EditionDifference(
        file=name,
        levels=tuple(sorted(int(level) for level in new["level"].unique())),
        unchanged=int((~changed).sum()),
        added=tuple(Removed(row.code, row.name_, 0) for row in _named(new.iloc[come]).itertuples()),
        removed=tuple(
            Removed(row.code, row.name_, _count_below(below, row.code)) for row in _named(old.iloc[gone]).itertuples()
        ),
        redrawn=_list_redrawn(old, new, matching),
        codes=_list_other(ours, theirs, other["code"], "name"),
        names=_list_other(ours, theirs, other["name"], "name"),
        households=_list_other(ours, theirs, other["households"], "households"),
        splits=tuple(Became(codes_old[i], tuple(codes_new[j] for j in others)) for i, others in matching.list_splits()),
        merges=tuple(Became(codes_new[j], tuple(codes_old[i] for i in others)) for j, others in matching.list_merges()),
        rejected=tuple(tally.rejected),
        notices=tuple(tally.notices),
        old=old,
        new=new,
        matching=matching,
        revision=revision,
    )


def _named(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame({"code": frame["code"], "name_": frame["name"]})


def find_other(ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame, column: str) -> np.ndarray:
    """Where an edition says something else; where it says nothing of households, they stay."""
    other = ours[column].to_numpy(object) != theirs[column].to_numpy(object)
    return np.asarray(other & theirs[column].notna().to_numpy(), bool)


def _list_other(
    ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame, other: np.ndarray, column: str
) -> tuple[Recoded, ...]:
    rows = zip(ours["code"][other], theirs["code"][other], ours[column][other], theirs[column][other], strict=True)
    return tuple(Recoded(old, new, _write(before), _write(after)) for old, new, before, after in rows)


def _write(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else str(int(value))
    return "" if value is None else str(value)


def _list_redrawn(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, matching: Matching) -> tuple[Redrawn, ...]:
    at = np.flatnonzero(matching.redrawn)
    a, b = old.geometry.to_numpy()[at], new.geometry.to_numpy()[matching.new_of[at]]
    differing = shapely.area(shapely.symmetric_difference(a, b)) / shapely.area(a) * compute_areas_m2(a)
    rows = zip(new["code"].iloc[matching.new_of[at]], new["name"].iloc[matching.new_of[at]], strict=True)
    listed = [
        Redrawn(code, name, float(iou), float(m2))
        for (code, name), iou, m2 in zip(rows, matching.iou[at], differing, strict=True)
    ]
    return tuple(sorted(listed, key=lambda item: -item.changed_m2))


def _count_below(codes: list[str], code: str) -> int:
    """How many of sorted codes lie below one."""
    low, high = np.searchsorted(np.array(codes, dtype=str), [code, code + ":"]) if codes else (0, 0)
    return int(high - low)
