"""One local cloud with the stack deployed and churn published, for all end-to-end tests.

With ``--aws`` the same tests run where the environment points: AWS, or whatever AWS_ENDPOINT_URL names.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import json_documents
import pytest
import waiting
from account import Account, cost_line
from app.ledger import RunRecord
from botocore.exceptions import BotoCoreError, ClientError
from cloud import bare_environment

from cli.demo_data import generate
from cli.show.follow import snapshots
from cli.stack import registry
from cli.stack.deploy import LOCALLY, deploy
from cli.stack.local import server
from cli.stack.publishing import publish
from cli.stack.rows.uploading import Uploaded, outcome, upload
from cli.stack.target import LOCAL_REGION, Target

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
RUN_DEADLINE_S = 120.0
FILES = sorted(Path(__file__).parent.glob("test_*.py"))


def on_aws(config: pytest.Config) -> bool:
    return bool(config.getoption("--aws"))


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around those who leave tests out by mark or name
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """The test of what was recorded comes last, and only if all ran that is recorded. With --aws: tests of this machine
    are left out, and each test has the time that AWS takes.
    """
    flows = recorded_flows(items)
    whole = not any("::" in one for one in config.args) and files_of(items) >= {one.name for one in FILES}
    yield
    last = [item for item in items if item.get_closest_marker("record")]
    items[:] = [item for item in items if item not in last]
    if whole and flows == recorded_flows(items):
        items += last
    elif last:
        config.hook.pytest_deselected(items=last)
    if on_aws(config):
        leave_out_what_is_local(config, items)


def recorded_flows(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests that share the local cloud that records."""
    apart = ("slow", "engine", "record")
    return [item for item in items if item.path in FILES and not any(map(item.get_closest_marker, apart))]


def files_of(items: list[pytest.Item]) -> set[str]:
    return {item.path.name for item in items}


def leave_out_what_is_local(config: pytest.Config, items: list[pytest.Item]) -> None:
    waiting.patience[0] = waiting.AWS_PATIENCE
    kept = [item for item in items if not (item.get_closest_marker("local") or "local_cloud" in item.fixturenames)]  # type: ignore[attr-defined]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
    for item in items:
        item.add_marker(pytest.mark.timeout(4 * 3600))


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> str | None:
    try:
        return cost_line(Account.of(config), len(items)) if on_aws(config) else None
    except (BotoCoreError, ClientError, ValueError) as error:
        raise pytest.UsageError(f"--aws: sign in to an account and name a region first: {error}") from error


