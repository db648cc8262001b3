"""The local cloud with the stack deployed in it and the models published: brought up, and kept up."""

import signal
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from cli import model_files
from cli.errors import UserError
from cli.stack.deploy import LOCALLY, TEMPLATE, deploy
from cli.stack.local import sdk_defaults, server
from cli.stack.publishing import publish
from cli.stack.target import Target, running
from cli.stack.web_console import console_link
from localcloud.front.reach import FLAG, told
from localcloud.front.startup_locks import CannotStart


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
    arguments: Sequence[str] = (),
) -> dict[str, Any]:
    """Start the local cloud, deploy template.yaml and publish every model; whatever fails, no process stays behind.

    What was in ``state`` goes on, unless ``fresh``; ``arguments`` are more of the local cloud's own command line.

    Raises:
        UserError: when one runs already, or it does not come up.
    """
    if about := running(state):
        raise UserError(f"a local cloud runs already at {about['url']} (state: {state}); end it with `retrain down`")
    if fresh:
        server.fresh_folder(state)
    with console.status("starting the local cloud"):
        process, url = server.start(port, state, host, enforce_iam=enforce_iam, keep=True, more=arguments)
    target = Target(url, stack)
    try:
        with console.status("deploying template.yaml"):
            outputs = deploy(target, TEMPLATE, LOCALLY | {"QuietSeconds": str(quiet_s)})
        with console.status("publishing the models"):
            published = [publish(target, model, {}, console.print)["model"] for model in model_files.names()]
        sdk = sdk_defaults.prepare(target, state)
    except BaseException:
        server.end(process.pid)
        raise
    server.remember(state)
    about = {"url": url, "state": str(state), "stack": stack, "outputs": outputs, "models": published}
    about["console"] = console_link(target, outputs=outputs).address
    about["pages"] = f"{url}/_localcloud/"
    about["modes"] = {model: model_files.load(model)["deployment"]["mode"] for model in published}
    return about | {"sagemaker_sdk": asdict(sdk) | {"export": sdk.export}}


def reach_arguments(host: str, console: Console, *, open_to_network: bool) -> list[str]:
    """``--open-to-network``, as an argument of the local cloud; a person is told what listening on ``host`` means.

    Raises:
        UserError: other machines reach it and nobody said that this is meant.
    """
    try:
        warning = told(host, meant=open_to_network)
    except CannotStart as error:
        raise UserError(str(error)) from error
    if warning:
        console.print(warning, style="yellow", markup=False, highlight=False, soft_wrap=True)
    return [FLAG] if open_to_network else []


def render_text(report: dict[str, Any]) -> str:
    """The report for a person: where it is and what to type next."""
    bucket, model = report["outputs"]["DataBucketName"], report["models"][0]
    ask = f"score {model} many.csv" if report["modes"][model] == "batch" else f"predict {model} records.csv"
    return f"""the local cloud is up at {report["url"]} (logs and jobs: {report["state"]})
  look at it: {report["console"]}
  mails, events, queues, buckets, logs: {report["pages"]}
  export AWS_ENDPOINT_URL={report["url"]} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  export {report["sagemaker_sdk"]["export"]}      # for the SageMaker Python SDK
  export AWS_DISABLE_HOST_PREFIX_INJECTION=true      # some calls would go to sync-127.0.0.1
  aws s3 cp data.csv s3://{bucket}/incoming/{model}/       or   retrain upload {model} data.csv
  retrain watch {model}      retrain approve {model}      retrain {ask}      retrain down"""


def stay(state: Path, console: Console) -> None:
    """Wait for Ctrl-C or SIGTERM, then end the local cloud."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    console.print("Ctrl-C ends it", style="dim")
    try:
        ended.wait()
    except KeyboardInterrupt:
        console.print("ending", style="dim")
    server.bring_down(state)
