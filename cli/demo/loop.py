"""The main job, shown whole: a CSV becomes a model behind an endpoint, with a person's yes in between."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count, pairwise
from pathlib import Path
from typing import Any

from app.decide.names.shown_text import shown
from app.decide.names.statuses import RunStatus
from app.ledger import RunRecord
from rich.console import Console
from rich.prompt import Confirm

from cli import model_files
from cli.demo_data import MAKERS, generate
from cli.errors import UserError
from cli.show import metric_text, progress
from cli.show.follow import Snapshot, snapshots
from cli.stack import registry
from cli.stack.deploy import LOCALLY, TEMPLATE, deploy
from cli.stack.local import server
from cli.stack.publishing import publish
from cli.stack.rows import held_out, predictions
from cli.stack.rows.uploading import outcome, upload
from cli.stack.target import DEFAULT_STACK, HOME, Target, find, remembered_state
from localcloud.front.state_folder import is_ours, is_used, make

QUIET_S = 1
DEADLINE_S = 900.0
SHOWN, WIDTH = 5, 76
NEXT = (
    ("retrain up", "the same cloud, to stay: use it with the AWS CLI, boto3 or this command"),
    ("retrain demo {model} --data FILE.csv", "your own rows"),
    ("models/{model}.yaml", "what the model is: columns, hyperparameters, gate"),
    ("{logs}", "the log of every job and Lambda of this run"),
)
NO_VERDICT: dict[str, Any] = {"passed": False, "metrics": {}, "reasons": []}
SAID_BEFORE = "approved with --yes, before there was a version to look at"
NOBODY_ASKED = "approved by the demo itself: nobody was there to ask"


@dataclass(frozen=True)
class DemoRequest:
    """What the demo is asked to do."""

    model: str
    data: Path | None
    rows: int
    seed: int
    parameters: dict[str, str]
    yes: bool  # a person said so beforehand
    capacity: tuple[str, ...] = ()  # of instances: arguments of a local cloud of the demo's own
    silent: bool = False  # nobody is asked


@contextmanager
def local_cloud(console: Console, capacity: Sequence[str] = ()) -> Iterator[tuple[Target, Path]]:
    """The local cloud that runs already, or one of the demo's own that goes when it ends, never AWS; and its folder."""
    target = find()
    if target.local and capacity:
        raise UserError(
            f"--no-capacity is set when the local cloud starts, and one runs already at {target.url}:"
            " end it with `retrain down`, or begin anew with `retrain up --no-capacity ...`"
        )
    if target.local:
        yield target, remembered_state()
        return
    if target.url:
        raise UserError(f"the demo runs on this machine only, and AWS_ENDPOINT_URL is {target.url}; unset it")
    state = server.fresh_folder(free_state())
    with console.status("starting the local cloud"):
        process, url = server.start(0, state, more=capacity)
    target = Target(url, DEFAULT_STACK)
    try:
        with console.status("deploying template.yaml"):
            deploy(target, TEMPLATE, LOCALLY | {"QuietSeconds": str(QUIET_S)})
        yield target, state
    finally:
        server.end(process.pid)
        process.wait()


def free_state() -> Path:
    """A state folder of the demo's own that nobody else uses: ``.retrain/demo``, or one with a number."""
    folders = (HOME / name for name in chain(["demo"], (f"demo-{number}" for number in count(2))))
    return next(folder for folder in folders if is_ours(folder) and not is_used(folder))


def run(request: DemoRequest, console: Console) -> dict[str, Any]:
    """Run the demo and return its report; ``succeeded`` judges it."""
    began = time.monotonic()
    if request.data and not request.data.is_file():
        raise UserError(f"no file {request.data}")
    if wrong := model_files.problems(request.model):
        raise UserError("\n".join(wrong))
    if not request.data and request.model not in MAKERS:
        raise UserError(f"rows are generated for {', '.join(MAKERS)} only; name yours: --data FILE.csv")
    with local_cloud(console, request.capacity) as (target, state):
        publish(target, request.model, request.parameters, console.print)
        path = request.data or _generated(request)
        console.print(f"[bold]{request.model}[/]: {path.name} -> {target}")
        ready, clock = time.monotonic(), time.time()
        sent = upload(target, request.model, path)
        accepted = outcome(target, request.model, sent, deadline_s=DEADLINE_S)
        if accepted.run is None:
            raise UserError(str(accepted.refused))
        changes = snapshots(target, accepted.run, deadline_s=DEADLINE_S)
        last = progress.show(console, changes, _approver(target, request, console))
        report = _report(target, request, last, clock)
        report["seconds"]["set_up"] = round(ready - began, 2)
        report |= {"model": request.model, "logs": str(state / "logs")}
        return report


