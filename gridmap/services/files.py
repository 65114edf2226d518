"""Files that a person asks for by name."""

from __future__ import annotations

from pathlib import Path

from gridmap.errors import N_, StoreFailure


def write_text(path: Path, text: str) -> None:
    """Write a file as UTF-8, see `write_bytes`."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file; a folder that is missing is made.

    Raises
    ------
    StoreFailure
        It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise StoreFailure(
            N_("{path} cannot be written: {reason}."),
            hint=N_("Choose another place."),
            path=str(path),
            reason=error.strerror or str(error),
        ) from error
