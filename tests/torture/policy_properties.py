"""What must hold of the model whose policy says when runs begin: no row counts twice, and no limit is exceeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from app.decide.names.statuses import RunStatus
from app.decide.watching.history import past_run
from app.flow.watching.measuring import is_measuring
from app.ledger import RunRecord, ledger

from tests.torture.fakes.resources import STACK
from tests.torture.people import COOLDOWN_S, MOST_RUNS, WATCHED, People
from tests.torture.simulated_account import Account

A_DAY = timedelta(days=1)


def policies(account: Account, people: People) -> Iterator[str]:
    """The properties of all that the policy decided."""
    if WATCHED not in people.models:
        return
    records = [record for record in ledger().runs() if record.model == WATCHED]
    yield from _windows(account)
    yield from _limits(records)
    yield from _held_back(records)


def _windows(account: Account) -> Iterator[str]:
    """An upload is measured once for each version, and never for one that has read it."""
    windows = ledger().newest_windows(WATCHED, "quality", 10_000)
    for identity, times in Counter(window.id for window in windows).items():
        if times > 1:
            yield f"a row is counted twice: {identity} is in {times} windows"
    for window in windows:
        upload = window.id.removeprefix("upload-").partition("#")[0]
        if upload in account.pipelines.read_by(f"{STACK}--{WATCHED}", str(window.version)):
            yield f"a version is measured on what it learnt from: {window.id}"


def _limits(records: list[RunRecord]) -> Iterator[str]:
    """No run that nobody asked for begins within the cooldown, or as one more than may be."""
    begun = [(past.began_at, record) for record in records if (past := past_run(record)) is not None]
    begun.sort(key=lambda one: one[0])
    for number, (at, record) in enumerate(begun):
        if record.cause.get("kind") == "request":
            continue
        before = [earlier for earlier, _ in begun[:number]]
        if before and at - before[-1] < timedelta(seconds=COOLDOWN_S):
            yield f"a cooldown is exceeded: {record.id} began {at - before[-1]} after the one before"
        if sum(at - earlier < A_DAY for earlier in before) >= MOST_RUNS:
            yield f"more runs begin than may: {record.id} is one of {len(before) + 1}"


def _held_back(records: list[RunRecord]) -> Iterator[str]:
    """What was held back says why, and trained nothing; a job of what only measured may have refused a file."""
    for record in records:
        if record.status is RunStatus.NOT_DUE and not record.reasons:
            yield f"nobody knows why a run was held back: {record.id}"
        if record.status is RunStatus.NOT_DUE and record.current_pipeline and not is_measuring(record):
            yield f"a run that was held back began its pipeline: {record.id}, {record.current_pipeline}"
