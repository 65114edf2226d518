"""What the terminal is told while the demo county is being made."""

from __future__ import annotations

import pytest

from gridmap.bootstrap import Services
from gridmap.domain.progress import Progress
from gridmap.errors import InvalidInput
from gridmap.services.context import Context
from gridmap.web.announcing import announce
from tests.loops import run


def run_out_of_room(progress: Progress) -> None:
    raise InvalidInput("The disk is full.", hint="Make room and start again.")


def test_a_founding_that_fails_is_told_in_one_line(sqlite_context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    job = sqlite_context.jobs.submit(run_out_of_room)
    run(announce(Services(sqlite_context, founding=job)))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith("on http://127.0.0.1:8501")
    assert lines[1:] == ["The disk is full. Make room and start again."]
