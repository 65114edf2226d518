"""Jobs report, fail with a sentence and stop on request; in real worker processes."""

from collections.abc import Iterator

import pytest

from gridmap.domain.progress import Progress, Told, write_step
from gridmap.errors import Cancelled, InvalidInput, NotFound
from gridmap.jobs import JobId, JobRunner


def add(progress: Progress, a: int, b: int) -> int:
    progress(0.5, "Adding")
    return a + b


def refuse(progress: Progress, name: str) -> None:
    raise InvalidInput("{name} is refused.", hint="Take another.", name=name)


def crash(progress: Progress) -> None:
    raise ZeroDivisionError("a fault of ours")


def count_for_ever(progress: Progress) -> None:
    while True:
        progress(0.1, Told("Counting {number}", {"number": 7}))


@pytest.fixture(scope="module")
def jobs() -> Iterator[JobRunner]:
    runner = JobRunner(workers=1)
    yield runner
    runner.shutdown()


def test_a_job_answers_with_its_result(jobs: JobRunner) -> None:
    status = jobs.wait(jobs.submit_for("anna", "Sum", add, 2, 3), timeout_s=60)
    assert (status.state, status.result, status.fraction, status.owner, status.name) == ("done", 5, 1.0, "anna", "Sum")


def test_an_expected_failure_keeps_its_sentence(jobs: JobRunner) -> None:
    status = jobs.wait(jobs.submit(refuse, "x"), timeout_s=60)
    assert status.state == "failed"
    assert isinstance(status.error, InvalidInput)
    assert str(status.error) == "x is refused."


def test_a_fault_is_told_without_its_details(jobs: JobRunner, caplog: pytest.LogCaptureFixture) -> None:
    status = jobs.wait(jobs.submit(crash), timeout_s=60)
    assert status.state == "failed"
    assert "unexpectedly" in str(status.error)
    assert "a fault of ours" in caplog.text


def test_a_running_job_stops_on_request(jobs: JobRunner) -> None:
    job = jobs.submit(count_for_ever)
    while write_step(jobs.status(job).message) != "Counting 7":
        assert not jobs.status(job).is_over
    assert jobs.status(job).state == "running"
    waiting = jobs.submit(add, 2, 3)  # held ready behind the other, where it can no longer be taken out
    assert not jobs.status(waiting).is_stopping
    jobs.cancel(waiting)
    assert jobs.status(waiting).is_stopping or jobs.status(waiting).is_over
    jobs.cancel(job)
    assert jobs.wait(waiting, timeout_s=60).state == "cancelled"
    status = jobs.wait(job, timeout_s=60)
    assert status.state == "cancelled"
    assert not status.is_stopping
    assert isinstance(status.error, Cancelled)


def test_an_unknown_job_is_said_to_be_unknown(jobs: JobRunner) -> None:
    with pytest.raises(NotFound):
        jobs.status(JobId("nothing"))
