"""Application Auto Scaling over HTTP: from a WSGI request to ``scaling.py``, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from localcloud.front import refusals
from localcloud.front.members.documents import document_of
from localcloud.front.services import Start
from localcloud.sagemaker.scaling.records import Refused
from localcloud.sagemaker.scaling.scaling import Scaling

CONTENT_TYPE = "application/x-amz-json-1.1"


def answer(scaling: Scaling, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer an operation that is played."""
    operation = scaling.operations()[refusals.operation_of(environ)]
    try:
        found = operation(document_of(environ))
    except Refused as error:
        return refusals.refused(environ, error.code, str(error), error.status)(environ, start)
    start("200 OK", [("Content-Type", CONTENT_TYPE)])
    return [json.dumps(found).encode()]
