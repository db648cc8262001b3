"""Runs in MLflow: a mirror, which nobody reads here, and whose failure is never a run's."""

import json
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import urllib3

from app.aws import embedded_metrics, functions, posts
from app.aws.clients import signed
from app.decide.outside import mlflow_runs
from app.decide.outside.mlflow_runs import MirrorDue, Server
from app.decide.records import RunRecord
from app.errors import AccessDenied, ArtifactChanged, CallRefused, Gone, NoVerdict, RetrainError
from app.flow import judged_content
from app.ledger import ledger
from app.settings import Settings

API, ARTIFACTS = "api/2.0/mlflow", "api/2.0/mlflow-artifacts/artifacts"
LARGEST_REPORT = 20_000_000  # bytes
HTML = {"content-type": "text/html"}
EXISTS = "RESOURCE_ALREADY_EXISTS"


class Tracking(NamedTuple):
    """The API of a tracking server."""

    server: Server

    def ask(self, what: str, document: dict[str, Any], method: str = "POST") -> dict[str, Any]:
        """What the server answers to a call of its API.

        Raises:
            RetrainError: it does not answer, or refuses.
        """
        body, query = posts.body_of(document), ""
        if method == "GET":
            body, query = b"", f"?{urlencode(document)}"
        url = f"{self.server.url}/{API}/{what}{query}"
        answer: dict[str, Any] = json.loads(posts.call("MLflow", method, url, body, self._headers(method, url, body)))
        return answer

    def _headers(self, method: str, url: str, body: bytes) -> dict[str, str]:
        if self.server.arn:
            routed = {**posts.HEADERS, "x-mlflow-sm-tracking-server-arn": self.server.arn}
            return signed(mlflow_runs.SERVICE, self.server.region, method, url, body, routed)
        basic = urllib3.make_headers(basic_auth=self.server.basic_auth) if self.server.basic_auth else {}
        return {**posts.HEADERS, **basic}

    def put(self, place: str, text: str) -> None:
        """Have the server keep an artifact.

        Raises:
            RetrainError: it does not answer, or refuses.
        """
        body, url = text.encode(), f"{self.server.url}/{ARTIFACTS}/{quote(place)}"
        posts.call("MLflow", "PUT", url, body, self._headers("PUT", url, body) | HTML)

    def experiment(self, name: str) -> str:
        """The id of an experiment, which is made where there is none."""
        try:
            return self._named(name)
        except Gone:
            pass
        try:
            return str(self.ask("experiments/create", {"name": name})["experiment_id"])
        except CallRefused as error:
            if EXISTS not in str(error):
                raise
            return self._named(name)

    def _named(self, name: str) -> str:
        found = self.ask("experiments/get-by-name", {"experiment_name": name}, "GET")
        return str(found["experiment"]["experiment_id"])


def ask(due: MirrorDue, function: str) -> bool:
    """Have a run mirrored, where a function does that; False where it could not be asked: a run never fails of it."""
    try:
        if function:
            functions.invoke(function, due.event)
    except RetrainError:
        return False
    return True


def show(due: MirrorDue, settings: Settings) -> str:
    """Write a run to MLflow, and answer MLflow's id of it; an earlier attempt's run is gone on with. Failures count.

    Raises:
        NoVerdict: the run has none.
        RetrainError: the server does not answer, or refuses.
    """
    try:
        return _mirror(due, settings.stack, settings.mlflow)
    except RetrainError:
        embedded_metrics.emit(settings.stack, {"MirrorsFailed": 1}, Model=due.model)
        raise


def _mirror(due: MirrorDue, stack: str, address: str) -> str:
    record = ledger().record(due.run)
    if record is None or record.verdict is None:
        raise NoVerdict(f"the ledger has no verdict of run {due.run}")
    server = Tracking(Server.of(address))
    experiment = server.experiment(mlflow_runs.experiment_of(stack, record.model))
    found = server.ask("runs/search", mlflow_runs.search(experiment, record.id)).get("runs", [])
    made = found[0] if found else server.ask("runs/create", mlflow_runs.created_run(experiment, record))["run"]
    run_id = str(made["info"]["run_id"])
    for batch in mlflow_runs.batches(run_id, record):
        server.ask("runs/log-batch", batch)
    server.ask("runs/log-inputs", mlflow_runs.inputs(run_id, record))
    if (place := mlflow_runs.report_place(str(made["info"].get("artifact_uri", "")))) and (report := _report(record)):
        server.put(place, report)
    server.ask("runs/update", mlflow_runs.ended(run_id, record))
    return run_id


def _report(record: RunRecord) -> str | None:
    """A run's report; None where there is none, it was deleted or replaced, or is too large to be sent on."""
    try:
        return judged_content.report(record, LARGEST_REPORT) if record.outputs.get("evaluation") else None
    except (Gone, AccessDenied, ArtifactChanged):
        return None
