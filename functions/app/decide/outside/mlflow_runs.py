"""A run as MLflow's tracking server takes it: parameters, metrics, the data set's digest, and tags. Pure.

Source: https://mlflow.org/docs/latest/rest-api.html
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from app.decide.names.bucket_keys import report_uri
from app.decide.names.hashes import digest
from app.decide.names.times import from_iso
from app.decide.parsing import INVOCATION, message
from app.decide.records import RunRecord
from app.errors import BadSettings

PROXIED = "mlflow-artifacts"  # the scheme of artifacts that the server itself takes and gives out
MOST_VALUE = 500  # characters of a parameter, which every release of the server takes
MOST_TAG = 5_000
MOST_AT_ONCE = 100  # parameters, or tags, of one call
DIGEST = 36  # characters
RUN_TAG, SERVICE = "retrain.run", "sagemaker-mlflow"


class MirrorDue(NamedTuple):
    """A run has its verdict, and is to be seen in MLflow."""

    model: str
    run: str

    @staticmethod
    @message(INVOCATION)
    def parse(document: dict[str, Any]) -> "MirrorDue":
        """From the payload of the invocation."""
        return MirrorDue(str(document["mirror"]["model"]), str(document["mirror"]["run"]))

    @property
    def event(self) -> dict[str, Any]:
        """The payload that it is parsed from."""
        return {"mirror": self._asdict()}


class Server(NamedTuple):
    """A tracking server: its address, what says that we may write there, and the ARN of one that SageMaker manages."""

    url: str
    basic_auth: str = ""  # user:password; a secret
    arn: str = ""
    region: str = ""

    @staticmethod
    def of(address: str) -> "Server":
        """From the URL of a server, or the ARN of SageMaker's.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow-track-experiments.html and
        https://github.com/aws/sagemaker-mlflow (the address that belongs to a region)

        Raises:
            BadSettings: it is neither.
        """
        if address.startswith("arn:"):
            parts = address.split(":", 5)
            if len(parts) != 6 or parts[2] != "sagemaker":
                raise BadSettings(f"MLFLOW={address!r} is no ARN of a tracking server")
            return Server(f"https://{parts[3]}.experiments.sagemaker.aws", "", address, parts[3])
        url = urlsplit(address)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise BadSettings("MLFLOW is neither the URL of a tracking server nor the ARN of one")
        who, _, host = url.netloc.rpartition("@")
        return Server(urlunsplit((url.scheme, host, url.path.rstrip("/"), "", "")), unquote(who))


def experiment_of(stack: str, model: str) -> str:
    """The name of the experiment that a model's runs are in."""
    return f"{stack}/{model}"


def created_run(experiment: str, record: RunRecord) -> dict[str, Any]:
    """What ``runs/create`` takes."""
    return {
        "experiment_id": experiment, "run_name": record.id, "start_time": _ms(_begun_at(record)),
        "tags": _pairs({RUN_TAG: record.id}),
    }  # fmt: skip


def report_place(artifact_uri: str) -> str:
    """Where below the server's own API a run's report goes, by the run's ``artifact_uri``; "" where the server leaves
    artifacts to whoever logs them, in a store that is not ours to write to.

    Source: https://mlflow.org/docs/latest/self-hosting/architecture/artifact-store/ (mlflow-artifacts:)
    """
    where = urlsplit(artifact_uri)
    return f"{where.path.strip('/')}/report.html" if where.scheme == PROXIED and not where.netloc else ""


def search(experiment: str, run: str) -> dict[str, Any]:
    """What ``runs/search`` takes to find a run that an earlier attempt made."""
    return {"experiment_ids": [experiment], "filter": f"tags.`{RUN_TAG}` = '{run}'", "max_results": 1}


def batches(run_id: str, record: RunRecord) -> list[dict[str, Any]]:
    """What ``runs/log-batch`` takes, call after call; the same each time: whoever tries again changes nothing."""
    parameters = {name: str(value)[:MOST_VALUE] for name, value in (record.plan or {}).get("parameters", {}).items()}
    at_ms = _ms(_judged_at(record))
    values = {name: value for name, value in (record.verdict or {}).get("metrics", {}).items() if _is_number(value)}
    metrics = [{"key": name, "value": value, "timestamp": at_ms, "step": 0} for name, value in values.items()]
    found = [{"run_id": run_id, "metrics": metrics, "tags": _pairs(tags(record))}]
    return found + [{"run_id": run_id, "params": part} for part in _parts(_pairs(parameters))]


def tags(record: RunRecord) -> dict[str, str]:
    """Where in this stack the run, its version and its report are, and what came of its gate."""
    plan, verdict = record.plan or {}, record.verdict or {}
    evaluation = record.outputs.get("evaluation", "")
    known = {
        RUN_TAG: record.id,
        "retrain.model": record.model,
        "retrain.gate": "passed" if verdict.get("passed") else "not passed",
        "retrain.version": str(record.version or ""),
        "retrain.package_arn": record.package_arn or "",
        "retrain.pipeline_execution": record.pipeline_execution_arn or "",
        "retrain.evaluation": evaluation,
        "retrain.report": report_uri(evaluation) if evaluation else "",
        "retrain.model_sha256": str(plan.get("model_sha256", "")),
        "retrain.code_sha256": str(plan.get("code_sha256", "")),
        "mlflow.note.content": _note(record, verdict.get("reasons", [])),
    }
    return {name: value[:MOST_TAG] for name, value in known.items() if value}


def _note(record: RunRecord, reasons: Iterable[str]) -> str:
    """Markdown, which MLflow shows on the run's page: what uploads say is in a block of code."""
    report = f"`retrain report {record.model} {record.version}`" if record.version else ""
    said = "\n".join(f"    {reason}" for reason in reasons)
    return "\n\n".join(part for part in (f"The whole report: {report}" if report else "", said) if part)


def inputs(run_id: str, record: RunRecord) -> dict[str, Any]:
    """What ``runs/log-inputs`` takes: the data set by its manifest, whose address says what it holds."""
    manifest = str((record.plan or {}).get("parameters", {}).get("InputData", ""))
    dataset = {
        "name": record.model, "digest": digest("data set", manifest)[:DIGEST], "source_type": "s3",
        "source": f'{{"uri": "{manifest}"}}',
    }  # fmt: skip
    context = {"key": "mlflow.data.context", "value": "training"}
    return {"run_id": run_id, "datasets": [{"dataset": dataset, "tags": [context]}]}


def ended(run_id: str, record: RunRecord) -> dict[str, Any]:
    """What ``runs/update`` takes: a gate that was not passed is an answer, and no failure."""
    return {"run_id": run_id, "status": "FINISHED", "end_time": _ms(_judged_at(record))}


def _begun_at(record: RunRecord) -> datetime:
    return from_iso(record.timeline[0]["at"])


def _judged_at(record: RunRecord) -> datetime:
    """When its gate was passed, or not."""
    judged = [entry["at"] for entry in record.timeline if entry["what"].startswith("gate ")]
    return from_iso(judged[0]) if judged else _begun_at(record)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": name, "value": value} for name, value in values.items()]


def _parts(pairs: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    return [pairs[at : at + MOST_AT_ONCE] for at in range(0, len(pairs), MOST_AT_ONCE)]
