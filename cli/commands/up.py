"""``retrain up`` and ``retrain down``: the local cloud with the stack in it and the models published."""

import signal
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.commands import command
from cli.errors import UserError
from cli.options import Host, Json, NoCapacity, OpenToNetwork, Port, Quota, Stack, State, capacity_arguments
from cli.show.console import err, print_report
from cli.stack import server
from cli.stack.target import DEFAULT_STACK, DEFAULT_STATE, Target, remembered_state, running


@command(after="check")
def up(
    port: Port = server.DEFAULT_PORT,
    host: Host = server.LOOPBACK,
    open_to_network: OpenToNetwork = False,
    state: State = DEFAULT_STATE,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it is ready; `retrain down` ends it.")] = False,
    stack: Stack = DEFAULT_STACK,
    quiet_s: Annotated[int, typer.Option("--quiet", min=1, help="Seconds without an upload that close a batch.")] = 1,
    enforce_iam: Annotated[
        bool, typer.Option("--enforce-iam", help="Refuse what the template's roles do not permit, as AWS does.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew: empty the state folder first.")] = False,
    no_capacity: NoCapacity = None,
    quota: Quota = None,
    as_json: Json = False,
) -> None:
    """Start the local cloud with the stack deployed and every model of models/ published; it goes on from its state."""
    more = [*reach_arguments(host, err, open_to_network=open_to_network), *capacity_arguments(no_capacity, quota)]
    report = bring_up(port, host, state, stack, quiet_s, err, enforce_iam=enforce_iam, fresh=fresh, more=more)
    print_report(report, render_text(report), as_json)
    if not detach:
        stay(state, err)


@command(after="up")
def down(state: Annotated[Path | None, typer.Option(help="Its state folder, if not the last one.")] = None) -> None:
    """End the local cloud."""
    ended = bring_down(state)
    print_report(
        None,
        "the local cloud is down; `retrain up` goes on from here" if ended else "no local cloud was running",
        as_json=False,
    )


def bring_up(
    port: int,
    host: str,
    state: Path,
    stack: str,
    quiet_s: int,
    console: Console,
    *,
    enforce_iam: bool = False,
    fresh: bool = False,
    more: Sequence[str] = (),
) -> dict[str, Any]:
    """Start it, deploy template.yaml and publish every model; whatever fails, no process stays behind.

    What was in ``state`` goes on, unless ``fresh``; ``more`` are arguments of the local cloud's own command line.

    Raises:
        UserError: when one runs already, or it does not come up.
    """
    from cli import model_files
    from cli.stack import sdk_defaults
    from cli.stack.deploy import TEMPLATE, deploy
    from cli.stack.publishing import publish

    if about := running(state):
        raise UserError(f"a local cloud runs already at {about['url']} (state: {state}); end it with `retrain down`")
    if fresh:
        server.fresh_folder(state)
    with console.status("starting the local cloud"):
        process, url = server.start(port, state, host, enforce_iam=enforce_iam, keep=True, more=more)
    target = Target(url, stack)
    try:
        with console.status("deploying template.yaml"):
            outputs = deploy(target, TEMPLATE, {"QuietSeconds": str(quiet_s)})
        with console.status("publishing the models"):
            published = [publish(target, model, {}, console.print)["model"] for model in model_files.names()]
        sdk = sdk_defaults.prepare(target, state)
    except BaseException:
        server.end(process.pid)
        raise
    server.remember(state)
    about = {"url": url, "state": str(state), "stack": stack, "outputs": outputs, "models": published}
    return about | {"sagemaker_sdk": asdict(sdk) | {"export": sdk.export}}


def reach_arguments(host: str, console: Console, *, open_to_network: bool) -> list[str]:
    """``--open-to-network``, as an argument of the local cloud; a person is told what listening on ``host`` means.

    Raises:
        UserError: other machines reach it and nobody said that this is meant.
    """
    from localcloud.front.reach import FLAG, told
    from localcloud.front.startup_locks import CannotStart

    try:
        said = told(host, meant=open_to_network)
    except CannotStart as error:
        raise UserError(str(error)) from error
    if said:
        console.print(said, style="yellow", markup=False, highlight=False, soft_wrap=True)
    return [FLAG] if open_to_network else []


def render_text(report: dict[str, Any]) -> str:
    """The report for a person: where it is and what to type next."""
    bucket, model = report["outputs"]["DataBucketName"], report["models"][0]
    return f"""the local cloud is up at {report["url"]} (logs and jobs: {report["state"]})
  export AWS_ENDPOINT_URL={report["url"]} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  export {report["sagemaker_sdk"]["export"]}      # for the SageMaker Python SDK
  export AWS_DISABLE_HOST_PREFIX_INJECTION=true      # some calls would go to sync-127.0.0.1
  aws s3 cp data.csv s3://{bucket}/incoming/{model}/       or   retrain upload {model} data.csv
  retrain watch {model}      retrain approve {model}      retrain predict {model} records.csv      retrain down"""


def stay(state: Path, console: Console) -> None:
    """Wait for Ctrl-C or SIGTERM, then end the local cloud."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    console.print("Ctrl-C ends it", style="dim")
    try:
        ended.wait()
    except KeyboardInterrupt:
        console.print("ending", style="dim")
    bring_down(state)


def bring_down(state: Path | None) -> bool:
    """End the local cloud of ``state`` (None: the last one); False when there was none."""
    last = remembered_state()
    stopped = server.stop(state or last)
    if state is None or state.resolve() == last.resolve():
        server.forget()
    return stopped
