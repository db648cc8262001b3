"""Have a file scored by the version that serves, in one batch: upload, wait, download."""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.decide.messages import MOST_REASON
from app.decide.names.resource_names import scoring_name
from app.decide.names.shown_text import shown

from cli import text_files
from cli.errors import UserError
from cli.stack.rows import spreadsheets
from cli.stack.target import Target

AWS_POLL_S = 10.0
SCORED = "Scored"


@dataclass(frozen=True)
class Scored:
    """What became of a file."""

    model: str
    status: str  # SCORED, Refused or Failed
    rows: int
    file: str  # the answers, downloaded
    key: str  # the answers in the data bucket
    reason: str
    execution: str
    formulas: int = 0  # cells of ``file`` that a spreadsheet would run


def score(target: Target, model: str, path: Path, into: Path, deadline_s: float) -> Scored:
    """Upload ``path`` to scoring/, wait for its end, and download the answers to ``into``, unpacked.

    Raises:
        UserError: there is no such file or folder, or nothing came of it in time.
    """
    if not path.is_file():
        raise UserError(f"no file {path}")
    if not into.parent.is_dir():
        raise UserError(f"no folder {into.parent} for the answers; nothing was uploaded")
    outputs, s3 = target.outputs(), target.client("s3")
    bucket, key = outputs["DataBucketName"], f"scoring/{model}/{path.name}"
    s3.upload_file(str(path), bucket, key)
    version = s3.head_object(Bucket=bucket, Key=key)["VersionId"]
    machine = outputs["ScoringStateMachineArn"].replace(":stateMachine:", ":execution:")
    execution = f"{machine}:{scoring_name(bucket, model, key, version)}"
    end = _ended(target, execution, deadline_s)
    outcome = json.loads(end["output"]) if end["status"] == "SUCCEEDED" else {"status": "Failed"}
    reason = str(outcome.get("reason") or end.get("cause") or "")
    if outcome["status"] == SCORED:
        s3.download_file(bucket, outcome["key"], str(into))
        text_files.unpack(into)
    return Scored(
        model, outcome["status"], int(outcome.get("rows", 0)), str(into) if "key" in outcome else "",
        outcome.get("key", ""), reason, execution,
    )  # fmt: skip


def _ended(target: Target, execution: str, deadline_s: float) -> dict[str, Any]:
    """The execution, once it has ended; it begins when the upload's event comes."""
    machines, deadline = target.client("stepfunctions"), time.monotonic() + deadline_s
    status = "not begun"
    while time.monotonic() < deadline:
        try:
            found: dict[str, Any] = machines.describe_execution(executionArn=execution)
        except machines.exceptions.ExecutionDoesNotExist:
            found = {"status": status}
        status = found["status"]
        if status not in ("not begun", "RUNNING"):
            return found
        time.sleep(target.poll_s(AWS_POLL_S))
    raise UserError(f"the scoring {execution} is still {status.lower()} after {deadline_s:.0f} s")


def for_spreadsheets(scored: Scored, *, safe: bool) -> Scored:
    """The outcome with how many cells of the downloaded file a spreadsheet would run: none once they are made ``safe``,
    which changes them. The file in the data bucket stays as it is.
    """
    path = Path(scored.file)
    if safe:
        spreadsheets.make_safe(path)
    return replace(scored, formulas=spreadsheets.count_formulas(path))


def render_text(scored: Scored) -> str:
    """What became of the file, for a person."""
    if scored.status == SCORED:
        done = f"{scored.rows:,} rows scored: {scored.file} (and {shown(scored.key)} in the data bucket)"
        warning = f"{scored.formulas:,} cells begin as formulas do, and a spreadsheet runs them: --spreadsheet-safe"
        return f"{done}\n{warning}" if scored.formulas else done
    return f"{scored.status.lower()}: {shown(scored.reason, MOST_REASON)}"
