"""Files that a person asks for by name."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from gridmap.errors import N_, StoreFailure


def require_writable(*paths: Path | None) -> None:
    """Find out before long work whether its files can be written afterwards; names that are None are none.

    Folders that are missing are made.

    Raises
    ------
    StoreFailure
        A file cannot be written there.
    """
    for path in filter(None, paths):
        if path.is_dir():
            raise _fail(path, os.strerror(errno.EISDIR))
        require_folder(path.parent)
        if path.exists() and not os.access(path, os.W_OK):
            raise _fail(path, os.strerror(errno.EACCES))


def require_folder(folder: Path) -> None:
    """Make a folder that files are to be written to; raises StoreFailure where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _fail(folder, error.strerror or str(error)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _fail(folder, os.strerror(errno.EACCES))


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
        raise _fail(path, error.strerror or str(error)) from error


def _fail(path: Path, reason: str) -> StoreFailure:
    return StoreFailure(
        N_("{path} cannot be written: {reason}."), hint=N_("Choose another place."), path=str(path), reason=reason
    )
