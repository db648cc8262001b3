"""Upload data sets, and wait for the word on each: which run takes it, or why it was refused."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from app.decide.messages import MOST_REASON
from app.decide.names.bucket_keys import UPLOADED_BY, is_ignored
from app.decide.names.shown_text import shown

from cli.errors import UserError
from cli.stack.target import Target

AWS_POLL_S = 2.0


@dataclass(frozen=True)
class Uploaded:
    """One uploaded file and what became of it: exactly one of ``run`` and ``refused`` is set once it is known."""

    key: str
    version_id: str
    size_bytes: int
    run: str | None = None
    refused: str | None = None


def upload(target: Target, model: str, path: Path) -> Uploaded:
    """Put ``path`` to ``incoming/<model>/<its name>``.

    Raises:
        UserError: when there is no such file, or nobody would take it.
    """
    check(path)
    bucket = target.outputs()["DataBucketName"]
    key = f"incoming/{model}/{path.name}"
    body = path.read_bytes()
    answer = target.client("s3").put_object(Bucket=bucket, Key=key, Body=body, Metadata={UPLOADED_BY: target.caller()})
    return Uploaded(key, answer["VersionId"], len(body))


def check(path: Path) -> None:
    """Refuse what the stack ignores without a word: it would be uploaded, and nothing would be heard of it.

    Raises:
        UserError: there is no such file, it is empty, or it has the name of what a writer keeps for itself.
    """
    if not path.is_file():
        raise UserError(f"no file {path}; nothing was uploaded")
    if is_ignored(path.name):
        raise UserError(f"{path}: files of such names (hidden, or not finished) are no uploads; rename it")
    if not path.stat().st_size:
        raise UserError(f"{path} is empty; nothing was uploaded")


def outcome(target: Target, model: str, sent: Uploaded, *, deadline_s: float) -> Uploaded:
    """``sent`` with what the ledger says of it.

    Raises:
        UserError: when nothing is heard of it for ``deadline_s`` seconds.
    """
    ledger, bucket = target.ledger(), target.outputs()["DataBucketName"]
    deadline = time.monotonic() + deadline_s
    while time.monotonic() < deadline:
        found = ledger.recorded_outcome(bucket, sent.key, sent.version_id)
        if found is not None:
            return replace(sent, run=found.get("run"), refused=found.get("refused"))
        time.sleep(target.poll_s(AWS_POLL_S))
    raise UserError(
        f"{sent.key} was uploaded, but nothing was heard of it in {deadline_s:.0f} s; `retrain upload {model} --rescan`"
        " finds what no event told of, the log of RecordArrivalFunction and `retrain redrive --dry-run` say what failed"
    )


def render_text(sent: Uploaded) -> str:
    """What became of the file, for a person."""
    if sent.refused:
        return f"refused: {shown(sent.refused, MOST_REASON)}"
    return f"{shown(sent.key)} ({sent.size_bytes:,} bytes): " + (f"taken by run {sent.run}" if sent.run else "uploaded")
