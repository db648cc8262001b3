"""The commands and their options; what each does lies in the module that it calls."""

import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from app.rules import RunStatus
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from cli import cleanup as cleaning
from cli import demo as demonstration
from cli import graph as drawing
from cli import leftovers, progress, publishing, registry, reports, server, status
from cli import new as beginning
from cli import predict as prediction
from cli import score as scores
from cli import start as starting
from cli import up as running
from cli import upload as uploads
from cli.errors import UserError
from cli.options import Host, Json, Model, Models, Port, Reason, Settings, Stack, State, Version, parameters
from cli.target import DEFAULT_STACK, DEFAULT_STATE, Target, find, find_gone

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
NO = 1  # exit code: asked and answered, and the answer is no
ENDED = 128 + signal.SIGTERM
UNUSABLE = 2  # exit code: the question could not be answered

err = Console(stderr=True)
out = Console()


def main() -> None:
    """Run the command; a person's mistake is one clear message and exit code 2."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # what was started is ended on the way out
    try:
        app()
    except UserError as error:
        _fail(str(error))
    except ClientError as error:
        _fail(f"{error.operation_name} was refused: {error.response['Error']['Message']}")
    except BotoCoreError as error:
        _fail(f"cannot talk to {find()}: {str(error).rstrip('.')}. On this machine: start a local cloud: `retrain up`")


def _fail(message: str) -> None:
    err.print(f"retrain: {message}", style="red", markup=False, soft_wrap=True)
    sys.exit(UNUSABLE)


def _say(report: Any, words: str, as_json: bool) -> None:
    """``report`` as JSON, or ``words``, on standard output."""
    if as_json:
        print(json.dumps(report, indent=1, default=str))
    else:
        out.print(words, markup=False, soft_wrap=True)


def _target(stack: str, as_json: bool) -> Target:
    """Where to talk to, and a line that says so."""
    target = find(stack)
    if gone := find_gone(target):
        err.print(f"the local cloud of {gone} is gone; `retrain up` starts one", style="yellow", markup=False)
    if not as_json:
        err.print(f"talking to {target}", style="dim", markup=False)
    return target


@app.command()
def demo(
    model: Model = "churn",
    data: Annotated[Path | None, typer.Option(help="A CSV of your own instead of generated rows.")] = None,
    rows: Annotated[int, typer.Option(min=100, help="How many rows to generate.")] = 5000,
    seed: Annotated[int, typer.Option(help="The seed of the generated rows.")] = 7,
    settings: Settings = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: approve.")] = False,
    as_json: Json = False,
) -> None:
    """Run the whole loop on this machine: upload, pipeline, gate, approval, endpoint, predictions."""
    ask = demonstration.Ask(model, data, rows, seed, parameters(settings), yes or as_json)
    console = err if as_json else out
    report = demonstration.run(ask, console)
    if as_json:
        print(json.dumps(report, indent=1, default=str))
    else:
        demonstration.tell(report, console)
    if not demonstration.good(report):
        raise typer.Exit(NO)


@app.command()
def new(
    model: Model,
    data: Annotated[Path, typer.Option("--from", metavar="FILE", help="A CSV with a header line.")],
    target: Annotated[str | None, typer.Option(help="The column to predict.")] = None,
    as_json: Json = False,
) -> None:
    """Write a first models/MODEL.yaml by looking at the data, and say what was guessed and why."""
    report = beginning.new(model, data, target)
    _say(report, beginning.words(report, data), as_json)


@app.command()
def up(
    port: Port = server.DEFAULT_PORT,
    host: Host = server.LOOPBACK,
    state: State = DEFAULT_STATE,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it is ready; `retrain down` ends it.")] = False,
    stack: Stack = DEFAULT_STACK,
    quiet_s: Annotated[int, typer.Option("--quiet", min=1, help="Seconds without an upload that close a batch.")] = 1,
    enforce_iam: Annotated[
        bool, typer.Option("--enforce-iam", help="Refuse what the template's roles do not permit, as AWS does.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew: empty the state folder first.")] = False,
    as_json: Json = False,
) -> None:
    """Start the local cloud with the stack deployed and every model of models/ published; it goes on from its state."""
    report = running.bring_up(port, host, state, stack, quiet_s, err, enforce_iam=enforce_iam, fresh=fresh)
    _say(report, running.words(report), as_json)
    if not detach:
        running.stay(state, err)


@app.command()
def down(state: Annotated[Path | None, typer.Option(help="Its state folder, if not the last one.")] = None) -> None:
    """End the local cloud."""
    _say(
        None,
        "the local cloud is down; `retrain up` goes on from here"
        if running.bring_down(state)
        else "no local cloud was running",
        as_json=False,
    )


@app.command()
def publish(
    models: Models = None,
    settings: Settings = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Upload a model's code and file, and create or update its pipeline: the next run uses them."""

    target = _target(stack, as_json)
    done = [
        publishing.publish(target, model, parameters(settings), err.print) for model in models or publishing.names()
    ]
    words = "\n".join(
        f"{one['model']}: pipeline {one['pipeline_name']} version {one['pipeline_version_id']}" for one in done
    )
    _say(done, words, as_json)


