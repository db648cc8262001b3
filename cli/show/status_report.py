"""What a person asks of the stack: what runs, what waits, what serves, what was refused."""

from collections.abc import Iterator
from typing import Any

from app.decide.rules import RunStatus
from app.ledger import RunRecord
from rich.console import Console

from cli.errors import UserError
from cli.show import metric_text
from cli.show.follow import Snapshot, ledger, snapshots
from cli.stack import registry, serving
from cli.stack.target import Target

MOST_RUNS = 20
INSTANCE_LISTS = ("inference_instances", "transform_instances")


def report(target: Target, model: str | None) -> dict[str, Any]:
    """Runs (newest first, without their files), what serves, and refused files of ``model``, or of all models.

    Raises:
        UserError: when ``model`` is not published here.
    """
    book = ledger(target)
    runs = book.runs(model)
    models = [model] if model else sorted({run.model for run in runs})
    if model and not runs:
        registry.versions(target, model)  # a model that nobody published is said to be none
    listed = [run_report(target, run) for run in runs[:MOST_RUNS]]
    return {
        "runs": [{name: fact for name, fact in run.items() if name != "files"} for run in listed],
        "endpoints": [endpoint for name in models if (endpoint := serving.endpoint(target, name))],
        "batch": [batch for name in models if (batch := serving.batch(target, name))],
        "refused": book.refused(model),
    }


def run_report(target: Target, run: RunRecord) -> dict[str, Any]:
    """One run as plain data."""
    return {
        "run": run.id,
        "model": run.model,
        "status": str(run.status),
        "version": run.version,
        "verdict": run.verdict,
        "reasons": run.reasons,
        "files": run.files,
        "timeline": run.timeline,
        "execution": run.execution_arn,
        "pipeline_execution": run.pipeline_execution_arn,
        "transform": run.transform,
        "talking_to": str(target),
    }


def show(report: dict[str, Any], console: Console) -> None:
    """The report in lines, as long as they are: a reason can be searched and copied."""
    if not report["runs"] and not report["refused"]:
        console.print("no runs yet; upload a CSV with `retrain upload MODEL FILE`")
        return
    width = max((len(run["run"]) for run in report["runs"]), default=0)
    for run in report["runs"]:
        version = f", version {run['version']}" if run["version"] else ""
        console.print(f"[bold]{run['run']:{width}}[/]  {run['status']}{version}", soft_wrap=True, highlight=False)
        if why := "; ".join(run["reasons"]) or _metrics(run["verdict"]):
            console.print(f"  {why}", style="dim", markup=False, soft_wrap=True, highlight=False)
    for endpoint in report["endpoints"]:
        console.print(f"\n{endpoint_words(endpoint)}", markup=False, soft_wrap=True)
        console.print(_registered(endpoint["registered"] or {}), markup=False, soft_wrap=True, end="")
    for batch in report["batch"]:
        what = f"batch {batch['model']}: version {batch['version']} scores files ({batch['config']})"
        console.print(f"\n{what}", markup=False, soft_wrap=True)
        console.print(_registered(batch["registered"] or {}), markup=False, soft_wrap=True, end="")
    for refused in report["refused"]:
        console.print(f"\nrefused: {refused['message']}", style="yellow", markup=False, soft_wrap=True)


def endpoint_words(endpoint: dict[str, Any]) -> str:
    """What an endpoint serves, or why it does not."""
    does = {"Failed": "does not serve", "Creating": "is to serve"}.get(endpoint["status"], "serves")
    why = f": {endpoint['reason']}" if endpoint.get("reason") else ""
    return f"endpoint {endpoint['name']}: {endpoint['status']}, {does} {endpoint['config']}{why}"


def _registered(told: dict[str, Any]) -> str:
    """Metadata that the model file gave, and where the version may run; addresses of documents are left to --json."""
    metadata = {name: text for name, text in told.get("metadata", {}).items() if name != "model"}
    said = [f"{name}: {text}" for name, text in metadata.items() if not text.startswith("s3://")]
    said += [f"{name.replace('_', ' ')}: {', '.join(told[name])}" for name in INSTANCE_LISTS if told.get(name)]
    return "".join(f"  {line}\n" for line in said)


def _metrics(verdict: dict[str, Any] | None) -> str:
    return metric_text.words((verdict or {}).get("metrics", {}))


def changes(target: Target, what: str | None, deadline_s: float, *, until_approval: bool = False) -> Iterator[Snapshot]:
    """The snapshots, to its end or only until a person is asked, of the run that ``what`` names.

    It is a run id, an execution ARN, or a model (its newest run).

    Raises:
        UserError: when it names nothing that is known here.
    """
    runs = ledger(target).runs(None)
    for run in runs:
        if what in (None, run.id, run.model, run.execution_arn, run.pipeline_execution_arn):
            now = snapshots(target, run.id, deadline_s=deadline_s)
            return _until_asked(now) if until_approval else now
    if what is None:
        raise UserError("there is no run yet; upload a CSV with `retrain upload MODEL FILE`")
    known = ", ".join(sorted({run.model for run in runs})) or "none has run yet"
    raise UserError(f"'{what}' is no model, run or execution here (models: {known}); `retrain status` lists the runs")


def _until_asked(snapshots: Iterator[Snapshot]) -> Iterator[Snapshot]:
    for now in snapshots:
        yield now
        if now.run.status == RunStatus.AWAITING_APPROVAL:
            return


def ending(run: RunRecord) -> str:
    """How the run ended, in a sentence."""
    version = f", version {run.version}" if run.version else ""
    version += ", batch" if run.transform else ""
    why = f": {'; '.join(run.reasons)}" if run.reasons else ""
    return f"{run.id}: {run.status}{version}{why}"