@dataclass
class Stack:
    """The deployed stack and what a test does with it."""

    target: Target
    folder: Path

    @property
    def name(self) -> str:
        return self.target.stack

    @property
    def outputs(self) -> dict[str, str]:
        return self.target.outputs()

    @property
    def environment(self) -> dict[str, str]:
        """What a person exports to talk to the local cloud with the AWS CLI; for AWS they are signed in."""
        if not self.target.local:
            return dict(os.environ)
        return os.environ | {
            "AWS_ENDPOINT_URL": str(self.target.url),
            "AWS_DEFAULT_REGION": LOCAL_REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def aws(self, *words: str) -> Any:
        """Run the AWS CLI and return its JSON (or its text, where it answers none)."""
        done = subprocess.run(
            [BIN / "aws", *words, *([] if words[0] == "s3" else ["--output", "json"])],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"aws {' '.join(words)}: {done.stderr}"
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    def retrain(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the ``retrain`` command for this stack, in the project's folder; JSON is held against its shape."""
        done = subprocess.run(
            [BIN / "retrain", *words, "--stack", self.name],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=RUN_DEADLINE_S * waiting.patience[0],
        )
        json_documents.held(words, done.stdout)
        return done

    def demo(self, *words: str) -> tuple[dict[str, Any], str]:
        """What ``retrain demo ... --json`` prints, and what it says, where nothing but the endpoint is exported."""
        done = subprocess.run(
            [BIN / "retrain", "demo", *words, "--json"],
            env=bare_environment() | {"AWS_ENDPOINT_URL": str(self.target.url)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        json_documents.held(("demo", *words, "--json"), done.stdout)
        return json.loads(done.stdout), done.stderr

    def csv(self, name: str, rows: int = 600, seed: int = 1) -> Path:
        """A file of generated churn rows."""
        path = self.folder / name
        path.write_text(generate("churn", rows, seed))
        return path

    def send(self, path: Path) -> Uploaded:
        """Upload a file and wait for the word on it."""
        return outcome(self.target, "churn", upload(self.target, "churn", path), deadline_s=60 * waiting.patience[0])

    def run(self, run_id: str | None, until: Callable[[RunRecord], bool] = lambda run: run.status.final) -> RunRecord:
        """The run, once ``until`` holds of it."""
        assert run_id is not None, "no run took the file"
        last: RunRecord | None = None
        for now in snapshots(self.target, run_id, deadline_s=RUN_DEADLINE_S * waiting.patience[0]):
            last = now.run
            if until(last):
                return last
        raise AssertionError(f"the run ended as {last}")

    def put(self, key: str, body: bytes) -> Uploaded:
        """Put an object with boto3 alone and wait for the word on it."""
        bucket = self.outputs["DataBucketName"]
        version = self.target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
        return outcome(self.target, "churn", Uploaded(key, version, len(body)), deadline_s=60 * waiting.patience[0])

    def found(self, key: str) -> Uploaded:
        """What became of the object that somebody put at ``key`` and that is still there."""
        bucket = self.outputs["DataBucketName"]
        there = self.target.client("s3").head_object(Bucket=bucket, Key=key)
        return outcome(self.target, "churn", Uploaded(key, there["VersionId"], 0), deadline_s=60 * waiting.patience[0])

    def publish(self, parameters: dict[str, str]) -> None:
        """Publish churn with ``parameters`` in place of the model file's."""
        publish(self.target, "churn", parameters)

    @contextmanager
    def published(self, parameters: dict[str, str]) -> Iterator[None]:
        """Churn is published with ``parameters`` meanwhile."""
        self.publish(parameters)
        try:
            yield
        finally:
            self.publish({})

    def awaiting(self, run_id: str | None) -> RunRecord:
        """The run, once it waits for a person."""
        return self.run(run_id, lambda run: str(run.status) == "Awaiting approval")

    def approve(self, run: RunRecord) -> None:
        """A person's yes."""
        registry.decide(self.target, "churn", run.version, "Approved", "good numbers")

    def runs(self) -> list[RunRecord]:
        """All runs, newest first."""
        return self.target.ledger().runs("churn")


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """URL and state folder of a local cloud with nothing in it, which holds every role to its policies."""
    state = tmp_path_factory.mktemp("cloud") / "state"
    process, url = server.start(0, state, enforce_iam=True)
    yield url, state
    server.stop(state)
    process.wait(timeout=120)
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture(scope="session")
def account(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Where --aws points; whatever was made there is gone afterwards, and that is looked up."""
    account = Account.of(pytestconfig)
    account.build(tmp_path_factory.mktemp("clone"))
    yield account
    said = account.clean()
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{said}")


@pytest.fixture(scope="session")
def stack_at(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Stack]:
    """A stack that was deployed to the local cloud at a URL, by its name."""
    return lambda url, name: Stack(Target(url, name), tmp_path_factory.mktemp(name))


@pytest.fixture(scope="session")
def stack_of(local_cloud: tuple[str, Path], stack_at: Callable[[str, str], Stack]) -> Callable[[str], Stack]:
    """A stack that was deployed to the tests' local cloud, by its name."""
    return lambda name: stack_at(local_cloud[0], name)


@pytest.fixture(scope="session")
def new_stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Stack]:
    """Deploys a stack of a given name and publishes churn to it."""

    def locally(name: str) -> Stack:
        made = request.getfixturevalue("stack_of")(name)
        deploy(made.target, ROOT / "template.yaml", LOCALLY | {"QuietSeconds": "1"})
        return made

    def on_account(name: str) -> Stack:
        return Stack(request.getfixturevalue("account").deploy(name), tmp_path_factory.mktemp(name))

    def make(name: str) -> Stack:
        made = on_account(name) if on_aws(request.config) else locally(name)
        publish(made.target, "churn", {})
        return made

    return make


@pytest.fixture(scope="session")
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    """The stack that most tests share."""
    return new_stack("retrain")


@pytest.fixture(scope="session")
def deployed(stack: Stack) -> RunRecord:
    """A first run that was approved and serves."""
    run = stack.awaiting(stack.send(stack.csv("first.csv", rows=2000)).run)
    stack.approve(run)
    return stack.run(run.id)
