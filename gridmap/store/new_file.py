"""A file that appears whole or not at all, and never in place of another."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.errors import N_, DiskFull, InvalidInput, StoreFailure


@contextmanager
def create_file(target: Path, *, private: bool = False) -> Iterator[Path]:
    """A path to write to; it becomes `target` when the block ends well and is removed when it does not.

    A `private` file can be read by its owner only, from its first byte on.

    Raises
    ------
    InvalidInput
        The target exists already, or its folder does not.
    DiskFull
        There is no room left.
    StoreFailure
        It cannot be written for another reason.
    """
    target = target.expanduser().absolute()
    if target.exists():
        raise InvalidInput(
            N_("There is a file called “{path}” already."), hint=N_("Choose another name."), path=str(target)
        )
    if not target.parent.is_dir():
        raise InvalidInput(
            N_("There is no folder “{path}”."), hint=N_("Make it first, or choose another."), path=str(target.parent)
        )
    # The ending stays, because writers choose the format by it.
    draft = target.with_name(f".{target.stem}-{uuid.uuid4().hex[:8]}{target.suffix}")
    try:
        if private:
            draft.touch(mode=0o600)
        yield draft
        draft.replace(target)
    except OSError as error:
        raise _translate(error) from error
    finally:
        draft.unlink(missing_ok=True)


def _translate(error: OSError) -> DiskFull | StoreFailure:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(N_("The disk is full; nothing was changed."), hint=N_("Free some space and try again."))
    return StoreFailure(
        N_("The file cannot be written: {reason}."),
        hint=N_("Check the rights on the folder, or choose another."),
        reason=error.strerror or str(error),
    )
