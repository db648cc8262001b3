"""Whether a request breaks a bound or a rule of its operation, and how its service says so. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from localcloud.front.bounds import needed, of_s3, rules
from localcloud.front.bounds.constraints import checked, complaint
from localcloud.front.bounds.of_services import CODES, NARROWER, UNBOUNDED
from localcloud.front.bounds.readings import reading
from localcloud.front.malformed.texts import Fault

OWN_CHECKS = ("sagemaker",)  # which are also those of a pipeline's steps, of whom no request comes
Look = Callable[[Mapping[str, Any]], Fault | None]


def find_fault(service: str, model: str, operation: str, environ: Mapping[str, Any]) -> Fault | None:
    """What AWS answers to a request to moto's ``service`` that breaks a bound; None where every bound holds."""
    look = _look(service, model, operation)
    return look(environ) if look else None


@cache
def _look(service: str, model: str, operation: str) -> Look | None:
    known = _model(model)
    if service in OWN_CHECKS or operation not in known.operation_names:
        return None
    asked = known.operation_model(operation)
    if asked.input_shape is None:
        return None
    check = checked(asked.input_shape, UNBOUNDED.get(service, {}), NARROWER.get(service, {}))
    has_rule = rules.has_rule(service, operation) or needed.has_rule(service, operation)
    if check is None and not has_rule:
        return None
    read, code = reading(asked, asked.input_shape), CODES.get(service, "ValidationException")

    def look(environ: Mapping[str, Any]) -> Fault | None:
        document = read(environ)
        if document is None:
            return None
        if service == "s3":
            return of_s3.find_fault(check(document)) if check else None
        said = complaint(check, document) if check else None
        if said:
            return Fault(code, said)
        return needed.find_fault(service, operation, document) or rules.find_fault(service, operation, document)

    return look


@cache
def _model(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"))
