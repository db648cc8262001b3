"""What a person asks of the stack: what runs, what waits, what serves, what was refused."""

from itertools import islice
from typing import Any

from app.decide.messages import MOST_REASON
from app.decide.names.shown_text import shown
from app.decide.names.statuses import RunStatus
from app.decide.uploads.standing import REPLACED
from app.decide.watching.notices import cause_lines
from app.ledger import Ledger, RunRecord
from rich.console import Console

from cli.show import metric_text
from cli.stack import registry, serving, subscribers
from cli.stack.target import Target

MOST_RUNS = 20
INSTANCE_LISTS = ("inference_instances", "transform_instances")


def of_stack(target: Target, model: str | None) -> dict[str, Any]:
    """Runs (newest first, without their files), what serves, and refused files of ``model``, or of all models.

    Raises:
        UserError: when ``model`` is not published here.
    """
    target = target.glance()
    ledger = target.ledger()
    runs = newest_runs(ledger, [model] if model else ledger.models())
    models = [model] if model else sorted({run.model for run in runs})
    if model and not runs:
        registry.versions(target, model)  # a model that nobody published is said to be none
    slots = ledger.slots()
    listed = [of_run(target, run) | {"waits_behind": slots.before(run.id)} for run in runs[:MOST_RUNS]]
    return {
        "runs": [{name: fact for name, fact in run.items() if name != "files"} for run in listed],
        "endpoints": [endpoint for name in models if (endpoint := serving.endpoint(target, name))],
        "batch": [batch for name in models if (batch := serving.batch(target, name))],
        "refused": ledger.refused(model),
        "pipelines_at_once": len(slots.holders),
        "warnings": subscribers.warnings(target),
    }


def newest_runs(ledger: Ledger, models: list[str]) -> list[RunRecord]:
    """As many of each model as are shown, newest first: of the others nothing is read."""
    found = [run for model in models for run in islice(ledger.newest_runs(model), MOST_RUNS)]
    return sorted(found, key=lambda run: run.id.rsplit("-", 2)[1:], reverse=True)


def of_run(target: Target, run: RunRecord) -> dict[str, Any]:
    """One run as plain data."""
    return {
        "run": run.id,
        "model": run.model,
        "status": str(run.status),
        "version": run.version,
        "verdict": run.verdict,
        "reasons": run.reasons,
        "cause": run.cause,
        "loosened_limits": (run.plan or {}).get("loosened", []),
        "files": run.files,
        "left_out": run.left_out,
        "left_out_counts": run.left_out_counts,
        "timeline": run.timeline,
        "execution": run.execution_arn,
        "pipeline_execution": run.pipeline_execution_arn,
        "transform": run.transform,
        "unheard": run.unheard,
        "talking_to": str(target),
    }


def print_report(report: dict[str, Any], console: Console) -> None:
    """The report in lines, as long as they are: a reason can be searched and copied."""
    for warning in report["warnings"]:
        console.print(warning, style="yellow", markup=False, soft_wrap=True, highlight=False)
    if not report["runs"] and not report["refused"]:
        console.print("no runs yet; upload a CSV with `retrain upload MODEL FILE`")
        return
    width = max((len(run["run"]) for run in report["runs"]), default=0)
    for run in report["runs"]:
        _print_run(run, width, console)
        if run["waits_behind"] is not None:
            console.print(f"  {slot_text(run['waits_behind'], report['pipelines_at_once'])}", highlight=False)
    for endpoint in report["endpoints"]:
        console.print(f"\n{endpoint_text(endpoint)}", markup=False, soft_wrap=True)
        console.print(_registered_text(endpoint["registered"] or {}), markup=False, soft_wrap=True, end="")
    for batch in report["batch"]:
        what = f"batch {batch['model']}: version {batch['version']} scores files ({batch['config']})"
        console.print(f"\n{what}", markup=False, soft_wrap=True)
        console.print(_registered_text(batch["registered"] or {}), markup=False, soft_wrap=True, end="")
    for refused in report["refused"]:
        console.print(
            f"\nrefused: {shown(refused['message'], MOST_REASON)}", style="yellow", markup=False, soft_wrap=True
        )


def left_out_text(left_out: list[dict[str, str]], counts: dict[str, int]) -> str:
    """Accepted uploads that a run did not learn from; those that newer versions of them replaced are no news."""
    named = [f"{shown(one['key'])} ({one['why']})" for one in left_out if one["why"] != REPLACED]
    more = counts.get("other", 0) - len(named)
    return f"left out: {'; '.join(named)}{f'; and {more} more' if more > 0 else ''}" if named else ""


def slot_text(before: int, running: int) -> str:
    """What a run waits for that has its model's turn, and may not begin its pipeline yet."""
    line = f", and {before} runs are before it" if before else ", and it is next"
    return f"waits for a pipeline to end: {running} runs have theirs (MaxConcurrentPipelines){line}"


def _print_run(run: dict[str, Any], width: int, console: Console) -> None:
    version = f", version {run['version']}" if run["version"] else ""
    console.print(f"[bold]{run['run']:{width}}[/]  {run['status']}{version}", soft_wrap=True, highlight=False)
    if why := shown("; ".join(run["reasons"]), MOST_REASON) or _metrics_text(run["verdict"]):
        console.print(f"  {why}", style="dim", markup=False, soft_wrap=True, highlight=False)
    for line in cause_lines(run["cause"]):
        console.print(f"  {shown(line, MOST_REASON)}", style="dim", markup=False, soft_wrap=True, highlight=False)
    if run["unheard"] and run["status"] == RunStatus.AWAITING_APPROVAL:
        console.print("  nobody was subscribed when its approval was requested", style="yellow", highlight=False)
    for limit in run["loosened_limits"]:
        console.print(f"  looser limit: {shown(limit)}", style="yellow", markup=False, soft_wrap=True, highlight=False)
    if left_out := left_out_text(run["left_out"], run["left_out_counts"]):
        console.print(f"  {left_out}", style="yellow", markup=False, soft_wrap=True, highlight=False)


def endpoint_text(endpoint: dict[str, Any]) -> str:
    """What an endpoint serves, or why it does not."""
    does = {"Failed": "does not serve", "Creating": "is to serve"}.get(endpoint["status"], "serves")
    why = f": {shown(endpoint['reason'], MOST_REASON)}" if endpoint.get("reason") else ""
    return f"endpoint {endpoint['name']}: {endpoint['status']}, {does} {endpoint['config']}{why}"


def _registered_text(registered: dict[str, Any]) -> str:
    """Metadata that the model file gave, and where the version may run; addresses of documents are left to --json."""
    metadata = {name: text for name, text in registered.get("metadata", {}).items() if name != "model"}
    lines = [f"{name}: {text}" for name, text in metadata.items() if not text.startswith("s3://")]
    lists = {name.replace("_", " "): registered.get(name) for name in INSTANCE_LISTS}
    lines += [f"{name}: {', '.join(types)}" for name, types in lists.items() if types]
    return "".join(f"  {shown(line)}\n" for line in lines)


def _metrics_text(verdict: dict[str, Any] | None) -> str:
    return metric_text.render_text(verdict or {})


def end_text(run: RunRecord) -> str:
    """How the run ended, in a sentence."""
    version = f", version {run.version}" if run.version else ""
    version += ", batch" if run.transform else ""
    why = f": {shown('; '.join(run.reasons), MOST_REASON)}" if run.reasons else ""
    return f"{run.id}: {run.status}{version}{why}"
