"""SageMaker's models, endpoint configs and endpoints in memory; fleets start, fail and roll back as fates say.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from tests.torture.agenda import Agenda
from tests.torture.fakes.pipelines import PREDICTIONS
from tests.torture.fakes.resources import Emit, Lagging, arn, invalid
from tests.torture.fakes.s3 import Body
from tests.torture.fates import Container, Fates
from tests.torture.faults import Faults, refusal

EVENT = "SageMaker Endpoint State Change"
EVENT_STATUS = {
    "Creating": "CREATING", "Updating": "UPDATING", "InService": "IN_SERVICE", "Failed": "FAILED",
    "Deleting": "DELETING", "RollingBack": "ROLLING_BACK",
}  # fmt: skip
NO_INSTANCES = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
NO_PING = "The primary container for production variant AllTraffic did not pass the ping health check."
CHANGING = ("Creating", "Updating", "RollingBack", "Deleting")


class Shown(NamedTuple):
    """An endpoint as it is described."""

    config: str
    status: str
    failure: str
    modified: datetime


class Endpoints:
    """All models, configs and endpoints."""

    def __init__(
        self, agenda: Agenda, faults: Faults, fates: Fates, emit: Emit, violated: Callable[[str], None]
    ) -> None:
        self._agenda, self._faults, self._fates, self._emit, self._violated = agenda, faults, fates, emit, violated
        self.models: dict[str, dict[str, Any]] = {}
        self.configs: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, Lagging[Shown]] = {}
        self.fleets: dict[str, Container] = {}  # endpoint -> what answers now
        self._changes: dict[str, int] = {}  # endpoint -> how often it was changed
        self._shortages: dict[str, int] = {}
        self.is_scaled: Callable[[str], bool] = lambda name: False  # scaling sets these
        self.deleted: Callable[[str], None] = lambda name: None

    # Models and configs

    def create_model(self, **request: Any) -> dict[str, Any]:
        """CreateModel."""
        return self._make(self.models, request["ModelName"], request)

    def describe_model(self, *, ModelName: str) -> dict[str, Any]:
        """DescribeModel."""
        return self._held(self.models, ModelName)

    def create_endpoint_config(self, **request: Any) -> dict[str, Any]:
        """CreateEndpointConfig; its models must exist."""
        for variant in _variants(request):
            self._held(self.models, variant["ModelName"])
        return self._make(self.configs, request["EndpointConfigName"], request)

    def describe_endpoint_config(self, *, EndpointConfigName: str) -> dict[str, Any]:
        """DescribeEndpointConfig."""
        return self._held(self.configs, EndpointConfigName)

    def _make(self, held: dict[str, dict[str, Any]], name: str, request: dict[str, Any]) -> dict[str, Any]:
        if name in held:
            raise invalid(f"Cannot create already existing {name}")
        held[name] = request
        return {}

    def _held(self, held: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
        if name not in held:
            raise invalid(f"Could not find {name}")
        return held[name]

    # Endpoints

    def create_endpoint(self, *, EndpointName: str, EndpointConfigName: str, **_: Any) -> dict[str, Any]:
        """CreateEndpoint."""
        self._held(self.configs, EndpointConfigName)
        if EndpointName in self.endpoints:
            raise invalid(f'Cannot create already existing endpoint "{EndpointName}".')
        shown = Shown(EndpointConfigName, "Creating", "", self._agenda.at)
        self.endpoints[EndpointName] = Lagging(self._agenda, self._faults, shown)
        self._start(EndpointName, EndpointConfigName, "")
        return {"EndpointArn": arn("endpoint", EndpointName)}

    def update_endpoint(self, *, EndpointName: str, EndpointConfigName: str, **request: Any) -> dict[str, Any]:
        """UpdateEndpoint, which only an endpoint in service takes."""
        endpoint = self._endpoint(EndpointName)
        self._held(self.configs, EndpointConfigName)
        if endpoint.now.status in CHANGING:
            raise invalid(f'Cannot update in-progress endpoint "{EndpointName}".')
        if endpoint.now.status != "InService":
            raise invalid(f"Cannot update endpoint {EndpointName}: it is {endpoint.now.status}")
        if endpoint.now.config == EndpointConfigName:
            self._violated(f"deployed twice: {EndpointConfigName} was in service already")
        before = endpoint.now.config
        if self.is_scaled(EndpointName) and self._type_of(before) != self._type_of(EndpointConfigName):
            raise invalid("The variant(s) AllTraffic must be deregistered as scalable target(s) before their update.")
        self._show(EndpointName, before, "Updating", endpoint.now.failure)
        guards = request.get("DeploymentConfig", {}).get("AutoRollbackConfiguration", {}).get("Alarms", [])
        self._start(EndpointName, EndpointConfigName, before, guarded=bool(guards))
        return {"EndpointArn": arn("endpoint", EndpointName)}

    def delete_endpoint(self, *, EndpointName: str, may_deregister: bool = True) -> dict[str, Any]:
        """DeleteEndpoint; it takes a while. What is scaled is deregistered at once, if whoever asks may do that.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html
        """
        endpoint = self._endpoint(EndpointName)
        if endpoint.now.status in CHANGING:
            raise invalid(f'Cannot update in-progress endpoint "{EndpointName}".')
        if may_deregister:
            self.deleted(EndpointName)
        self._changed(EndpointName)
        self._show(EndpointName, endpoint.now.config, "Deleting", "")
        self._agenda.later(20, f"{EndpointName} is deleted", lambda: self._gone(EndpointName, endpoint))
        return {}

    def describe_endpoint(self, *, EndpointName: str) -> dict[str, Any]:
        """DescribeEndpoint."""
        shown = self._endpoint(EndpointName).described
        described = {
            "EndpointName": EndpointName, "EndpointConfigName": shown.config, "EndpointStatus": shown.status,
            "LastModifiedTime": shown.modified,
        }  # fmt: skip
        variant = self.configs.get(shown.config, {}).get("ProductionVariants", [{}])[0]
        described["ProductionVariants"] = [{"DesiredInstanceCount": variant.get("InitialInstanceCount", 0)}]
        return described | ({"FailureReason": shown.failure} if shown.failure else {})

    def _type_of(self, config: str) -> Any:
        return self.configs.get(config, {}).get("ProductionVariants", [{}])[0].get("InstanceType")

    def _endpoint(self, name: str) -> Lagging[Shown]:
        if name not in self.endpoints:
            raise invalid(f'Could not find endpoint "{name}".')
        return self.endpoints[name]

    def _show(self, name: str, config: str, status: str, failure: str) -> None:
        self.endpoints[name].change(Shown(config, status, failure, self._agenda.at), f"endpoint {name} {status}")
        self._tell(name, config, EVENT_STATUS[status])

    def _tell(self, name: str, config: str, status: str) -> None:
        detail = {"EndpointName": name, "EndpointConfigName": config, "EndpointStatus": status}
        self._emit("aws.sagemaker", EVENT, detail)

    def _gone(self, name: str, endpoint: Lagging[Shown]) -> None:
        if self.endpoints.get(name) is endpoint:
            del self.endpoints[name]
            self.fleets.pop(name, None)
            self._tell(name, endpoint.now.config, "DELETED")

    def _changed(self, name: str) -> int:
        self._changes[name] = self._changes.get(name, 0) + 1
        return self._changes[name]

    def _start(self, name: str, config: str, before: str, guarded: bool = False) -> None:
        """Start a fleet of ``config``, while the one of ``before`` answers, if there is one."""
        change, seconds = self._changed(name), self._faults.random.choice((60.0, 300.0, 900.0))
        self._agenda.later(seconds, f"{name} has a fleet", lambda: self._started(name, config, before, change, guarded))

    def _started(self, name: str, config: str, before: str, change: int, guarded: bool) -> None:
        if change != self._changes[name]:
            return
        why = self._failure(config, guarded)
        if not why:
            self.fleets[name] = self.container(config)
            self._show(name, config, "InService", "")
        elif before:
            self._show(name, before, "RollingBack", "")
            silent = why != NO_INSTANCES and self._faults.random.random() < 0.1
            self._agenda.later(
                30, f"{name} is rolled back", lambda: self._rolled_back(name, before, change, why, silent)
            )
        else:
            self._show(name, config, "Failed", why)

    def _rolled_back(self, name: str, before: str, change: int, why: str, silent: bool) -> None:
        if change == self._changes[name]:
            self._show(name, before, "InService", "" if silent else why)

    def _failure(self, config: str, guarded: bool) -> str:
        """Why the fleet of a configuration does not come into service; "" where it does."""
        variants = _variants(self.configs.get(config, {"ProductionVariants": [{}]}))
        whys = [self._failure_of(config, str(variant.get("ModelName", "")), guarded) for variant in variants]
        return next(filter(None, whys), "")

    def _failure_of(self, config: str, model: str, guarded: bool) -> str:
        if model not in self.models:
            return "The model of the configuration does not exist."
        url = _artifact(self.models[model])
        fate = self._fates.of_artifact(url)
        self._shortages[url] = self._shortages.get(url, 0) + 1
        if self._shortages[url] <= fate.shortages:
            return NO_INSTANCES
        if fate.container is Container.ALARMS and guarded:
            return f"Endpoint update was rolled back because these alarms are in ALARM: {config}-errors"
        return NO_PING if fate.container is Container.DEAD else ""

    def container(self, config: str) -> Container:
        """What the container behind a configuration does."""
        return self.of_model(self.configs[config]["ProductionVariants"][0]["ModelName"])

    def of_model(self, model: str) -> Container:
        """What a model's container does."""
        return self._fates.of_artifact(_artifact(self.models[model])).container

    def get_metric_data(self, *, MetricDataQueries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        """GetMetricData: ten requests of each variant, all of which a broken container fails."""
        return {"MetricDataResults": [{"Id": one["Id"], "Values": self._values(one)} for one in MetricDataQueries]}

    def _values(self, query: dict[str, Any]) -> list[float]:
        metric = query["MetricStat"]["Metric"]
        where = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        variants = _variants(self._held(self.configs, where["EndpointConfigName"]))
        model = next(one["ModelName"] for one in variants if one["VariantName"] == where["VariantName"])
        fine = metric["MetricName"] == "Invocation5XXErrors" and self.of_model(model) is not Container.BROKEN
        return [] if fine else [10.0]

    def invoke_endpoint(self, *, EndpointName: str, **_: Any) -> dict[str, Any]:
        """InvokeEndpoint."""
        shown = self._endpoint(EndpointName).now
        if shown.status in ("Creating", "Failed"):
            raise refusal("ValidationError", f"Endpoint {EndpointName} not found.")
        return answer(self.fleets.get(EndpointName, Container.HEALTHY))


def _variants(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The variants of a configuration, production first."""
    return [*config["ProductionVariants"], *config.get("ShadowProductionVariants", [])]


def _artifact(model: dict[str, Any]) -> str:
    """The artifact of a model's first container: all of them are of one run."""
    containers = model.get("Containers") or [model["PrimaryContainer"]]
    return str(containers[0]["ModelDataUrl"])


def answer(container: Container) -> dict[str, Any]:
    """What a container answers held-out records with."""
    if container is Container.BROKEN:
        raise refusal("ModelError", "Received server error (500) from primary", status=424)
    off = 0.125 if container is Container.WRONG else 0.0
    predictions = [{"probability": entry["probability"] + off} for entry in PREDICTIONS]
    return {"Body": Body(json.dumps({"predictions": predictions}).encode())}
