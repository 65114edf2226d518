"""Files a person gives a page, put where a worker process can read them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from gridmap.pages.state import Key, Upload
from gridmap.pages.visit import Visit


class UploadedFile(Protocol):
    """What Streamlit's uploader answers."""

    name: str
    file_id: str

    def getbuffer(self) -> memoryview: ...


def keep_upload(visit: Visit, key: Key[Upload | None], upload: UploadedFile) -> Path:
    """Put the upload where a worker process can read it, once per upload; the one before it goes."""
    kept = key.get()
    if kept is None or kept.file_id != upload.file_id:
        drop_upload(key)
        path = visit.context.jobs.make_folder() / Path(upload.name).name
        path.write_bytes(upload.getbuffer())
        kept = Upload(upload.file_id, path)
        key.set(kept)
    return kept.path


def drop_upload(key: Key[Upload | None]) -> None:
    """Remove the file that `key` names, where it names one."""
    kept = key.get()
    if kept is not None:
        shutil.rmtree(kept.path.parent, ignore_errors=True)
        key.clear()
