"""What must hold of files that are to be scored: each is scored once, or refused, or people are told why it is not."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from app.decide.names.hashes import digest
from app.decide.uploads.scores import Scoring, parse_scoring_key

from tests.torture.fakes.functions import PROCESS_ENDED
from tests.torture.fakes.s3 import BUCKET
from tests.torture.fakes.states import Execution
from tests.torture.fakes.transforms import answer
from tests.torture.fates import Container
from tests.torture.faults import ANSWER_LOST, DIED, THROTTLED
from tests.torture.people import People, Upload
from tests.torture.simulated_account import Account


def scorings(account: Account, people: People) -> Iterator[str]:
    """Every file that was to be scored has come to its end, and people know of it."""
    versions = Counter(upload.key for upload in people.to_score)
    for number, upload in enumerate(people.to_score):
        scoring = parse_scoring_key(BUCKET, upload.key, upload.version)
        assert scoring, upload
        execution = account.states.executions.get(scoring.id)
        replaced = any(newer.key == upload.key for newer in people.to_score[number + 1 :])
        if execution is None and not replaced:
            yield f"a file is never scored: {upload.key}"
        elif execution and execution.status in ("SUCCEEDED", "FAILED"):
            yield from _end(account, upload, scoring, execution, alone=versions[upload.key] == 1)


def _end(account: Account, upload: Upload, scoring: Scoring, execution: Execution, *, alone: bool) -> Iterator[str]:
    status = "Failed" if execution.status == "FAILED" else str(execution.data["status"])
    told = {notice["id"] for notice in account.functions.notices}
    if digest("scoring", scoring.id, status)[:32] not in told:
        yield f"the end of a scoring was never told: {upload.key} is {status}"
    if status != "Failed" and (status == "Scored") != upload.good:
        yield f"a file is judged wrongly: {upload.key} is {status}"
    if status == "Scored" and alone:
        yield from _scores(account, upload, scoring)
    yield from _lightly_failed(account, upload, execution)


def _scores(account: Account, upload: Upload, scoring: Scoring) -> Iterator[str]:
    """Each row has the answer for just that row; while a version is verified it may be the one that answers."""
    body = list(account.s3.versions[upload.key].values())[-1].decode()
    scored = list(account.s3.versions[scoring.scored_key].values())[-1].decode()
    rows, found = list(csv.DictReader(io.StringIO(body))), list(csv.DictReader(io.StringIO(scored)))
    answers = [
        [answer(f'["{row["tenure"]}"]', container) for row in rows]
        for container in (Container.HEALTHY, Container.WRONG)
    ]
    if [float(row["predicted_probability"]) for row in found] not in answers:
        yield f"a file is scored wrongly: {upload.key}, {scored!r}"


def _lightly_failed(account: Account, upload: Upload, execution: Execution) -> Iterator[str]:
    kinds = Counter(fault.kind for fault in account.faults.log)
    if PROCESS_ENDED in execution.cause and kinds[DIED] <= 3:
        yield f"a dead process cost a scoring: {upload.key}, {execution.cause}"
    passes = "ThrottlingException" in execution.cause or "Read timeout" in execution.cause
    if passes and kinds[THROTTLED] + kinds[ANSWER_LOST] <= 8:
        yield f"an error that passes cost a scoring: {upload.key}, {execution.cause}"
