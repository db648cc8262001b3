"""InvokeEndpoint: which fleet and variant answers, and AWS's errors where none can.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from localcloud.background import spawn
from localcloud.faults import injection
from localcloud.sagemaker.api_shapes import Context, now
from localcloud.sagemaker.endpoints import endpoint_metrics, shadows
from localcloud.sagemaker.endpoints.data_capture import Captures, Exchange
from localcloud.sagemaker.endpoints.endpoint_records import IN_SERVICE, ROLLING_BACK, UPDATING, Endpoint
from localcloud.sagemaker.endpoints.endpoints import Endpoints
from localcloud.sagemaker.endpoints.fleets import Fleet, Variant
from localcloud.sagemaker.endpoints.model_server import NotServing, Reply, through

ANSWERING = (IN_SERVICE, UPDATING, ROLLING_BACK)
PATH = re.compile(r"/endpoints/([^/]+)/(?:async-)?invocations")
# Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html (its headers)
NOT_PLAYED = {
    "X-Amzn-SageMaker-Target-Model": "TargetModel",
    "X-Amzn-SageMaker-Target-Container-Hostname": "TargetContainerHostname",
    "X-Amzn-SageMaker-Enable-Explanations": "EnableExplanations",
    "X-Amzn-SageMaker-Inference-Component": "InferenceComponentName",
    "X-Amzn-SageMaker-Session-Id": "SessionId",
}
PASSED_ON = ("Accept", "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id")
Answer = tuple[int, dict[str, Any], bytes | str]


class Invocations:
    """Answers InvokeEndpoint."""

    def __init__(self, context: Context, endpoints: Endpoints) -> None:
        self.context = context
        self.endpoints = endpoints
        self.captures = Captures(context)

    def invoke(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The container's answer, or an error in AWS's shape."""
        name, endpoint = self._named(path)
        if endpoint is None:
            return self._not_found(name)
        if refused := [member for header, member in NOT_PLAYED.items() if headers.get(header)]:
            return _error(400, "ValidationError", {"message": f"{', '.join(refused)} does not run outside AWS"})
        wanted = headers.get("X-Amzn-SageMaker-Target-Variant")
        fleet = self._fleet(endpoint)
        variant = _choose(fleet, wanted)
        if variant is None or fleet is None:
            return _error(400, "ValidationError", {"message": f"Variant {wanted} of endpoint {name} not found."})
        for shadow in _sampled(fleet):
            spawn(self._answered, endpoint, shadow, headers, body)
        reply = self._answered(endpoint, variant, headers, body)
        if isinstance(reply, NotServing):
            return _error(500, "InternalFailure", {"message": f"{reply} (endpoint {name})"})
        if reply.status >= 300:
            return self._model_error(endpoint, variant, reply)
        sent = {"Content-Type": reply.content_type, "x-Amzn-Invoked-Production-Variant": variant.name}
        if headers.get("X-Amzn-SageMaker-Custom-Attributes"):
            sent["X-Amzn-SageMaker-Custom-Attributes"] = headers["X-Amzn-SageMaker-Custom-Attributes"]
        return 200, sent, reply.body

    def _answered(
        self, endpoint: Endpoint, variant: Variant, headers: Mapping[str, str], body: bytes
    ) -> Reply | NotServing:
        """A variant's own answer, counted, and captured where it is one."""
        passed = {name: headers[name] for name in PASSED_ON if headers.get(name)}
        began = time.perf_counter()
        try:
            reply = _struck(endpoint.name, variant) or through(
                variant.servers, body, headers.get("Content-Type") or "", passed
            )
        except NotServing as failure:
            self._count(endpoint, variant, 500, began)
            return failure
        self._count(endpoint, variant, reply.status, began)
        if reply.status < 300:
            self._capture(endpoint, variant, headers, body, reply)
        return reply

    def invoke_async(self, path: str) -> Answer:
        """InvokeEndpointAsync: no endpoint here has an AsyncInferenceConfig, so none answers so."""
        name, endpoint = self._named(path)
        if endpoint is None:
            return self._not_found(name)
        text = f"Endpoint {name} has no AsyncInferenceConfig: it cannot be invoked asynchronously."
        return _error(400, "ValidationError", {"message": text})

    def _named(self, path: str) -> tuple[str, Endpoint | None]:
        """The endpoint's name in a path, and the endpoint if it is there and answers."""
        matched = PATH.search(path)
        name = unquote(matched[1]) if matched else ""
        endpoint = self.endpoints.endpoints.get(name)
        answers = endpoint is not None and endpoint.status in ANSWERING and endpoint.live is not None
        return name, endpoint if answers else None

    def _not_found(self, name: str) -> Answer:
        text = f"Endpoint {name} of account {self.context.cloud.account_id} not found."
        return _error(400, "ValidationError", {"message": text})

    def _capture(
        self, endpoint: Endpoint, variant: Variant, headers: Mapping[str, str], body: bytes, reply: Reply
    ) -> None:
        exchange = Exchange(
            body, headers.get("Content-Type") or "", reply.body, reply.content_type,
            headers.get("X-Amzn-SageMaker-Inference-Id") or "", now(),
        )  # fmt: skip
        self.captures.note(endpoint.name, variant.name, endpoint.capture, variant.servers[0].role, exchange)

    def _count(self, endpoint: Endpoint, variant: Variant, status: int, began: float) -> None:
        fleets = (endpoint.coming, endpoint.live)
        config = next((one.config for one in fleets if one is not None and variant in one.variants), endpoint.config)
        took_s = time.perf_counter() - began
        endpoint_metrics.count(self.context.cloud, endpoint.name, config, variant.name, status, took_s)

    def _fleet(self, endpoint: Endpoint) -> Fleet | None:
        with self.context.lock:
            if endpoint.coming is not None and random.random() < endpoint.share:
                return endpoint.coming
            return endpoint.live

    def _model_error(self, endpoint: Endpoint, variant: Variant, reply: Reply) -> Answer:
        cloud = self.context.cloud
        group = f"/aws/sagemaker/Endpoints/{endpoint.name}"
        original = reply.body.decode("utf-8", "replace")
        side = "client" if reply.status < 500 else "server"
        place = (
            f"https://{cloud.region}.console.aws.amazon.com/cloudwatch/home?region={cloud.region}"
            f"#logEventViewer:group={group} in account {cloud.account_id}"
        )
        text = (
            f'Received {side} error ({reply.status}) from primary with message "{original}". '
            f"See {place} for more information."
        )
        stream = variant.servers[0].stream
        arn = f"arn:aws:logs:{cloud.region}:{cloud.account_id}:log-group:{group}:log-stream:{stream}"
        return _error(
            424,
            "ModelError",
            {
                "ErrorCode": f"{side.upper()}_ERROR_FROM_MODEL",
                "LogStreamArn": arn,
                "Message": text,
                "OriginalMessage": original,
                "OriginalStatusCode": reply.status,
            },
        )


