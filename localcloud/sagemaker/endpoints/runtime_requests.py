"""SageMaker Runtime over HTTP: from a WSGI request to ``invocations.py``, and back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, cast

from werkzeug.datastructures import EnvironHeaders

from localcloud.front.malformed.texts import body_of
from localcloud.front.services import Start
from localcloud.sagemaker.endpoints.invocations import Invocations

ASYNCHRONOUS = "/async-invocations"


def answer(invocations: Invocations, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer InvokeEndpoint, or InvokeEndpointAsync."""
    path = str(environ["PATH_INFO"])
    headers = cast(Mapping[str, str], EnvironHeaders(environ))  # whatever the case of a name
    if path.endswith(ASYNCHRONOUS):
        status, said, body = invocations.invoke_async(path)
    else:
        status, said, body = invocations.invoke(path, headers, body_of(environ))
    sent = [(name, str(value)) for name, value in said.items()]
    start(f"{status} {HTTPStatus(status).phrase}", [*sent, ("x-amzn-RequestId", str(uuid.uuid4()))])
    return [body.encode() if isinstance(body, str) else body]
