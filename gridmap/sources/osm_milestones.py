"""Milestones of an OpenStreetMap extract: posts beside railways and the mileage they show."""

from __future__ import annotations

import re

import pandas as pd

from gridmap.errors import N_
from gridmap.sources.dataset import MILESTONE_COLUMNS, empty_table
from gridmap.sources.osm_reader import NodeTable
from gridmap.sources.reconciliation import Tally

_KILOMETRES = re.compile(r"(?:km\s*)?(\d{1,5}(?:[.,]\d{1,4})?)(?:\s*km)?", re.IGNORECASE)


def build_milestones(nodes: NodeTable, *, tally: Tally) -> pd.DataFrame:
    """Nodes railway=milestone with `dataset.MILESTONE_COLUMNS`.

    No objects of interest of their own: they only say how mileage runs along lines that are counted already. Those
    whose railway:position is no number of kilometres are noted.
    """
    rows: list[tuple[str, float, float, float]] = []
    for row, tags in enumerate(nodes.tags):
        if tags.get("railway") != "milestone":
            continue
        # The exact one, where there is one, is surveyed; the other is what the post shows, in tenths of a kilometre.
        text = tags.get("railway:position:exact") or tags.get("railway:position", "")
        match = _KILOMETRES.fullmatch(text.strip())
        name = f"node/{nodes.node_id[row]}"
        if match is None:
            tally.warn(N_("Milestone {name} shows no kilometres: “{text}”."), name=name, text=text)
        else:
            metres = round(float(match[1].replace(",", ".")) * 1000, 1)
            rows.append((name, metres, float(nodes.lon[row]), float(nodes.lat[row])))
    return pd.DataFrame(rows, columns=list(MILESTONE_COLUMNS)) if rows else empty_table(MILESTONE_COLUMNS)
