"""Long work off the request: any `concurrent.futures.Executor`, progress and cancelling through a folder.

A folder rather than a queue, because it works the same for a local process pool and for the executor of a Dask cluster
on a shared disk, and because nothing has to stay alive for it.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import shutil
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, NewType, ParamSpec

from gridmap.domain.progress import Progress, Told
from gridmap.errors import N_, Cancelled, GridmapError, NotFound

logger = logging.getLogger(__name__)

JobId = NewType("JobId", str)
P = ParamSpec("P")

_REPORT_INTERVAL_S = 0.2


@dataclass(frozen=True)
class JobStatus:
    """How a job stands. `state` is queued, running, done, failed or cancelled; `result` is set only when done.

    `message` is for `domain.progress.write_step`. A job that `is_stopping` was asked to stop and is not over yet.
    """

    name: str
    owner: str
    state: str
    fraction: float
    message: str
    result: Any = None
    error: GridmapError | None = None
    is_stopping: bool = False

    @property
    def is_over(self) -> bool:
        return self.state in {"done", "failed", "cancelled"}


@dataclass(frozen=True)
class _Job:
    name: str
    owner: str
    future: Future[Any]
    folder: Path


class JobRunner:
    """Starts jobs and answers for them while this process lives.

    Parameters
    ----------
    executor
        Where jobs run; by default a pool of processes started afresh, so that no lock or connection is inherited.
    """

    def __init__(self, executor: Executor | None = None, *, workers: int = 2) -> None:
        self._executor = executor or ProcessPoolExecutor(
            workers, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_interrupts_to_the_parent
        )
        self._root: Path | None = None
        self._jobs: dict[JobId, _Job] = {}
        self._lock = threading.Lock()

    def submit(
        self,
        function: Callable[Concatenate[Progress, P], Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> JobId:
        """Start `function(progress, *args, **kwargs)`; function and arguments must pickle."""
        return self.submit_for("", function.__name__, function, *args, **kwargs)

    def submit_for(
        self,
        owner: str,
        name: str,
        function: Callable[Concatenate[Progress, P], Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> JobId:
        """Start a job that belongs to the account `owner`."""
        folder = self.make_folder()
        job_id = JobId(folder.name)
        future = self._executor.submit(_run, folder, function, args, kwargs)
        with self._lock:
            self._jobs[job_id] = _Job(name, owner, future, folder)
        return job_id

    def make_folder(self) -> Path:
        """A new folder that the workers can read; it is gone at the latest when this process ends."""
        with self._lock:
            if self._root is None:
                self._root = Path(tempfile.mkdtemp(prefix="gridmap-jobs-"))
            folder = self._root / uuid.uuid4().hex
        folder.mkdir()
        return folder

    def status(self, job_id: JobId) -> JobStatus:
        """State of a job.

        Raises
        ------
        NotFound
            This process started no such job.
        """
        job = self._find(job_id)
        fraction, message = _read_report(job.folder)
        if not job.future.done():
            state = "running" if job.future.running() or message else "queued"
            is_stopping = _find_wish_to_stop(job.folder).exists()
            return JobStatus(job.name, job.owner, state, fraction, message, is_stopping=is_stopping)
        if job.future.cancelled():
            return JobStatus(job.name, job.owner, "cancelled", fraction, message)
        error = job.future.exception()
        if error is None:
            return JobStatus(job.name, job.owner, "done", 1.0, message, result=job.future.result())
        if isinstance(error, Cancelled):
            return JobStatus(job.name, job.owner, "cancelled", fraction, message, error=error)
        if isinstance(error, GridmapError):
            return JobStatus(job.name, job.owner, "failed", fraction, message, error=error)
        logger.error("job %s failed", job.name, exc_info=error)
        unexpected = GridmapError(
            N_("The work stopped unexpectedly; nothing was changed."), hint=N_("Try again; the log has the details.")
        )
        return JobStatus(job.name, job.owner, "failed", fraction, message, error=unexpected)

    def cancel(self, job_id: JobId) -> None:
        """Ask a job to stop at its next report."""
        job = self._find(job_id)
        _find_wish_to_stop(job.folder).touch()
        job.future.cancel()

    def wait(self, job_id: JobId, *, timeout_s: float | None = None) -> JobStatus:
        """Block until the job is over or `timeout_s` has passed, then answer its state."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not (status := self.status(job_id)).is_over and (deadline is None or time.monotonic() < deadline):
            time.sleep(0.05)
        return status

    def shutdown(self) -> None:
        """Cancel what runs, end the workers and clear the folder."""
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            _find_wish_to_stop(job.folder).touch()
        self._executor.shutdown(wait=True, cancel_futures=True)
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)

    def _find(self, job_id: JobId) -> _Job:
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise NotFound(N_("That piece of work is no longer known."), hint=N_("Start it again."))
        return job


class _FolderProgress:
    """Writes the newest report into the job's folder and looks there for the wish to stop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next = 0.0

    def __call__(self, fraction: float, message: str, /) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _REPORT_INTERVAL_S
        if _find_wish_to_stop(self._folder).exists():
            raise Cancelled(N_("Stopped on request; nothing was changed."))
        draft = self._folder / "report.tmp"
        facts = dict(message.facts) if isinstance(message, Told) else {}
        draft.write_text(json.dumps([fraction, message, facts]), encoding="utf-8")
        draft.replace(self._folder / "report.json")


def _find_wish_to_stop(folder: Path) -> Path:
    """The file that is there once a job was asked to stop."""
    return folder / "cancel"


def _read_report(folder: Path) -> tuple[float, str]:
    try:
        fraction, message, facts = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0.0, ""
    return float(fraction), Told(message, facts) if facts else str(message)


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl+C reaches every process of a terminal; the parent asks the workers to stop in its own way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run(folder: Path, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(_FolderProgress(folder), *args, **kwargs)
