"""A run as MLflow takes it."""

import json
from typing import Any

import pytest
from app.aws.clients import signed
from app.decide.names.statuses import RunStatus
from app.decide.outside import mlflow_runs
from app.decide.outside.mlflow_runs import MirrorDue, Server, batches, inputs, tags
from app.decide.records import RunRecord
from app.errors import AccessDenied, BadMessage, BadSettings
from app.flow.outside.mirrors import Tracking

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/ours"
FOLDER = "s3://data/pipelines/a/evaluation"
RECORD = RunRecord(
    "churn-20260314t101500-0a1b2c", "churn", RunStatus.AWAITING_APPROVAL, "arn:execution",
    verdict={"passed": True, "metrics": {"accuracy": 0.82, "brier": float("nan"), "auc": None}, "reasons": []},
    version=3, package_arn="arn:package/3", pipeline_execution_arn="arn:pipeline",
    timeline=[
        {"at": "2026-03-14T10:15:00.000Z", "what": "batch closed"},
        {"at": "2026-03-14T10:16:00.000Z", "what": "gate passed"},
        {"at": "2026-03-14T10:17:00.000Z", "what": "approval requested"},
    ],
    plan={"parameters": {"InputData": "s3://data/manifests/a/manifest.json", "max_depth": 3}, "code_sha256": "c0de"},
    outputs={"evaluation": FOLDER},
)  # fmt: skip
AT_MS = 1773483360000  # when its gate was passed


def test_the_payload_of_an_invocation_is_what_it_is_parsed_from() -> None:
    due = MirrorDue("churn", RECORD.id)

    assert MirrorDue.parse(due.event) == due
    with pytest.raises(BadMessage):
        MirrorDue.parse({"model": "churn", "run": RECORD.id})


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("http://127.0.0.1:5000/", Server("http://127.0.0.1:5000")),
        ("https://mlflow.example.org/behind/", Server("https://mlflow.example.org/behind")),
        ("https://ada:s%40fe@mlflow.example.org", Server("https://mlflow.example.org", "ada:s@fe")),
        (ARN, Server("https://eu-west-1.experiments.sagemaker.aws", "", ARN, "eu-west-1")),
    ],
)
def test_a_server_is_named_by_its_url_or_its_arn(address: str, server: Server) -> None:
    assert Server.of(address) == server


@pytest.mark.parametrize("address", ["ftp://mlflow", "mlflow.example.org", "arn:aws:s3:::bucket", "https://"])
def test_what_is_no_server_is_refused(address: str) -> None:
    with pytest.raises(BadSettings):
        Server.of(address)


def test_metrics_parameters_and_tags_are_those_of_the_run_and_the_same_each_time() -> None:
    first, second = batches("id", RECORD)

    assert first["metrics"] == [{"key": "accuracy", "value": 0.82, "timestamp": AT_MS, "step": 0}]
    assert second["params"] == [
        {"key": "InputData", "value": "s3://data/manifests/a/manifest.json"}, {"key": "max_depth", "value": "3"},
    ]  # fmt: skip
    later = RECORD._replace(timeline=[*RECORD.timeline, {"at": "2026-03-15T10:17:00.000Z", "what": "verified"}])
    assert batches("id", later) == [first, second]
    assert tags(RECORD) | {
        "retrain.run": RECORD.id, "retrain.version": "3", "retrain.gate": "passed", "retrain.code_sha256": "c0de",
    } == tags(RECORD)  # fmt: skip
    assert "retrain report churn 3" in tags(RECORD)["mlflow.note.content"]


@pytest.mark.parametrize("output", [FOLDER, f"{FOLDER}/evaluation.json"])
def test_tags_say_where_the_evaluation_and_its_report_lie(output: str) -> None:
    found = tags(RECORD._replace(outputs={"evaluation": output}))

    assert found["retrain.evaluation"] == output
    assert found["retrain.report"] == f"{FOLDER}/report.html"


def test_a_run_without_an_evaluation_names_no_report() -> None:
    assert not {"retrain.evaluation", "retrain.report"} & tags(RECORD._replace(outputs={})).keys()


def test_many_parameters_are_many_calls_and_long_ones_are_cut() -> None:
    parameters = {f"p{number}": "x" * 1_000 for number in range(250)}
    _, *calls = batches("id", RECORD._replace(plan={"parameters": parameters}))

    assert [len(call["params"]) for call in calls] == [100, 100, 50]
    assert {len(one["value"]) for call in calls for one in call["params"]} == {mlflow_runs.MOST_VALUE}


def test_the_data_set_is_its_manifest_with_a_digest() -> None:
    (given,) = inputs("id", RECORD)["datasets"]
    (other,) = inputs("id", RECORD._replace(plan={"parameters": {"InputData": "s3://data/other"}}))["datasets"]

    assert json.loads(given["dataset"]["source"]) == {"uri": "s3://data/manifests/a/manifest.json"}
    assert 0 < len(given["dataset"]["digest"]) <= 36
    assert given["dataset"]["digest"] != other["dataset"]["digest"]


def test_what_a_gate_says_is_shown_as_code_in_the_note() -> None:
    refused = RECORD._replace(version=None, verdict={"passed": False, "metrics": {}, "reasons": ["# [x](http://evil)"]})

    assert tags(refused)["mlflow.note.content"] == "    # [x](http://evil)"
    assert tags(refused)["retrain.gate"] == "not passed"
    assert "retrain.version" not in tags(refused)


def credentials(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_a_request_to_sagemakers_server_is_signed_and_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(monkeypatch, AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret")

    headers = Tracking(Server.of(ARN))._headers("POST", "https://eu-west-1.experiments.sagemaker.aws/api", b"{}")

    found = {name.lower(): value for name, value in headers.items()}
    assert found["x-mlflow-sm-tracking-server-arn"] == ARN
    assert "/eu-west-1/sagemaker-mlflow/aws4_request" in found["authorization"]
    assert "x-mlflow-sm-tracking-server-arn" in found["authorization"]
    assert len(found["x-amz-content-sha256"]) == 64


def test_without_credentials_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(monkeypatch)

    with pytest.raises(AccessDenied, match="no credentials"):
        signed("sagemaker-mlflow", "eu-west-1", "POST", "https://e.example", b"", {})


def test_a_server_with_a_password_is_given_it() -> None:
    headers: dict[str, Any] = Tracking(Server("http://e.example", "ada:safe"))._headers("POST", "http://e.example", b"")

    assert headers["authorization"] == "Basic YWRhOnNhZmU="


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("mlflow-artifacts:/7/9/artifacts", "7/9/artifacts/report.html"),
        ("mlflow-artifacts:///7/9/artifacts", "7/9/artifacts/report.html"),
        ("mlflow-artifacts://another.test/7/9/artifacts", ""),
        ("s3://bucket/7/9/artifacts", ""),
        ("/srv/mlruns/7/9/artifacts", ""),
        ("", ""),
    ],
)
def test_a_report_goes_to_a_server_that_keeps_artifacts_itself(uri: str, place: str) -> None:
    assert mlflow_runs.report_place(uri) == place
