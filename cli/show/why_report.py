"""Why a version serves: data, run, metrics, who approved it, since when, what it replaced, what else was tried."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.decide.messages import MOST_REASON
from app.decide.names.shown_text import shown
from app.decide.pages.why import last_decision, later_failures, replaced, scaling_said, verified_at
from app.decide.watching.notices import cause_lines
from app.ledger import RunRecord
from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.show import metric_text
from cli.stack import registry, serving
from cli.stack.target import Target

MOST_TRIED, MOST_FILES = 10, 10


@dataclass(frozen=True)
class Tried:
    """A run whose version does not serve."""

    run: str
    version: int | None
    status: str
    reasons: list[str]


@dataclass(frozen=True)
class Why:
    """All that is known of why a version serves, or does not."""

    model: str
    version: int
    serves: bool
    run: str
    rows: int | None
    files: list[dict[str, Any]] = field(default_factory=list)  # that it learnt from, oldest first
    verdict: dict[str, Any] = field(default_factory=dict)
    loosened_limits: list[str] = field(default_factory=list)
    decided: str = ""  # by whom
    because: str = ""  # what the registry keeps of the decision
    verified_at: str = ""  # ISO; "" where it never was
    replaced: int | None = None  # the version that was verified before
    failure: str = ""  # why it is marked as failed
    scaling: str = ""  # how its endpoint is scaled; "" of one that is not
    began: list[str] = field(default_factory=list)  # what began its run, where no upload or person did
    tried: list[Tried] = field(default_factory=list)  # since then, newest first


def of_version(target: Target, model: str, version: int | None) -> Why:
    """What is known of ``version``; None: of the one that serves.

    Raises:
        UserError: none serves, or no run of this stack registered it.
    """
    ledger, serves = target.ledger(), serving.serving_version(target, model)
    packages = {int(one["ModelPackageVersion"]): one["ModelPackageArn"] for one in registry.versions(target, model)}
    number = serves if version is None else version
    if number is None:
        raise UserError(f"no version of '{model}' serves; name one: `retrain why {model} VERSION`")
    record = ledger.record(ledger.run_of_version(model, number)) if ledger.run_of_version(model, number) else None
    if record is None:
        raise UserError(f"no run of stack '{target.stack}' registered version {number} of '{model}'")
    described = _described(target, packages.get(number, ""))
    runs = ledger.runs(model)
    return Why(
        model, number, number == serves, record.id, record.rows,
        files=_files(target, record), verdict=record.verdict or {},
        loosened_limits=(record.plan or {}).get("loosened", []),
        decided=last_decision(record), because=described.get("ApprovalDescription", ""),
        verified_at=verified_at(record), replaced=replaced(record, runs),
        failure=str(ledger.versions(model).get(number, {}).get("failed", "")), tried=tried_since(record, runs),
        began=cause_lines(record.cause), scaling=scaling_said(record),
    )  # fmt: skip


def _described(target: Target, arn: str) -> dict[str, Any]:
    if not arn:
        return {}
    described: dict[str, Any] = target.client("sagemaker").describe_model_package(ModelPackageName=arn)
    return described


def _files(target: Target, record: RunRecord) -> list[dict[str, Any]]:
    """The uploads that the run learnt from, as its data set names them; none where that is gone."""
    address = str((record.plan or {}).get("parameters", {}).get("InputData", ""))
    bucket, _, key = address.removeprefix("s3://").partition("/")
    if not key:
        return []
    try:
        found = target.client("s3").get_object(Bucket=bucket, Key=key.rpartition("/")[0] + "/sources.json")
    except ClientError:
        return []
    sources: list[dict[str, Any]] = json.loads(found["Body"].read())
    return [{name: one[name] for name in ("key", "version_id", "uploaded_at", "size_bytes")} for one in sources]


def tried_since(record: RunRecord, runs: Sequence[RunRecord]) -> list[Tried]:
    """Later runs whose versions were not deployed, or that had none; newest first."""
    return [Tried(run.id, run.version, str(run.status), run.reasons) for run in later_failures(record, runs)]


def render_text(why: Why) -> str:
    """The report for a person: a line for each answer."""
    since = f" since {why.verified_at}" if why.serves and why.verified_at else ""
    lines = [f"{why.model} version {why.version} {'serves' if why.serves else 'does not serve'}{since}"]
    lines += [f"  failed: {why.failure}"] if why.failure else []
    lines += [f"  run: {why.run}", *(f"  {line}" for line in why.began), f"  data: {_data_text(why)}"]
    lines += [f"  metrics: {metric_text.render_text(why.verdict)}"] if why.verdict else []
    lines += [f"  looser limit: {text}" for text in why.loosened_limits]
    lines += [f"  decision: {why.decided or 'none'}" + (f" ({why.because})" if why.because else "")]
    lines += [f"  verified: {why.verified_at or 'never'}"]
    lines += [f"  replaced: version {why.replaced}" if why.replaced else "  replaced: nothing"]
    lines += [f"  scaling: {why.scaling}"] if why.scaling else []
    lines += [f"  tried since, and not deployed: {len(why.tried)}" if why.tried else "  tried since: nothing"]
    for one in why.tried[:MOST_TRIED]:
        version = f", version {one.version}" if one.version else ""
        lines.append(f"    {one.run}{version}: {one.status}" + (f": {'; '.join(one.reasons)}" if one.reasons else ""))
    return "\n".join(shown(line, MOST_REASON) for line in lines)


def _data_text(why: Why) -> str:
    names = [str(one["key"]).rpartition("/")[2] for one in why.files]
    more = f" and {len(names) - MOST_FILES} more" if len(names) > MOST_FILES else ""
    listed = f" of {', '.join(names[:MOST_FILES])}{more}" if names else ""
    return f"{why.rows if why.rows is not None else 'no'} rows{listed}"
