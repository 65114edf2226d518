"""The look of the pages: one style sheet, with the colours of the theme and the state of the panel set beside it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import streamlit as st

from gridmap.i18n import Translate

PANEL_PX = 360
SHEET_DVH = 46
"""What the panel of a phone takes from the map, in hundredths of the screen."""

_LIGHT = {
    "ground": "#ffffff",
    "raised": "#faf9f6",
    "sunken": "#f1eee8",
    "ink": "#23282d",
    "quiet": "#5f6770",
    "line": "#dedad3",
    "accent": "#1f5673",
    "alert": "#b3261e",
    "warn": "#8f5a00",
    "good": "#2f6b46",
    "bar": "#17303f",
    "past": "#b9b4aa",
}
_DARK = {
    "ground": "#1b2024",
    "raised": "#22282d",
    "sunken": "#14181b",
    "ink": "#e6e8ea",
    "quiet": "#9aa4ad",
    "line": "#343c43",
    "accent": "#7fb8d6",
    "alert": "#ff8a80",
    "warn": "#f0b95a",
    "good": "#7cc79a",
    "bar": "#0f171c",
    "past": "#6b727a",
}


def colours_of(theme: str) -> dict[str, str]:
    """Colours of the pages, by name."""
    return dict(_DARK if theme == "dark" else _LIGHT)


def draw_style(translate: Translate, *, theme: str, panel_open: bool) -> None:
    """Inject the style once per run; `panel_open` narrows the map."""
    values = colours_of(theme)
    values["panel"] = f"{PANEL_PX if panel_open else 0}px"
    values["sheet"] = f"{SHEET_DVH if panel_open else 0}dvh"
    values["word-choose"] = json.dumps(translate("Choose a file"), ensure_ascii=False)
    values["word-drop"] = json.dumps(translate("or drop it here"), ensure_ascii=False)
    root = "".join(f"--gm-{name}:{value};" for name, value in values.items())
    st.html(f"<style>:root{{{root}}}\n{_read_sheet()}</style>")


@cache
def _read_sheet() -> str:
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")