def _generated(request: DemoRequest) -> Path:
    make(folder := HOME / "data")
    path = folder / f"{request.model}-{request.rows}-rows.csv"
    path.write_text(generate(request.model, request.rows, request.seed))
    return path


def _approver(target: Target, request: DemoRequest, console: Console) -> Callable[[Snapshot], progress.Talk | None]:
    """Asks for the yes (or gives it) when the run first waits for it."""
    seen: set[int] = set()

    def look(now: Snapshot) -> progress.Talk | None:
        version = now.run.version
        if not now.awaits_decision or version is None or version in seen:
            return None
        seen.add(version)
        return lambda: _decide(target, request, console, now.run)

    return look


def approval_reason(request: DemoRequest) -> str:
    """What is stored with an approval that the demo gives by itself."""
    return SAID_BEFORE if request.yes else NOBODY_ASKED


def _decide(target: Target, request: DemoRequest, console: Console, run: RunRecord) -> None:
    metrics = metric_text.render_text(run.verdict or NO_VERDICT)
    status, reason = "Approved", approval_reason(request)
    if not (request.yes or request.silent) and sys.stdin.isatty() and console.is_terminal:
        console.print(f"\nversion {run.version} awaits a person: {metrics}")
        approved = Confirm.ask("deploy it?", console=console, default=True)
        status, reason = ("Approved" if approved else "Rejected"), "decided at the demo's prompt"
    else:
        console.print(f"  version {run.version}: {metrics}; {reason}", markup=False, soft_wrap=True)
    registry.decide(target, request.model, run.version, status, reason)


def _report(target: Target, request: DemoRequest, last: Snapshot, clock: float) -> dict[str, Any]:
    run = last.run
    verdict = run.verdict or NO_VERDICT | {"reasons": run.reasons}
    report: dict[str, Any] = {
        "run": run.id,
        "status": str(run.status),
        "verdict": verdict,
        "version": run.version,
        "endpoint": None,
        "scored": None,
        "predictions": [],
        "timeline": run.timeline,
        "seconds": {f"step {step.name}": round(step.seconds, 2) for step in last.steps if step.seconds is not None},
        "reasons": run.reasons,
        "pipeline_execution": run.pipeline_execution_arn,
    }
    if run.status == RunStatus.DEPLOYED:
        report |= held_out.answers(target, request.model, run, HOME / "data", DEADLINE_S)
        report["seconds"]["upload_to_prediction"] = round(time.time() - clock, 2)
    report["seconds"] |= _phases(run)
    return report


def _phases(run: RunRecord) -> dict[str, float]:
    """Seconds from each entry of the timeline to the next, named by the later one."""
    times = [(datetime.fromisoformat(entry["at"]), entry["what"]) for entry in run.timeline]
    return {f"until {what}": round((at - before).total_seconds(), 2) for (before, _), (at, what) in pairwise(times)}


def succeeded(report: dict[str, Any]) -> bool:
    """Whether the version serves, on an endpoint or in batches, and answers exactly what evaluation stored."""
    return report["status"] == str(RunStatus.DEPLOYED) and bool(report["predictions"]) and not report["differences"]


def print_report(report: dict[str, Any], console: Console) -> None:
    """The report for a person: predictions, times, and where to look next."""
    console.print(f"\n[bold]{report['run']}[/]: {report['status']}")
    for reason in report["reasons"] or report["verdict"]["reasons"]:
        console.print(f"  {shown(reason)}", markup=False, soft_wrap=True)
    if not report["predictions"]:
        if report["scored"]:
            console.print(f"  {shown(report['scored'].get('reason', ''))}", markup=False, soft_wrap=True)
        return
    title = f"{len(report['predictions'])} held-out raw records {_where_text(report)}"
    console.print(f"\n{title}:", markup=False, soft_wrap=True)
    spread = max(1, len(report["predictions"]) // SHOWN)
    for answer in report["predictions"][::spread][:SHOWN]:
        record = shown(answer["record"], WIDTH)
        rest = {name: value for name, value in answer.items() if name != "record"}
        console.print(f"  {record}  ->  {predictions.render_text(rest)}", markup=False, soft_wrap=True)
    for difference in report["differences"]:
        console.print(f"  {difference}", style="red", markup=False)
    if not report["differences"]:
        console.print(f"  all {len(report['predictions'])} equal what evaluation stored", style="green")
    console.print(f"\n{report['seconds']['upload_to_prediction']:.1f} s from upload to prediction. Next:")
    following = [(what.format(**report), why) for what, why in NEXT]
    width = max(len(what) for what, _ in following)
    for what, why in following:
        console.print(f"  {what:<{width}}  {why}", markup=False, soft_wrap=True)


def _where_text(report: dict[str, Any]) -> str:
    if report["endpoint"]:
        return f"sent to endpoint {report['endpoint']['name']}"
    return f"scored in a batch transform, in {report['scored']['key']} of the data bucket"
