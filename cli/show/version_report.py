"""The report of a version, fetched from where its evaluation lies."""

import webbrowser
from dataclasses import dataclass
from html import escape
from pathlib import Path

from app.decide.names.shown_text import shown
from app.decide.protection.judged_content import Judged, describe_other_report
from app.decide.records import RunRecord
from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.stack.registry import versions
from cli.stack.target import Target

PLACE = "<!--run-->"  # where processing_scripts/report/facts_section.py leaves room
KNOWN_OTHERWISE = ("InputData", "ChampionImage", "ChampionModel")  # addresses, on the page in other words


@dataclass(frozen=True)
class Report:
    """A report on this machine."""

    model: str
    version: int
    path: str


def fetch(target: Target, model: str, version: int | None, folder: Path) -> Report:
    """Download report.html of ``version`` (None: the newest) into ``folder``.

    Raises:
        UserError: when there is no such version, or it has no report, or another one since it was judged.
    """
    known = {int(package["ModelPackageVersion"]): package["ModelPackageArn"] for package in versions(target, model)}
    if not known:
        raise UserError(f"'{model}' has no version yet; upload data, and watch the run with `retrain watch {model}`")
    chosen = max(known) if version is None else version
    if chosen not in known:
        raise UserError(f"'{model}' has no version {chosen}; there are {', '.join(map(str, sorted(known)))}")
    described = target.client("sagemaker").describe_model_package(ModelPackageName=known[chosen])
    evaluation = described.get("CustomerMetadataProperties", {}).get("evaluation", "")
    bucket, _, key = evaluation.removeprefix("s3://").rpartition("/")[0].partition("/")
    path = folder / f"{model}-v{chosen}-report.html"
    try:
        found = target.client("s3").get_object(Bucket=bucket, Key=f"{key}/report.html")
        page = found["Body"].read().decode("utf-8")
    except ClientError as error:
        raise UserError(f"version {chosen} of '{model}' has no report beside {evaluation}") from error
    ledger = target.ledger()
    run = ledger.run_of_version(model, chosen)
    record = ledger.record(run) if run else None
    if record:
        _require_judged(record, f"s3://{bucket}/{key}/report.html", found["VersionId"])
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(with_run(page, of_run(record) if record else {}), encoding="utf-8")
    return Report(model, chosen, str(path))


def _require_judged(record: RunRecord, uri: str, version_id: str) -> None:
    if why := describe_other_report(Judged.of(record.judged), uri, version_id):
        raise UserError(f"the report of '{record.model}' changed after version {record.version} was judged: {why}")


def of_run(record: RunRecord) -> dict[str, str]:
    """What only the ledger knows of a version: its run, and what was asked. No job is told, for caching's sake."""
    plan = record.plan or {}
    pipeline, number = str(plan.get("pipeline", "")), str(plan.get("pipeline_version") or "")
    facts = {"run": record.id, "pipeline": pipeline, "pipeline version": number}
    parameters = {name: value for name, value in plan.get("parameters", {}).items() if name not in KNOWN_OTHERWISE}
    facts |= {f"looser limit {number}": text for number, text in enumerate(plan.get("loosened", []), 1)}
    facts |= {f"parameter {name}": str(value) for name, value in sorted(parameters.items())}
    return {name: text for name, text in facts.items() if text}


def with_run(page: str, facts: dict[str, str]) -> str:
    """The page with rows of what its run knows, where it leaves a place for them."""
    told = ((escape(shown(name)), escape(shown(text))) for name, text in facts.items())
    rows = (f"<tr><th>{name}</th><td><code>{text}</code></td></tr>" for name, text in told)
    return page.replace(PLACE, "".join(rows), 1)


def open_in_browser(report: Report) -> None:
    """Open the report in the user's browser."""
    webbrowser.open(Path(report.path).resolve().as_uri())
