"""Every bound that botocore's models state of what the local cloud answers: one value beyond it is refused before
anybody acts, and the least request that keeps them all is not.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from bounded_requests import environ_of, least, spoilt

from localcloud.front import supported
from localcloud.front.bounds import needed, requests
from localcloud.front.bounds.constraints import MUST, complaint
from localcloud.front.bounds.of_services import CODES, NARROWER, UNBOUNDED
from localcloud.front.malformed.texts import Fault
from localcloud.sagemaker.api_shapes import bounds
from localcloud.sagemaker.request_members import MEMBERS

SERVICES = [name for name in supported.SERVICES if name not in requests.OWN_CHECKS]


def operations(service: str) -> list[Any]:
    """Those of a service that are answered."""
    asked = supported.SERVICES[service]
    model = ServiceModel(Loader().load_service_model(asked.model, "service-2"))
    return [model.operation_model(one) for one in model.operation_names if not supported.is_refused(asked, one)]


def fault(service: str, operation: Any, asked: dict[str, Any]) -> Fault | None:
    model = supported.SERVICES[service].model
    return requests.find_fault(service, model, operation.name, environ_of(operation, asked))


@pytest.mark.parametrize("service", SERVICES)
def test_a_request_beyond_a_bound_is_refused_in_its_services_words(service: str) -> None:
    taken = [
        f"{operation.name}: {one.path} {one.rule}: {found and found.message[:200]}"
        for operation in operations(service)
        for one in spoilt(operation, UNBOUNDED.get(service, ()))
        if (found := fault(service, operation, one.asked)) is None or not is_told(service, found, one.path, one.rule)
    ]

    assert taken == []


def narrower(service: str) -> list[str]:
    return [f"have value less than or equal to {bounds['max']}" for bounds in NARROWER.get(service, {}).values()]


def is_told(service: str, found: Fault, path: str, rule: str) -> bool:
    if service == "s3":
        return True
    told = f"at '{path}' {MUST} {rule}" in found.message
    told |= any(f"at '{path}' {MUST} {one}" in found.message for one in narrower(service))
    told |= f"Value null at '{path}'" in found.message  # a form has no empty structures
    return told and found.code == CODES.get(service, "ValidationException")


@pytest.mark.parametrize("service", SERVICES)
def test_the_least_request_within_all_bounds_is_not_refused(service: str) -> None:
    refused = [
        f"{operation.name}: {found.message[:200]}"
        for operation in operations(service)
        if operation.input_shape is not None
        if (found := fault(service, operation, least(operation.input_shape))) is not None
        and needed.find_fault(service, operation.name, least(operation.input_shape)) is None  # no bound of the model's
    ]

    assert refused == []


@pytest.mark.parametrize("operation", MEMBERS)
def test_a_request_to_sagemaker_beyond_a_bound_is_refused_and_the_least_is_not(operation: str) -> None:
    model = ServiceModel(Loader().load_service_model("sagemaker", "service-2")).operation_model(operation)
    check, shape = bounds(operation), model.input_shape
    taken = [
        f"{one.path} {one.rule}"
        for one in spoilt(model, ())
        if check is None or f"at '{one.path}' {MUST} {one.rule}" not in (complaint(check, one.asked) or "")
    ]

    assert taken == []
    assert check is None or shape is None or complaint(check, least(shape)) is None
