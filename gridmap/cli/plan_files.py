"""Plan files of the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gridmap.errors import N_, UnreadableFile


def read_plan_file(path: Path) -> Any:
    """The JSON in a plan file.

    Raises
    ------
    UnreadableFile
        It cannot be read, or holds no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFile(
            N_("{path} cannot be read: {reason}."),
            hint=N_("Check the name and the rights of the file."),
            path=str(path),
            reason=error.strerror or str(error),
        ) from error
    except ValueError as error:
        raise UnreadableFile(
            N_("{path} is not a plan: it holds no JSON."),
            hint=N_("Choose a file written by “plan --out”."),
            path=str(path),
        ) from error