def _choose(fleet: Fleet | None, wanted: str | None) -> Variant | None:
    """The production variant that answers: the one that is ``wanted``, or by lot."""
    variants = fleet.production if fleet is not None else ()
    if wanted:
        return next((variant for variant in variants if variant.name == wanted), None)
    if len(variants) == 1:
        return variants[0]
    weights = [variant.weight for variant in variants]
    return random.choices(variants, weights)[0] if sum(weights) > 0 else None


def _sampled(fleet: Fleet) -> list[Variant]:
    """The shadow variants that are asked, too, by lot."""
    whole = [variant.weight for variant in fleet.production]
    return [shadow for shadow in fleet.shadows if random.random() < shadows.sampled(whole, shadow.weight)]


def _struck(endpoint: str, variant: Variant) -> Reply | None:
    """The answer that a fault gives for the container's; None: the container answers, perhaps later."""
    fault = injection.pick("endpoints", endpoint=endpoint, variant=variant.name)
    if fault is None:
        return None
    time.sleep(fault.seconds)
    return Reply(fault.status, f"fault {fault.place}".encode(), "text/plain") if fault.status else None


def _error(status: int, kind: str, body: Mapping[str, Any]) -> Answer:
    headers = {"status": status, "x-amzn-errortype": kind, "Content-Type": "application/json"}
    return status, headers, json.dumps(body)
