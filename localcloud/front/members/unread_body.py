"""Whether a REST request's body is the document that its operation takes, before anybody acts on it. Pure.

moto reads what it looks for by itself, and often finds it in a document of another kind, or finds nothing and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape

from localcloud.front.malformed import s3
from localcloud.front.malformed.shapes import in_lambdas_words
from localcloud.front.malformed.texts import Fault, body_of, not_serialized
from localcloud.front.members.documents import problem_of


def find_fault(model: str, operation: str, environ: Mapping[str, Any]) -> Fault | None:
    """What the service says of a body that is no document, or another one; None where it is in order, or empty."""
    shape = _document_of(model, operation)
    if shape is None or not body_of(environ).strip():
        return None
    if model == "s3":
        return s3.fault_of_document(environ, shape)
    problem = problem_of(environ)
    if problem is None:
        return None
    fault = not_serialized(problem)
    return in_lambdas_words(fault) if model == "lambda" else fault


@cache
def _document_of(model: str, operation: str) -> StructureShape | None:
    """The input of a REST operation whose body is a document; None where it has none, or takes any bytes."""
    known = ServiceModel(Loader().load_service_model(model, "service-2"))
    if not str(known.metadata["protocol"]).startswith("rest") or operation not in known.operation_names:
        return None
    shape = known.operation_model(operation).input_shape
    if shape is None:
        return None
    payload = shape.serialization.get("payload")
    if payload is not None:
        return shape if shape.members[payload].type_name == "structure" else None
    return shape if any("location" not in one.serialization for one in shape.members.values()) else None
