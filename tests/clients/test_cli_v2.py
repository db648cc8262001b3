"""The way from an upload to an answer with nothing but the AWS CLI in version 2, as a profile of one's own has it.

Debian's older ones know no ``endpoint_url`` of a profile (from 2.13 on), so each call names it, as read from there.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cloud import ROOT, bare_environment, eventually, start_cloud, stop_cloud

from cli.demo_data import generate
from cli.stack.deploy import LOCALLY, deploy
from cli.stack.publishing import publish
from cli.stack.target import Target

pytestmark = [pytest.mark.cli, pytest.mark.timeout(1800)]
GROUP = ("--model-package-group-name", "retrain--churn")
PROFILE = """[profile retrain]
region = us-east-1
endpoint_url = {url}
aws_access_key_id = local
aws_secret_access_key = local
cli_pager =
"""
PATIENCE_S = 120.0  # of a quiet machine


class Cli:
    """The AWS CLI with a profile in a file of its own, and nothing else of its user's."""

    def __init__(self, url: str, home: Path) -> None:
        self.home = home
        (home / "config").write_text(PROFILE.format(url=url))
        self.url = self.said("configure", "get", "endpoint_url").strip()

    def said(self, *words: str) -> str:
        """What it prints."""
        variables = {"AWS_CONFIG_FILE": str(self.home / "config"), "AWS_EC2_METADATA_DISABLED": "true"}
        variables |= {"AWS_SHARED_CREDENTIALS_FILE": str(self.home / "none"), "HOME": str(self.home)}
        done = subprocess.run(
            [program(), "--profile", "retrain", *words],
            env=bare_environment() | variables, cwd=self.home, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"aws {' '.join(words)}: {done.stderr}"
        return done.stdout

    def text(self, *words: str) -> str:
        """What the local cloud answers, as the CLI shows it."""
        return self.said("--endpoint-url", self.url, *words)

    def __call__(self, *words: str) -> Any:
        """What the local cloud answers."""
        found = self.text(*words, "--output", "json")
        return json.loads(found) if found.strip() else None


def program() -> str:
    """The CLI in version 2."""
    found = os.environ.get("AWS_CLI") or subprocess.run(
        [Path(__file__).parent / "aws_cli.sh", "look"], capture_output=True, text=True
    ).stdout.strip()  # fmt: skip
    assert found, "there is no AWS CLI v2 here: tests/clients/aws_cli.sh install, or -m 'not cli'"
    return found


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """The CLI, and a stack to which churn is published, whose roles are held to their policies."""
    cloud = start_cloud(tmp_path_factory.mktemp("cli") / "state", 0, "--enforce-iam")
    target = Target(cloud.url, "retrain")
    deploy(target, ROOT / "template.yaml", LOCALLY | {"QuietSeconds": "1"})
    publish(target, "churn", {})
    yield Cli(cloud.url, tmp_path_factory.mktemp("home"))
    stop_cloud(cloud)


@pytest.fixture(scope="module")
def outputs(aws: Cli) -> dict[str, str]:
    (stack,) = aws("cloudformation", "describe-stacks", "--stack-name", "retrain")["Stacks"]
    assert stack["StackStatus"].endswith("_COMPLETE")
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def test_the_main_thread_needs_nothing_but_the_cli(aws: Cli, outputs: dict[str, str], tmp_path: Path) -> None:
    bucket = outputs["DataBucketName"]
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "by-cli.csv").write_text(generate("churn", 2000, 1))

    said = aws.text("s3", "sync", str(tmp_path / "new"), f"s3://{bucket}/incoming/churn/")
    execution = eventually(lambda: running(aws, outputs), PATIENCE_S, "an execution")
    version = eventually(lambda: waiting(aws), PATIENCE_S, "a version that waits for a person")
    steps = steps_of(aws)
    aws(
        "sagemaker", "update-model-package", "--model-package-arn", version["ModelPackageArn"],
        "--model-approval-status", "Approved", "--approval-description", "by the CLI",
    )  # fmt: skip
    ended = eventually(lambda: ended_execution(aws, execution), PATIENCE_S, "the execution's end")

    assert "upload:" in said
    assert set(steps.values()) == {"Succeeded"}
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["input"])
    assert statuses(aws, outputs["LedgerTableName"]) == {"Deployed"}
    assert 0 <= answered(aws, tmp_path) <= 1
    looked_around(aws, outputs, tmp_path)


