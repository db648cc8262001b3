"""What serves a model: its endpoint, or the version that scores files where there is none."""

import json
import re
from typing import Any

from botocore.exceptions import ClientError

from cli.stack import registry
from cli.stack.target import Target

NOT_SERVING = ("Creating", "Failed")  # of an endpoint: while it is updated the old version answers
VERSION = re.compile(r"-v(\d+)-[0-9a-f]{8}$")  # in the name of an endpoint's configuration


def published(target: Target, model: str, pipeline_version: int | None = None) -> dict[str, Any]:
    """What is published of the model, or was with a version of its pipeline; empty where nobody published that."""
    name = f"models/{model}" if pipeline_version is None else f"pipelines/{model}/{pipeline_version}"
    try:
        found = target.client("s3").get_object(Bucket=target.outputs()["DataBucketName"], Key=f"config/{name}.json")
    except ClientError:
        return {}
    document: dict[str, Any] = json.loads(found["Body"].read())
    return document


def mode_of(target: Target, model: str) -> str:
    """How the published model is deployed: realtime, serverless or batch; "" for a model that nobody published."""
    document = published(target, model)
    return str((document["model"].get("deployment") or {}).get("mode", "realtime")) if document else ""


def endpoint(target: Target, model: str) -> dict[str, Any] | None:
    """The model's endpoint and what it serves; None where there is no endpoint."""
    name = target.resource(model)
    try:
        found = target.client("sagemaker").describe_endpoint(EndpointName=name)
    except ClientError:
        return None
    config = found["EndpointConfigName"]
    version = VERSION.search(config)
    registered = registry.registered(target, model, int(version[1])) if version else None
    facts = {"name": name, "status": found["EndpointStatus"], "config": config, "registered": registered}
    return facts | ({"reason": found["FailureReason"]} if "FailureReason" in found else {})


def serving_version(target: Target, model: str) -> int | None:
    """The version that answers now: the endpoint's, or the ledger's where there is none; None where none does."""
    if mode_of(target, model) != "batch":
        found = endpoint(target, model)
        version = VERSION.search(found["config"]) if found and found["status"] not in NOT_SERVING else None
        if version:
            return int(version[1])
    live = target.ledger().live_version(model)
    return live.version if live else None


def batch(target: Target, model: str) -> dict[str, Any] | None:
    """The version that scores the model's files; None where an endpoint serves, or nothing yet."""
    live = target.ledger().live_version(model) if mode_of(target, model) == "batch" else None
    if live is None:
        return None
    registered = registry.registered(target, model, live.version)
    return {"model": model, "mode": "batch", "version": live.version, "config": live.name, "registered": registered}
