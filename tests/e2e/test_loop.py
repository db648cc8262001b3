"""The whole loop on the local cloud: real events, real jobs, a real registry, an endpoint that answers."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from app.ledger import RunRecord
from botocore.exceptions import ClientError
from cloud import ROOT, bare_environment

SCORED = ("accuracy", "precision", "recall", "f1", "roc_auc")


def endpoint(stack: Any) -> dict[str, Any]:
    return stack.target.client("sagemaker").describe_endpoint(EndpointName=stack.target.resource("churn"))


def versions(stack: Any) -> list[dict[str, Any]]:
    found = stack.target.client("sagemaker").list_model_packages(ModelPackageGroupName=stack.target.resource("churn"))
    return found["ModelPackageSummaryList"]


def test_an_approved_version_serves_and_answers_what_evaluation_stored(stack: Any, deployed: RunRecord) -> None:
    assert str(deployed.status) == "Deployed"
    assert deployed.verdict is not None
    assert deployed.verdict["passed"]
    assert set(SCORED) <= set(deployed.verdict["metrics"])
    assert endpoint(stack)["EndpointStatus"] == "InService"
    assert any("verified" in entry["what"] for entry in deployed.timeline)


def test_the_evidence_of_a_version_is_whole_and_holds_against_its_checksums(
    stack: Any, deployed: RunRecord, tmp_path: Path
) -> None:
    done = stack.retrain("evidence", "churn", str(deployed.version), "--folder", str(tmp_path), "--json")
    made = json.loads(done.stdout)

    with zipfile.ZipFile(made["path"]) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ")) for line in held.pop("SHA256SUMS").decode().splitlines())
    sources = json.loads(held["sources.json"])
    containers = json.loads(held["package.json"])["InferenceSpecification"]["Containers"]
    assert made["absent"] == {}
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in held.items()}
    assert [one["key"] for one in sources] == ["incoming/churn/first.csv"]
    assert containers[0]["Image"]
    assert json.loads(held["evaluation.json"])["metrics"].keys() >= set(SCORED)
    assert json.loads(held["definition.json"])["Steps"]
    assert "decision: approved" in held["README.md"].decode()


@pytest.mark.local
def test_the_demo_prints_one_json_object_and_needs_nobody(stack: Any) -> None:
    report, said = stack.demo("--rows", "2000")

    assert report["verdict"]["passed"]
    assert report["endpoint"] == {"name": "retrain--churn", "status": "InService"}
    assert report["predictions"]
    assert report["seconds"]["upload_to_prediction"] > 0
    assert all({"at", "what"} <= entry.keys() for entry in report["timeline"])
    assert "nobody was there to ask" in said


def shape(text: str) -> list[str]:
    """What the demo says, without what differs between two runs: times, ids, the port, the steps' order."""
    text = re.sub(r"\d+\.\d s\b", "0.0 s", text)
    text = re.sub(r"churn-\d{8}t\d{6}-\w{6}", "churn-run", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:0", text)
    lines = re.sub(r"(\d\.\d\d)\d+", r"\1", text).strip().splitlines()
    steps = [at for at, line in enumerate(lines) if line.startswith("✓ step ")]
    return [*lines[: steps[0]], *sorted(lines[at] for at in steps), *lines[steps[-1] + 1 :]]


@pytest.mark.local
def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    (shown,) = re.findall(r"<!-- demo output -->\n```\n\$ make demo\n(.*?)```", readme, re.DOTALL)

    done = subprocess.run(
        [Path(sys.executable).parent / "retrain", "demo"],
        env=bare_environment() | {"COLUMNS": "200"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
    )

    assert done.returncode == 0, done.stderr
    assert shape(done.stdout) == shape(shown)


def test_the_aws_cli_alone_takes_a_csv_to_an_endpoint_that_answers(stack: Any, deployed: RunRecord) -> None:
    bucket = stack.outputs["DataBucketName"]
    before = len(versions(stack))

    stack.aws("s3", "cp", str(stack.csv("by-cli.csv", seed=2)), f"s3://{bucket}/incoming/churn/by-cli.csv")
    run = stack.awaiting(stack.found("incoming/churn/by-cli.csv").run)
    machine = stack.outputs["StateMachineArn"]
    executions = stack.aws("stepfunctions", "list-executions", "--state-machine-arn", machine)["executions"]
    steps = stack.aws(
        "sagemaker", "list-pipeline-execution-steps", "--pipeline-execution-arn", run.pipeline_execution_arn
    )["PipelineExecutionSteps"]
    packages = stack.aws(
        "sagemaker", "list-model-packages", "--model-package-group-name", stack.target.resource("churn")
    )
    by_version = {package["ModelPackageVersion"]: package for package in packages["ModelPackageSummaryList"]}
    newest = by_version[run.version]  # another test's run may still register one
    stack.aws(
        *("sagemaker", "update-model-package", "--model-package-arn", newest["ModelPackageArn"]),
        *("--model-approval-status", "Approved", "--approval-description", "by the CLI"),
    )
    stack.run(run.id)
    described = stack.aws("sagemaker", "describe-endpoint", "--endpoint-name", stack.target.resource("churn"))
    config = stack.aws(
        "sagemaker", "describe-endpoint-config", "--endpoint-config-name", described["EndpointConfigName"]
    )
    model = stack.aws("sagemaker", "describe-model", "--model-name", config["ProductionVariants"][0]["ModelName"])
    package = stack.aws("sagemaker", "describe-model-package", "--model-package-name", newest["ModelPackageArn"])
    (registered,) = package["InferenceSpecification"]["Containers"]
    answer = stack.folder / "answer.json"
    record = stack.csv("one.csv", rows=100).read_text().splitlines()[:2]
    body = stack.folder / "record.csv"
    body.write_text("\n".join(record) + "\n")
    stack.aws(
        *("sagemaker-runtime", "invoke-endpoint", "--endpoint-name", stack.target.resource("churn")),
        *("--content-type", "text/csv", "--accept", "application/json", "--body", f"fileb://{body}", str(answer)),
    )
    group = next(
        found["logGroupName"]
        for found in stack.aws("logs", "describe-log-groups")["logGroups"]
        if "TrainingJobs" in found["logGroupName"]
    )
    lines = stack.aws("logs", "filter-log-events", "--log-group-name", group)["events"]

    assert run.execution_arn in [execution["executionArn"] for execution in executions]
    assert {step["StepName"] for step in steps} == {
        "Preprocess", "Train", "ScoreChampion", "Evaluate", "CheckQuality", "Register", "CreateModel",
    }  # fmt: skip
    assert {step["StepStatus"] for step in steps} == {"Succeeded"}
    assert newest["ModelPackageVersion"] > before
    assert model["PrimaryContainer"]["ModelDataUrl"] == registered["ModelDataUrl"]
    assert described["EndpointStatus"] == "InService"
    assert f"-v{run.version}-" in described["EndpointConfigName"]
    assert 0 <= json.loads(answer.read_text())["predictions"][0]["probability"] <= 1
    assert any("validation-" in line["message"] for line in lines)


@pytest.mark.parametrize(("decision", "ends"), [("approve", "Deployed"), ("reject", "Rejected by reviewer")])
def test_a_message_on_the_decision_topic_decides(stack: Any, deployed: RunRecord, decision: str, ends: str) -> None:
    run = stack.awaiting(stack.send(stack.csv(f"{decision}.csv", seed=len(decision))).run)
    config = endpoint(stack)["EndpointConfigName"]
    message = {"model": "churn", "version": run.version, "decision": decision, "reason": "ticket 7", "by": "Ada"}

    stack.aws(
        *("sns", "publish", "--topic-arn", stack.outputs["DecisionTopicArn"], "--message", json.dumps(message)),
    )
    ended = stack.run(run.id)

    assert str(ended.status) == ends
    assert (endpoint(stack)["EndpointConfigName"] == config) == (decision == "reject")
    if decision == "reject":
        assert any("ticket 7" in reason for reason in ended.reasons)


def test_a_gate_that_cannot_pass_registers_nothing_and_leaves_the_endpoint(stack: Any, deployed: RunRecord) -> None:
    before, config = versions(stack), endpoint(stack)["EndpointConfigName"]
    with stack.published({"AccuracyThreshold": "0.99"}):
        ended = stack.run(stack.send(stack.csv("gate.csv", seed=11)).run)

    assert str(ended.status) == "Rejected by gate"
    assert any("accuracy" in reason and "0.99" in reason for reason in ended.reasons)
    assert versions(stack) == before
    assert endpoint(stack)["EndpointConfigName"] == config


def test_a_crashing_job_ends_the_run_with_its_last_words_and_the_place_of_its_log(stack: Any) -> None:
    with stack.published({"eta": "7"}):
        ended = stack.run(stack.send(stack.csv("crash.csv", seed=12)).run)

    assert str(ended.status) == "Failed"
    why = " ".join(ended.reasons)
    assert "Train" in why
    assert "eta" in why
    assert "/aws/sagemaker/TrainingJobs" in why


@pytest.mark.parametrize(
    "name",
    [
        "mai 2026.csv",
        "a+b.csv",
        "100%25.csv",
        "kündigungen-été.csv",
        "sub folder/日本語 &=?#;.csv",
        "two\nlines\t.csv",
        "no-ending",
    ],
)
def test_any_legal_key_is_good_input(stack: Any, deployed: RunRecord, name: str) -> None:
    key = f"incoming/churn/{name}"
    body = stack.csv("keys.csv", rows=400, seed=100 + len(name)).read_bytes()  # equal content counts once

    run = stack.run(stack.put(key, body).run, lambda run: str(run.status) == "Awaiting approval" or run.status.final)

    assert str(run.status) == "Awaiting approval"
    assert key in [file["key"] for file in run.files]


def test_one_class_only_ends_the_run_with_a_reason(new_stack: Callable[[str], Any]) -> None:
    other = new_stack("second")
    lines = other.csv("all.csv", rows=800).read_text().splitlines()
    loyal = other.folder / "loyal.csv"
    loyal.write_text("\n".join([lines[0], *(line for line in lines[1:] if line.endswith(",No"))]) + "\n")

    ended = other.run(other.send(loyal).run)

    assert str(ended.status) == "No usable data"
    assert any("Churn" in reason and "No" in reason for reason in ended.reasons)
    with pytest.raises(ClientError):
        other.target.client("sagemaker").describe_endpoint(EndpointName=other.target.resource("churn"))