def running(aws: Cli, outputs: dict[str, str]) -> str | None:
    found = aws("stepfunctions", "list-executions", "--state-machine-arn", outputs["StateMachineArn"])["executions"]
    return str(found[0]["executionArn"]) if found else None


def waiting(aws: Cli) -> dict[str, Any] | None:
    found = aws("sagemaker", "list-model-packages", *GROUP, "--model-approval-status", "PendingManualApproval")
    return next(iter(found["ModelPackageSummaryList"]), None)


def steps_of(aws: Cli) -> dict[str, str]:
    """Each step of the newest pipeline execution, with its status."""
    listed = aws("sagemaker", "list-pipeline-executions", "--pipeline-name", "retrain--churn")
    arn = listed["PipelineExecutionSummaries"][0]["PipelineExecutionArn"]
    found = aws("sagemaker", "list-pipeline-execution-steps", "--pipeline-execution-arn", arn)
    return {one["StepName"]: one["StepStatus"] for one in found["PipelineExecutionSteps"]}


def ended_execution(aws: Cli, arn: str) -> dict[str, Any] | None:
    found: dict[str, Any] = aws("stepfunctions", "describe-execution", "--execution-arn", arn)
    return found if found["status"] != "RUNNING" else None


def statuses(aws: Cli, table: str) -> set[str]:
    """Of all runs in the ledger."""
    words = ("--expression-attribute-values", '{":run": {"S": "RUN#"}}')
    found = aws("dynamodb", "scan", "--table-name", table, "--filter-expression", "begins_with(sk, :run)", *words)
    return {item["status"]["S"] for item in found["Items"]}


def answered(aws: Cli, folder: Path) -> float:
    """The probability that the endpoint answers to a record."""
    (folder / "record.csv").write_text("\n".join(generate("churn", 100, 2).splitlines()[:2]) + "\n")
    aws(
        "sagemaker-runtime", "invoke-endpoint", "--endpoint-name", "retrain--churn", "--content-type", "text/csv",
        "--accept", "application/json", "--body", f"fileb://{folder / 'record.csv'}", str(folder / "answer.json"),
    )  # fmt: skip
    return float(json.loads((folder / "answer.json").read_text())["predictions"][0]["probability"])


def looked_around(aws: Cli, outputs: dict[str, str], folder: Path) -> None:
    """What somebody looks at who wants to know what happened."""
    aws.text("s3", "sync", f"s3://{outputs['DataBucketName']}/incoming/", str(folder / "back"))
    logical = ("--stack-name", "retrain", "--logical-resource-id", "RecordArrivalLogs")
    arrivals = aws("cloudformation", "describe-stack-resource", *logical)["StackResourceDetail"]["PhysicalResourceId"]
    queues = aws("sqs", "list-queues", "--queue-name-prefix", "retrain-")["QueueUrls"]
    depth = aws("sqs", "get-queue-attributes", "--queue-url", queues[0], "--attribute-names", "All")["Attributes"]
    endpoint = aws("sagemaker", "describe-endpoint", "--endpoint-name", "retrain--churn")

    assert (folder / "back" / "churn" / "by-cli.csv").read_text() == (folder / "new" / "by-cli.csv").read_text()
    assert "by-cli.csv" in aws.text("logs", "tail", arrivals, "--since", "1d")
    assert "retrain-" in aws.text("sagemaker", "list-endpoints", "--output", "yaml")
    assert depth["QueueArn"].startswith("arn:aws:sqs:us-east-1:")
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["CreationTime"][:2] == "20"  # ISO 8601, as version 2 shows times
