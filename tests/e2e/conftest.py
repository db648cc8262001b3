"""One local cloud with the stack deployed and churn published, for all end-to-end tests."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from app.ledger import RunRecord

from cli import registry, server
from cli.demo_data import generate
from cli.deploy import deploy
from cli.follow import ledger, snapshots
from cli.publishing import publish
from cli.target import Target
from cli.upload import Uploaded, outcome, upload

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
RUN_DEADLINE_S = 120.0


@dataclass
class Stack:
    """The deployed stack and what a test does with it."""

    target: Target
    state: Path
    folder: Path
    root: Path = ROOT
    bin: Path = BIN

    @property
    def outputs(self) -> dict[str, str]:
        return self.target.outputs()

    @property
    def environment(self) -> dict[str, str]:
        """What a person exports to talk to the local cloud with the AWS CLI."""
        assert self.target.url
        return os.environ | {
            "AWS_ENDPOINT_URL": self.target.url,
            "AWS_DEFAULT_REGION": "us-east-1",
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
            timeout=120,
        )
        assert done.returncode == 0, f"aws {' '.join(words)}: {done.stderr}"
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    def retrain(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the ``retrain`` command in the project's folder."""
        return subprocess.run(
            [BIN / "retrain", *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=RUN_DEADLINE_S,
        )

    def csv(self, name: str, rows: int = 600, seed: int = 1) -> Path:
        """A file of generated churn rows."""
        path = self.folder / name
        path.write_text(generate("churn", rows, seed))
        return path

    def send(self, path: Path) -> Uploaded:
        """Upload a file and wait for the word on it."""
        return outcome(self.target, "churn", upload(self.target, "churn", path), deadline_s=60)

    def run(self, run_id: str | None, until: Callable[[RunRecord], bool] = lambda run: run.status.final) -> RunRecord:
        """The run, once ``until`` holds of it."""
        assert run_id is not None, "no run took the file"
        last: RunRecord | None = None
        for now in snapshots(self.target, run_id, deadline_s=RUN_DEADLINE_S):
            last = now.run
            if until(last):
                return last
        raise AssertionError(f"the run ended as {last}")

    def put(self, key: str, body: bytes) -> Uploaded:
        """Put an object with boto3 alone and wait for the word on it."""
        bucket = self.outputs["DataBucketName"]
        version = self.target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
        return outcome(self.target, "churn", Uploaded(key, version, len(body)), deadline_s=60)

    def found(self, key: str) -> Uploaded:
        """What became of the object that somebody put at ``key`` and that is still there."""
        bucket = self.outputs["DataBucketName"]
        there = self.target.client("s3").head_object(Bucket=bucket, Key=key)
        return outcome(self.target, "churn", Uploaded(key, there["VersionId"], 0), deadline_s=60)

    def publish(self, parameters: dict[str, str]) -> None:
        """Publish churn with ``parameters`` in place of the model file's."""
        publish(self.target, "churn", parameters)

    def awaiting(self, run_id: str | None) -> RunRecord:
        """The run, once it waits for a person."""
        return self.run(run_id, lambda run: str(run.status) == "Awaiting approval")

    def approve(self, run: RunRecord) -> None:
        """A person's yes."""
        registry.decide(self.target, "churn", run.version, "Approved", "good numbers")

    def runs(self) -> list[RunRecord]:
        """All runs, newest first."""
        return ledger(self.target).runs("churn")


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """URL and state folder of a local cloud with nothing in it."""
    state = tmp_path_factory.mktemp("cloud") / "state"
    process, url = server.start(server.free_port(), state)
    yield url, state
    server.stop(state)
    process.wait(timeout=30)
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture(scope="session")
def new_stack(local_cloud: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Stack]:
    """Deploys a stack of a given name and publishes churn to it."""
    url, state = local_cloud

    def make(name: str) -> Stack:
        target = Target(url, name)
        deploy(target, ROOT / "template.yaml", {"QuietSeconds": "1"})
        publish(target, "churn", {})
        return Stack(target, state, tmp_path_factory.mktemp(name))

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
