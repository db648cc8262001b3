"""The commands and their options; what each does lies in the module that it calls."""

import json
import signal
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from app.decide.rules import RunStatus
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from cli.commands import data_commands, decision_commands
from cli.commands import up as running
from cli.demo import loop as demonstration
from cli.errors import UserError
from cli.guess import first_model_file as beginning
from cli.options import Host, Json, Lacking, Model, Models, Port, Quota, Settings, Stack, State, parameters, shortage
from cli.plans import removal as cleaning
from cli.show import graph as drawing
from cli.show import progress
from cli.show import status_report as status
from cli.show import version_report as reports
from cli.show.console import NO, err, out, say, target_of
from cli.stack import publishing, server, stack_resources
from cli.stack import run_requests as starting
from cli.stack.target import DEFAULT_STACK, DEFAULT_STATE, find

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
ENDED = 128 + signal.SIGTERM
UNUSABLE = 2  # exit code: the question could not be answered


def main() -> None:
    """Run the command; a person's mistake is one clear message and exit code 2."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # what was started is ended on the way out
    try:
        app()
    except UserError as error:
        _fail(str(error))
    except ClientError as error:
        _fail(f"{error.operation_name} was refused: {error.response['Error']['Message']}")
    except OSError as error:
        if error.filename is None:
            raise
        _fail(f"{error.filename}: {error.strerror}")
    except ParamValidationError as error:
        _fail(f"{find()} takes no such request: {' '.join(str(error).split())}")
    except BotoCoreError as error:
        _fail(f"cannot talk to {find()}: {str(error).rstrip('.')}. On this machine: start a local cloud: `retrain up`")


def _fail(message: str) -> None:
    err.print(f"retrain: {message}", style="red", markup=False, soft_wrap=True)
    sys.exit(UNUSABLE)


@app.command()
def demo(
    model: Model = "churn",
    data: Annotated[Path | None, typer.Option(help="A CSV of your own instead of generated rows.")] = None,
    rows: Annotated[int, typer.Option(min=100, help="How many rows to generate.")] = 5000,
    seed: Annotated[int, typer.Option(help="The seed of the generated rows.")] = 7,
    settings: Settings = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: approve.")] = False,
    lacking: Lacking = None,
    as_json: Json = False,
) -> None:
    """Run the whole loop on this machine: upload, pipeline, gate, approval, endpoint, predictions."""
    ask = demonstration.Ask(model, data, rows, seed, parameters(settings), yes or as_json, tuple(shortage(lacking)))
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
    say(report, beginning.words(report, data), as_json)


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
    lacking: Lacking = None,
    quota: Quota = None,
    as_json: Json = False,
) -> None:
    """Start the local cloud with the stack deployed and every model of models/ published; it goes on from its state."""
    short = shortage(lacking, quota)
    report = running.bring_up(
        port, host, state, stack, quiet_s, err, enforce_iam=enforce_iam, fresh=fresh, shortage=short
    )
    say(report, running.words(report), as_json)
    if not detach:
        running.stay(state, err)


@app.command()
def down(state: Annotated[Path | None, typer.Option(help="Its state folder, if not the last one.")] = None) -> None:
    """End the local cloud."""
    say(
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

    target = target_of(stack, as_json)
    done = [
        publishing.publish(target, model, parameters(settings), err.print) for model in models or publishing.names()
    ]
    words = "\n".join(
        f"{one['model']}: pipeline {one['pipeline_name']} version {one['pipeline_version_id']}" for one in done
    )
    say(done, words, as_json)


app.command()(data_commands.upload)


@app.command()
def start(
    model: Model,
    settings: Settings = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="A version of the pipeline; else the published one.")
    ] = None,
    tune: Annotated[bool, typer.Option("--tune", help="Search the ranges of the model file.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Begin a run on the data that is there, without an upload."""
    begun = starting.start(target_of(stack, as_json), model, parameters(settings), version, tune)
    say(asdict(begun), starting.words(begun), as_json)


@app.command(name="status")
def show_status(
    model: Annotated[str | None, typer.Argument(help="One model; all when none is named.")] = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """What runs, what waits for a person, what serves, what was refused."""
    target = target_of(stack, as_json)
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
    target = target_of(stack, as_json)
    last = progress.show(
        err if as_json else out, status.changes(target, what, deadline_s, until_approval=until_approval)
    )
    if last.graph and not as_json:
        out.print(drawing.draw(last.open_graph, last.nodes, out.width))
    report = status.run_report(target, last.run) | {"steps": drawing.report(last.graph, last.nodes)}
    say(report, status.ending(last.run), as_json)
    if last.run.status == RunStatus.FAILED:
        raise typer.Exit(NO)


for command in (decision_commands.approve, decision_commands.reject, data_commands.predict, data_commands.score):
    app.command()(command)


@app.command()
def report(
    model: Model,
    version: Annotated[int | None, typer.Argument(min=1, help="A version; the newest when none is named.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the file goes.")] = Path(),
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Fetch the report of a version: one HTML file that needs no network."""
    found = reports.fetch(target_of(stack, as_json), model, version, folder)
    say(asdict(found), found.path, as_json)
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
    say(found, "\n".join(words), as_json)
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
    target = target_of(stack, as_json)
    scope = stack_resources.scope_of(target)
    found = cleaning.leftovers(scope, everything=everything)
    if not found:
        say({"removed": [], "left": []}, f"nothing of stack '{stack}' is there to remove", as_json)
        return
    err.print(f"this is removed for good at {target}:\n{cleaning.words(found)}", markup=False, soft_wrap=True)
    if not yes:
        if not sys.stdin.isatty():
            raise UserError("nothing was removed: nobody is there to ask; say --yes")
        typer.confirm("remove it?", abort=True, err=True)
    tell = partial(err.print, markup=False, soft_wrap=True)
    left = cleaning.remove(scope, found, tell, everything=everything)
    report = {"removed": [asdict(one) for one in found if one.name not in {two.name for two in left}], "left": left}
    done = cleaning.next_step(stack, scope, everything=everything)
    say(report, f"still there:\n{cleaning.words(left)}" if left else done, as_json)
    if left:
        raise typer.Exit(NO)
