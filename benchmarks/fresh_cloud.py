"""A fresh local cloud for a benchmark, with the stack and a model in it, and a version of it that serves."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.ledger import RunRecord

from cli.demo import loop as demo
from cli.show.follow import snapshots
from cli.stack.deploy import deploy
from cli.stack.local import server
from cli.stack.publishing import publish
from cli.stack.registry import decide
from cli.stack.rows.uploading import outcome, upload
from cli.stack.target import HOME, Target

MODEL = "churn"


def deployed(target: Target, data: Path, deadline_s: float) -> RunRecord:
    """Upload a file, say yes to the version that is trained with it, and wait until it serves."""
    found = outcome(target, MODEL, upload(target, MODEL, data), deadline_s=deadline_s)
    assert found.run, found.refused
    last, decided = None, False
    for last in snapshots(target, found.run, deadline_s=deadline_s):
        if not decided and str(last.run.status) == "Awaiting approval":  # a second yes would deploy a second time
            decide(target, MODEL, last.run.version, "Approved", "bench")
            decided = True
    assert last is not None
    assert str(last.run.status) == "Deployed", last.run.reasons
    return last.run


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
