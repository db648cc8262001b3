"""A run is shown in MLflow once it has its verdict: under the functions' own roles, by a server that listens here."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from cli.stack.deploy import LOCALLY, deploy

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.local
SOON_S = 120
API = "/api/2.0/mlflow/"
ANSWERS: dict[str, Any] = {  # of an MLflow that has the experiment and no run yet
    "experiments/get-by-name": {"experiment": {"experiment_id": "7"}},
    "runs/create": {"run": {"info": {"run_id": "9"}}},
}


@pytest.fixture
def mlflow() -> Iterator[tuple[str, Queue[Any]]]:
    """A tracking server's address, and what it was asked."""
    asked: Queue[Any] = Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            what = urlsplit(self.path).path.removeprefix(API)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.put((what, json.loads(body or b"{}")))
            said = json.dumps(ANSWERS.get(what, {})).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_run_is_shown_in_mlflow_when_its_gate_has_judged_it(
    stack_of: Callable[[str], Any], mlflow: tuple[str, Queue[Any]]
) -> None:
    url, asked = mlflow
    own = stack_of("mirrored")
    deploy(own.target, ROOT / "template.yaml", LOCALLY | {"QuietSeconds": "1", "MlflowServer": url})
    own.publish({"AccuracyThreshold": "0.5"})

    run = own.awaiting(own.send(own.csv("rows.csv")).run)

    calls: dict[str, Any] = {}
    while "runs/update" not in calls:
        what, document = asked.get(timeout=SOON_S)
        calls.setdefault(what, document)
    assert calls["runs/create"]["run_name"] == run.id
    assert {one["key"] for one in calls["runs/log-batch"]["metrics"]} >= {"accuracy", "roc_auc"}
    assert {"key": "retrain.version", "value": str(run.version)} in calls["runs/log-batch"]["tags"]
    assert calls["runs/update"]["status"] == "FINISHED"
