"""A fresh local cloud for a benchmark, with the stack and a model in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.demo import loop as demo
from cli.stack.deploy import deploy
from cli.stack.local import server
from cli.stack.publishing import publish
from cli.stack.target import HOME, Target

MODEL = "churn"


@contextmanager
def fresh_cloud(**parameters: str) -> Iterator[tuple[Target, int]]:
    """Start a cloud, deploy the stack with more ``parameters``, publish ``MODEL``; yields the target and the server's
    process id.
    """
    state = server.fresh_folder(HOME / "bench" / "state")
    process, url = server.start(0, state)
    try:
        target = Target(url)
        deploy(target, demo.TEMPLATE, {"QuietSeconds": str(demo.QUIET_S), "BakeSeconds": "0"} | parameters)
        publish(target, MODEL, {})
        yield target, process.pid
    finally:
        server.stop(state)