@app.command()
def upload(
    model: Model,
    files: Annotated[list[Path], typer.Argument(help="CSV files with a header line.")],
    wait: Annotated[bool, typer.Option(help="Wait until each file is accepted or refused.")] = True,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Upload data sets; a run begins by itself. Exit code 1 when a file was refused."""
    target = _target(stack, as_json)
    sent = [uploads.upload(target, model, path) for path in files]
    if wait:
        sent = [uploads.outcome(target, model, one, deadline_s=120) for one in sent]
    _say([asdict(one) for one in sent], "\n".join(uploads.words(one) for one in sent), as_json)
    if any(one.refused for one in sent):
        raise typer.Exit(NO)


@app.command()
def start(
    model: Model,
    settings: Settings = None,
    version: Annotated[int | None, typer.Option(help="A version of the pipeline; else the published one.")] = None,
    tune: Annotated[bool, typer.Option("--tune", help="Search the ranges of the model file.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Begin a run on the data that is there, without an upload."""
    begun = starting.start(_target(stack, as_json), model, parameters(settings), version, tune)
    _say(asdict(begun), starting.words(begun), as_json)


@app.command(name="status")
def show_status(
    model: Annotated[str | None, typer.Argument(help="One model; all when none is named.")] = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """What runs, what waits for a person, what serves, what was refused."""
    target = _target(stack, as_json)
    report = status.report(target, model)
    if as_json:
        print(json.dumps(report, indent=1, default=str))
    else:
        status.show(report, out)


@app.command()
def watch(
    what: Annotated[str | None, typer.Argument(help="A model, run or execution ARN; else the newest run.")] = None,
    deadline_s: Annotated[float, typer.Option("--deadline", help="Give up after so many seconds.")] = 86400.0,
    until_approval: Annotated[bool, typer.Option("--until-approval", help="Stop when a person is asked.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Follow a run and its pipeline's graph until it ends. Exit code 1 when it failed."""
    target = _target(stack, as_json)
    last = progress.show(
        err if as_json else out, status.changes(target, what, deadline_s, until_approval=until_approval)
    )
    if last.graph and not as_json:
        out.print(drawing.draw(last.open_graph, last.nodes, out.width))
    report = status.run_report(target, last.run) | {"steps": drawing.report(last.graph, last.nodes)}
    _say(report, status.ending(last.run), as_json)
    if last.run.status == RunStatus.FAILED:
        raise typer.Exit(NO)


def _decide(model: str, version: int | None, decision: str, reason: str, stack: str, as_json: bool) -> None:
    decided = registry.decide(_target(stack, as_json), model, version, decision, reason)
    _say(asdict(decided), f"{model} version {decided.version} is {decided.status}", as_json)


@app.command()
def approve(
    model: Model, version: Version = None, reason: Reason = "", stack: Stack = DEFAULT_STACK, as_json: Json = False
) -> None:
    """Approve a version: it is deployed."""
    _decide(model, version, "Approved", reason, stack, as_json)


@app.command()
def reject(
    model: Model, version: Version = None, reason: Reason = "", stack: Stack = DEFAULT_STACK, as_json: Json = False
) -> None:
    """Reject a version: it is not deployed."""
    _decide(model, version, "Rejected", reason, stack, as_json)


@app.command()
def predict(
    model: Model,
    file: Annotated[Path, typer.Argument(help="A CSV of raw records with a header line; - reads standard input.")],
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Ask the endpoint about the records of a file."""
    target = _target(stack, as_json)
    text = sys.stdin.read() if str(file) == "-" else prediction.text_of(file)
    answers = [answer for part in prediction.chunks(text) for answer in prediction.invoke(target, model, part)]
    _say({"model": model, "predictions": answers}, "\n".join(prediction.words(answer) for answer in answers), as_json)


@app.command()
def score(
    model: Model,
    file: Annotated[Path, typer.Argument(help="A CSV with a header line; every column comes back beside the answers.")],
    into: Annotated[Path | None, typer.Option("--into", help="Where to put them; else FILE.scored.csv.")] = None,
    deadline_s: Annotated[float, typer.Option("--deadline", help="Give up after so many seconds.")] = 7200.0,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Have a file scored in one batch by the version that serves. Exit code 1 when it was not."""
    scored = scores.score(_target(stack, as_json), model, file, into or file.with_suffix(".scored.csv"), deadline_s)
    _say(asdict(scored), scores.words(scored), as_json)
    if scored.status != "Scored":
        raise typer.Exit(NO)


@app.command()
def report(
    model: Model,
    version: Annotated[int | None, typer.Argument(help="A version; the newest when none is named.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the file goes.")] = Path(),
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Fetch the report of a version: one HTML file that needs no network."""
    found = reports.fetch(_target(stack, as_json), model, version, folder)
    _say(asdict(found), found.path, as_json)
    if show:
        reports.show(found)


@app.command()
def check(
    models: Models = None,
    as_json: Json = False,
) -> None:
    """Say what is wrong in the model files. Exit code 1 when something is."""

    found = {model: publishing.check(model) for model in models or publishing.names()}
    words = [line for model, problems in found.items() for line in (problems or [f"models/{model}.yaml: good"])]
    _say(found, "\n".join(words), as_json)
    if any(found.values()):
        raise typer.Exit(NO)


@app.command()
def cleanup(
    everything: Annotated[bool, typer.Option("--all", help="The data bucket and the ledger too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Take away what runs made (endpoint, versions, pipelines); with --all `sam delete` then leaves nothing."""
    target = _target(stack, as_json)
    scope = leftovers.scope_of(target)
    found = cleaning.leftovers(scope, everything=everything)
    if not found:
        _say({"removed": [], "left": []}, f"nothing of stack '{stack}' is there to remove", as_json)
        return
    err.print(f"this is removed for good at {target}:\n{cleaning.words(found)}", markup=False, soft_wrap=True)
    if not yes:
        if not sys.stdin.isatty():
            raise UserError("nothing was removed: nobody is there to ask; say --yes")
        typer.confirm("remove it?", abort=True, err=True)
    left = cleaning.remove(scope, found, lambda line: err.print(line, markup=False, soft_wrap=True))
    report = {"removed": [asdict(one) for one in found if one.name not in {two.name for two in left}], "left": left}
    _say(report, f"still there:\n{cleaning.words(left)}" if left else cleaning.next_step(stack, scope), as_json)
    if left:
        raise typer.Exit(NO)
