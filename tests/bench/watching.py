"""What a person sees of a map while it is used, measured in the page itself: when it is there, how evenly it moves."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Frame, Page

NOTE_PICTURES = """
(() => {
  // The moment of the last picture hung and of the last table, by the clock of the machine.
  const now = () => performance.timeOrigin + performance.now();
  const seen = window.seen = {began: performance.timeOrigin, picture: null, table: null};
  const wait = setInterval(() => {
    const app = window.gridmap?.app;
    if (!app) return;
    clearInterval(wait);
    const hang = app.tiles.hang.bind(app.tiles);
    app.tiles.hang = (picture) => { hang(picture); seen.picture = now(); };
    app.feed.listeners.add(() => { seen.table = app.feed.loadedAt; });
  }, 2);
})();
"""
"""Runs in every frame before anything else does."""

IS_QUIET = """
([selector, quietMs]) => {
  // Every table and picture is here, and for a while nothing was painted anew.
  const inside = document.querySelector(selector)?.contentWindow;
  const app = inside?.gridmap?.app;
  if (!app?.isSettled || !inside.seen.picture || app.table('cells').length === 0) return false;
  // A calm province has no incident.
  if (Object.entries(app.feed.tables).some(([name, table]) => name !== 'incidents' && table.length === 0)) return false;
  return performance.timeOrigin + performance.now() - Math.max(inside.seen.picture, inside.seen.table) > quietMs;
}
"""

RECORD_FRAMES = """
() => {
  const frames = window.frameTimes = [];
  const note = (at) => {
    frames.push(at);
    if (window.frameTimes === frames) requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}
"""

STOP_RECORDING = "() => { const frames = window.frameTimes; window.frameTimes = null; return frames; }"

DRAG_PX, DRAG_STEPS, DRAG_LEGS = 260, 40, 4
WHEEL_NOTCHES, WHEEL_PAUSE_MS = (-120, -120, 120, 120), 700


@dataclass(frozen=True)
class Motion:
    """How evenly a map moved: times between frames, milliseconds."""

    p50_ms: float
    p95_ms: float
    longest_ms: float

    @classmethod
    def from_times(cls, times_ms: list[float]) -> Motion:
        steps = np.diff(times_ms)
        p50, p95 = np.percentile(steps, [50, 95])
        return cls(float(p50), float(p95), float(steps.max()))

    @classmethod
    def median(cls, runs: list[Motion]) -> Motion:
        names = ("p50_ms", "p95_ms", "longest_ms")
        return cls(*(statistics.median(getattr(run, name) for run in runs) for name in names))


def drag(page: Page, middle: tuple[float, float]) -> None:
    """Pull the ground around a square with the left button, as fast as the page takes the moves."""
    x, y = middle
    page.mouse.move(x, y)
    page.mouse.down()
    for dx, dy in ((DRAG_PX, 0), (0, DRAG_PX), (-DRAG_PX, 0), (0, -DRAG_PX))[:DRAG_LEGS]:
        x, y = x + dx, y + dy
        page.mouse.move(x, y, steps=DRAG_STEPS)
    page.mouse.up()


def wheel(page: Page, middle: tuple[float, float]) -> None:
    """Two notches in, two notches out, each with the time that a person takes."""
    page.mouse.move(*middle)
    for notch in WHEEL_NOTCHES:
        page.mouse.wheel(0, notch)
        page.wait_for_timeout(WHEEL_PAUSE_MS)


def record(frame: Frame, move: Callable[[], None]) -> Motion:
    """Frames of the page while `move` lasts."""
    frame.evaluate(RECORD_FRAMES)
    move()
    return Motion.from_times(frame.evaluate(STOP_RECORDING))


class Heap:
    """JavaScript heap of a page with its workers, after a forced collection."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._workers: list[str] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._asked = 0
        self._session.on("Target.attachedToTarget", self._note_worker)
        self._session.on("Target.receivedMessageFromTarget", self._note_answer)
        options = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
        self._session.send("Target.setAutoAttach", options)

    def _note_worker(self, event: dict[str, Any]) -> None:
        if event["targetInfo"]["type"] == "worker":
            self._workers.append(event["sessionId"])

    def _note_answer(self, event: dict[str, Any]) -> None:
        answer = json.loads(event["message"])
        if "id" in answer:
            self._answers[answer["id"]] = answer

    def _ask_worker(self, worker: str, method: str) -> dict[str, Any]:
        self._asked += 1
        message = json.dumps({"id": self._asked, "method": method})
        self._session.send("Target.sendMessageToTarget", {"sessionId": worker, "message": message})
        while self._asked not in self._answers:
            self._session.send("Runtime.getHeapUsage")  # a turn of the page, in which answers come in
        return dict(self._answers.pop(self._asked)["result"])

    def measure(self) -> tuple[float, float]:
        """Megabytes of objects, and of the buffers that belong to them."""
        usages = []
        for ask in (self._session.send, *(lambda method, w=w: self._ask_worker(w, method) for w in self._workers)):
            ask("HeapProfiler.collectGarbage")
            usages.append(ask("Runtime.getHeapUsage"))
        return (
            sum(usage["usedSize"] for usage in usages) / 1e6,
            sum(usage.get("backingStorageSize", 0) for usage in usages) / 1e6,
        )
