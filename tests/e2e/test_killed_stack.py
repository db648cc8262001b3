"""A deployed stack under faults, whose server is killed again and again while runs work: it converges all the same."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import at_rest
import pytest
import waiting
import yaml
from cloud import bare_environment
from steady_uploads import SteadyUploads

from cli.stack import registry
from cli.stack.target import Target

pytestmark = [pytest.mark.slow, pytest.mark.local, pytest.mark.timeout(3600)]
ROOT = Path(__file__).parents[2]
SEED = 1107
PHASES = ("Plan run", "Start pipeline", "Request approval", "Deploy version", "Verify version")  # states of the machine
KILLS = int(os.environ.get("KILLS", str(len(PHASES))))  # one in each phase, and so on: KILLS=30 kills six times in each
EVERY_S, DEADLINE_S = 2.0, 200.0  # the reconciler; until a run has come so far, or all is quiet
LONGEST_S = 2.0  # that a phase goes on before the server is killed in it
QUIET_S = "1"  # on a busy machine uploads come one by one, and a batch that is never quiet waits for 15 minutes
FAULTS = {
    "seed": SEED,
    "events": [
        {"fault": "drop", "source": "aws.sagemaker", "share": 0.2},
        {"fault": "drop", "source": "aws.states", "share": 0.2},
        {"fault": "drop", "source": "aws.s3", "share": 0.1},
        {"fault": "duplicate", "source": "aws.s3", "share": 0.3},
        {"fault": "delay", "seconds": 3, "source": "aws.sagemaker", "share": 0.2},
    ],
    "functions": [
        {"fault": "crash", "function": "*DeployVersion*", "after_call": 4, "times": 1},
        {"fault": "crash", "function": "*VerifyVersion*", "after_call": 3, "times": 1},
        {"fault": "crash", "function": "*PlanRun*", "after_call": 6, "times": 1},
        {"fault": "crash", "function": "*", "after_call": 2, "share": 0.03},
    ],
    "jobs": [{"fault": "crash", "job": "*Train*", "seconds": 0.2, "times": 1, "skip": 1}],
    "endpoints": [{"fault": "fail", "endpoint": "*churn", "status": 500, "times": 1}],
}


class Stack:
    """The stack of one state folder, whose server comes and goes."""

    def __init__(self, folder: Path) -> None:
        self.state, self.faults = folder / "state", folder / "faults.yaml"
        self.faults.write_text(yaml.safe_dump(FAULTS))
        self._port = "0"

    def retrain(self, *words: str) -> str:
        """Run a command as somebody whose shell knows of nothing but this state folder."""
        done = subprocess.run(
            [Path(sys.executable).parent / "retrain", *words, "--state", str(self.state)],
            env=bare_environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=600,
        )
        assert done.returncode == 0, f"retrain {' '.join(words)}: {done.stderr}"
        return done.stdout

    @contextmanager
    def up(self, *more: str) -> Iterator[Target]:
        """The server lives, and is killed at the end."""
        told = json.loads(self.retrain("up", "--detach", "--port", self._port, "--quiet", QUIET_S, "--json", *more))
        self._port = told["url"].rpartition(":")[2]
        try:
            yield Target(told["url"])
        finally:
            os.kill(json.loads((self.state / "server.json").read_text())["pid"], signal.SIGKILL)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    yield stack
    stack.retrain("down")


@pytest.fixture
def uploads() -> Iterator[SteadyUploads]:
    uploads = SteadyUploads()
    yield uploads
    uploads.end()


def entered(target: Target, phase: str, since: datetime) -> bool:
    """Whether an execution entered this state since then."""
    states, machine = target.client("stepfunctions"), target.outputs()["StateMachineArn"]
    for execution in states.list_executions(stateMachineArn=machine, maxResults=20)["executions"]:
        events = states.get_execution_history(executionArn=execution["executionArn"], reverseOrder=True)["events"]
        names = {
            event["stateEnteredEventDetails"]["name"]
            for event in events
            if event["type"] == "TaskStateEntered" and event["timestamp"] >= since
        }
        if phase in names:
            return True
    return False


def approve_newest(target: Target) -> None:
    """Somebody approves the newest version that waits."""
    waiting_ = [run for run in target.ledger().runs("churn") if str(run.status) == "Awaiting approval"]
    if waiting_:
        registry.decide(target, "churn", max(run.version or 0 for run in waiting_), "Approved", "good numbers")


def until_in(target: Target, phase: str, since: datetime) -> None:
    """Wait until a run is in this phase; a person says yes where it takes one to get there."""

    def there() -> bool:
        if phase in PHASES[3:]:
            approve_newest(target)
        return entered(target, phase, since) or not reconcile(target)

    waiting.eventually(there, DEADLINE_S, f"a run in {phase}")


def reconcile(target: Target) -> bool:
    """The reconciler's schedule, as if minutes were seconds."""
    found = target.client("cloudformation").describe_stack_resource(
        StackName=target.stack, LogicalResourceId="ReconcileRunsFunction"
    )
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    target.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"grace_s": 0}')
    threading.Event().wait(EVERY_S)
    return True


def test_a_stack_that_is_killed_in_every_phase_converges(stack: Stack, uploads: SteadyUploads) -> None:
    moments = random.Random(SEED)
    for kill in range(KILLS):
        phase = PHASES[kill % len(PHASES)]
        with stack.up("--faults", str(stack.faults)) as target:
            if not kill:
                at_rest.listen(target)
                uploads.begin(target)
            until_in(target, phase, datetime.now(UTC))
            threading.Event().wait(moments.uniform(0, LONGEST_S))
    uploads.end()
    with stack.up() as target:
        uploads.upload(target)
        assert violations_at_rest(target, uploads) == []


def violations_at_rest(target: Target, uploads: SteadyUploads) -> list[str]:
    """What does not hold though it was reconciled for as long as everything takes."""
    told: set[str] = set()
    found = [["nothing was looked at yet"]]

    def rests() -> bool:
        approve_newest(target)
        reconcile(target)
        found.append(at_rest.violations(target, uploads.acknowledged, told))
        return found[-2:] == [[], []]

    with contextlib.suppress(AssertionError):
        waiting.eventually(rests, DEADLINE_S, "rest")
    return found[-1]
