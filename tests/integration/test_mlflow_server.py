"""Runs in a real MLflow: its own server, from PyPI, in an environment of its own (`make test-all` installs it)."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import post_to_mlflow
import pytest
from app.aws import data_bucket
from app.decide.names.bucket_keys import report_uri
from app.decide.names.statuses import RunStatus
from app.decide.outside.mlflow_runs import MirrorDue
from app.decide.records import RunRecord
from app.errors import NoVerdict, ServiceUnavailable
from app.flow.outside import mirrors
from app.settings import settings
from cloud import eventually
from lambda_context import Context

ROOT = Path(__file__).parents[2]
SERVER = ROOT / ".venv-mlflow" / "bin" / "mlflow"
READY_S = 120
# Source: https://mlflow.org/docs/latest/community/usage-tracking.html
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
DUE = MirrorDue("churn", "churn-20260314t101500-0a1b2c")
RECORD = RunRecord(
    DUE.run, "churn", RunStatus.AWAITING_APPROVAL, "arn:execution",
    verdict={"passed": True, "metrics": {"accuracy": 0.82, "auc": None}, "reasons": []}, version=3,
    timeline=[
        {"at": "2026-03-14T10:15:00.000Z", "what": "batch closed"},
        {"at": "2026-03-14T10:16:00.000Z", "what": "gate passed"},
    ],
    plan={"parameters": {"InputData": "s3://data/manifests/a/manifest.json", **{f"p{n}": n for n in range(150)}}},
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STACK_NAME", "retrain")
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    settings.cache_clear()
    yield
    settings.cache_clear()


def recorded(monkeypatch: pytest.MonkeyPatch, record: RunRecord | None) -> None:
    monkeypatch.setattr(mirrors, "ledger", lambda: SimpleNamespace(record=lambda run: record))


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server with nothing in it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder, url = tmp_path_factory.mktemp("mlflow"), f"http://127.0.0.1:{port}"
    words = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    kept = ["--backend-store-uri", f"sqlite:///{folder}/runs.db", "--artifacts-destination", str(folder / "artifacts")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [SERVER, *words, *kept], env=os.environ | QUIET, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            eventually(lambda: answers(url), READY_S, "MLflow's server")
            yield url
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # it starts processes of its own, and leaves them
            process.wait(timeout=60)


def ask(url: str, what: str, document: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{url}/api/2.0/mlflow/{what}", json.dumps(document).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def shown() -> bool:
    """Whether the function got through, as Lambda tries again where the server is late."""
    try:
        post_to_mlflow.handler(DUE.event, Context())
    except ServiceUnavailable:
        return False
    return True


@pytest.mark.slow
def test_a_run_is_in_mlflow_once_however_often_it_is_shown(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch, RECORD._replace(outputs={"evaluation": "s3://data/pipelines/churn/evaluation.json"}))
    monkeypatch.setattr(data_bucket, "read_text", lambda uri, most: data_bucket.Text(f"<h1>{uri}</h1>", "v"))
    monkeypatch.setenv("MLFLOW", server)

    for _ in range(2):
        eventually(shown, READY_S, "a run in MLflow")

    (experiment,) = ask(server, "experiments/search", {"max_results": 5, "filter": "name = 'retrain/churn'"})[
        "experiments"
    ]
    (run,) = ask(server, "runs/search", {"experiment_ids": [experiment["experiment_id"]]})["runs"]
    data = run["data"]
    assert (run["info"]["run_name"], run["info"]["status"]) == (DUE.run, "FINISHED")
    assert [(one["key"], one["value"]) for one in data["metrics"]] == [("accuracy", 0.82)]
    assert len(data["params"]) == 151
    assert {"key": "retrain.version", "value": "3"} in data["tags"]
    artifact = f"{server}/get-artifact?path=report.html&run_id={run['info']['run_id']}"
    with urllib.request.urlopen(artifact, timeout=120) as answer:
        assert answer.read().decode() == f"<h1>{report_uri('s3://data/pipelines/churn/evaluation.json')}</h1>"
    (dataset,) = run["inputs"]["dataset_inputs"]
    assert json.loads(dataset["dataset"]["source"]) == {"uri": "s3://data/manifests/a/manifest.json"}
    assert dataset["tags"] == [{"key": "mlflow.data.context", "value": "training"}]


def test_a_server_that_is_not_there_is_told_and_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(monkeypatch, RECORD)
    monkeypatch.setenv("MLFLOW", "http://ada:secret@127.0.0.1:9")

    with pytest.raises(ServiceUnavailable, match="MLflow was not reached") as raised:
        post_to_mlflow.handler(DUE.event, Context())

    assert "secret" not in str(raised.value)
    assert '"MirrorsFailed": 1' in capsys.readouterr().out


@pytest.mark.parametrize("record", [None, RECORD._replace(verdict=None)])
def test_a_run_without_a_verdict_is_not_shown(record: RunRecord | None, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch, record)
    monkeypatch.setenv("MLFLOW", "http://127.0.0.1:9")

    with pytest.raises(NoVerdict):
        post_to_mlflow.handler(DUE.event, Context())


def test_no_run_fails_of_a_mirror_that_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(name: str, event: dict[str, Any]) -> None:
        asked.append(name)
        raise ServiceUnavailable("Lambda does not answer")

    monkeypatch.setattr("app.aws.functions.invoke", refuse)

    assert mirrors.ask(DUE, "")
    assert not mirrors.ask(DUE, "mirror")
    assert asked == ["mirror"]
