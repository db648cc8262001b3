"""What an auditor asks for about a version: one archive with data hashes, code, parameters, metrics, who decided and
why, and what became of it, each file with its checksum, and an index that a person reads.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.decide.approval.ballots import ReviewRule, needed_text
from app.decide.names.bucket_keys import split_uri
from app.decide.names.shown_text import shown, shown_lines
from app.decide.protection.judged_content import Judged
from app.ledger import RunRecord
from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.show import why_report
from cli.show.why_report import Why
from cli.stack import registry, serving
from cli.stack.target import Target

INDEX, SUMS = "README.md", "SHA256SUMS"
HELD_OUT, OWN = "verification.json", 0o600
SAME_TIME = (1980, 1, 1, 0, 0, 0)  # of each file in the archive, so that equal evidence is equal bytes
MEANINGS = {
    "why.json": "data, run, metrics, decision, what it replaced and what was tried since",
    "run.json": "the run's record: frozen plan with parameters and hashes of code and model file, verdict, timeline",
    "package.json": "what the model registry says: containers with their images, status, who changed it last",
    "sources.json": "each upload that it learnt from: key, version, ETag, size",
    "definition.json": "the pipeline that made it, as it was executed",
    "ballot.json": "whose yes was counted",
    "evaluation.json": "metrics with intervals, slices, fairness and the gate, as they were judged",
    "verification.json": "held-out records and answers that its deployment was compared with",
}
"""Files of the archive, by name: what each is."""


@dataclass(frozen=True)
class Evidence:
    """An archive on this machine."""

    model: str
    version: int
    path: str
    sha256: str
    files: dict[str, str]  # sha256 by name
    absent: dict[str, str]  # why a file is not there, by name


def collect(target: Target, model: str, version: int, folder: Path) -> Evidence:
    """Pack what is known of a version into ``folder``. What was deleted since is named as absent.

    Raises:
        UserError: no run of this stack registered such a version.
    """
    why = why_report.of_version(target, model, version)
    record = target.ledger().run(why.run)
    if record is None:
        raise UserError(f"the ledger has no run '{why.run}' any more")
    files, absent = _files(target, why, record)
    text = index_text(why, record, files, absent)
    body = packed(files | {INDEX: text.encode()})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{model}-v{version}-evidence.zip"
    write(path, body)
    return Evidence(model, version, str(path), _sha256(body), {one: _sha256(files[one]) for one in files}, absent)


def write(path: Path, body: bytes) -> None:
    """Write an archive that nobody else on this machine reads: it holds records of people."""
    path.touch(OWN)
    path.chmod(OWN)
    path.write_bytes(body)


def withheld(model: str, published: Mapping[str, Any]) -> dict[str, str]:
    """Files that are not packed, as they hold cells of what was uploaded: why, by name. Pure.

    Their checksums and versions are in the run's record, so that who may read the bucket can add them.
    """
    if not published:
        return {HELD_OUT: "the model is not published, and nobody knows whether its data is sensitive"}
    sensitive = (published["model"].get("data") or {}).get("sensitive")
    return {HELD_OUT: f"models/{model}.yaml says sensitive: true"} if sensitive else {}


def _files(target: Target, why: Why, record: RunRecord) -> tuple[dict[str, bytes], dict[str, str]]:
    """What is there by name, and why the rest is not."""
    judged = Judged.of(record.judged)
    manifest = str((record.plan or {}).get("parameters", {}).get("InputData", ""))
    kept = {name: part.kept if (part := judged.part(name)) else "" for name in ("evaluation", "verification")}
    found: dict[str, Callable[[], bytes]] = {
        "why.json": lambda: _json(asdict(why)),
        "run.json": lambda: _json(record._asdict()),
        "ballot.json": lambda: _json(target.ledger().ballot(why.model, why.version, why.run)._asdict()),
        "package.json": lambda: _json(registry.described(target, why.model, why.version)),
        "definition.json": lambda: _definition(target, record),
        "sources.json": lambda: _object(target, f"{manifest.rpartition('/')[0]}/sources.json"),
        "evaluation.json": lambda: _object(target, kept["evaluation"]),
        "verification.json": lambda: _object(target, kept["verification"]),
    }
    files, absent = dict[str, bytes](), withheld(why.model, serving.published(target, why.model))
    for name, read in found.items():
        if name in absent:
            continue
        try:
            files[name] = read()
        except ClientError as error:
            absent[name] = str(error.response["Error"].get("Code", "unknown"))
        except LookupError as error:
            absent[name] = str(error.args[0])
    return files, absent


def _object(target: Target, uri: str) -> bytes:
    if not uri.startswith("s3://"):
        raise LookupError("nothing of it was kept")
    bucket, key = split_uri(uri)
    body: bytes = target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def _definition(target: Target, record: RunRecord) -> bytes:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipelineDefinitionForExecution.html"""
    if not record.pipeline_execution_arn:
        raise LookupError("its run had no pipeline")
    found = target.client("sagemaker").describe_pipeline_definition_for_execution(
        PipelineExecutionArn=record.pipeline_execution_arn
    )
    return str(found["PipelineDefinition"]).encode()


def _json(document: Any) -> bytes:
    return (json.dumps(document, indent=1, default=str, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def index_text(why: Why, record: RunRecord, files: Mapping[str, bytes], absent: Mapping[str, str]) -> str:
    """The page that a person reads first. Pure."""
    plan = record.plan or {}
    rule = ReviewRule.of(why.model, plan)
    lines = [f"# {why.model} version {why.version}", "", *why_report.render_text(why).splitlines(), ""]
    lines += [f"It needed {needed_text(rule)}.", ""] if rule.reviewers else []
    lines += [f"Code {plan.get('code_sha256') or 'unknown'}, model file {plan.get('model_sha256') or 'unknown'}.", ""]
    lines += ["## What happened", "", *(f"- {one['at']} {shown(one['what'])}" for one in record.timeline), ""]
    lines += ["## Files", "", *(f"- `{name}`: {MEANINGS[name]}" for name in files)]
    lines += [f"- `{name}` is absent ({shown(reason)}): {MEANINGS[name]}" for name, reason in absent.items()]
    lines += ["", f"`sha256sum -c {SUMS}` holds each file against its checksum."]
    return shown_lines("\n".join(lines)) + "\n"


def packed(files: Mapping[str, bytes]) -> bytes:
    """An archive of files, and of their checksums. Equal files are equal bytes."""
    sums = "".join(f"{_sha256(body)}  {name}\n" for name, body in sorted(files.items()))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for name, body in [*sorted(files.items()), (SUMS, sums.encode())]:
            written.writestr(zipfile.ZipInfo(name, SAME_TIME), body, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def render_text(made: Evidence) -> str:
    """What was packed, for a person."""
    lines = [f"{made.path} ({len(made.files)} files, sha256 {made.sha256})"]
    return "\n".join([*lines, *(f"  absent: {name} ({shown(why)})" for name, why in made.absent.items())])
