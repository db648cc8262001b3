"""JSON to addresses that are none of AWS's: a chat's webhook, a tracking server. Redirects are not followed, and
addresses, which may be secrets, are not told.
"""

import json
from collections.abc import Mapping
from typing import Any

import urllib3

from app.decide.names.shown_text import shown
from app.errors import CallRefused, Gone, ServiceUnavailable, Throttled

WAIT = urllib3.Timeout(connect=3, read=20)
HEADERS = {"content-type": "application/json"}
MOST_ANSWER = 200  # characters that an error quotes


def post(url: str, document: dict[str, Any]) -> None:
    """Have ``document`` taken at ``url``, which is a secret.

    Raises:
        Throttled: not yet.
        ServiceUnavailable: nobody answers there, or says that it cannot at the moment.
        Gone: there is no such webhook any more.
        CallRefused: what answers does not take it.
    """
    call("the webhook", "POST", url, body_of(document), HEADERS)


def body_of(document: dict[str, Any]) -> bytes:
    """``document`` as it is sent."""
    return json.dumps(document).encode()


def call(who: str, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """What ``who``, in an error's words, answers.

    Raises:
        Throttled: not yet.
        ServiceUnavailable: nobody answers there, or says that it cannot at the moment.
        Gone: it has no such thing.
        CallRefused: what answers does not take it.
    """
    try:
        answer = urllib3.PoolManager(retries=False).request(
            method, url, body=body, headers=dict(headers), timeout=WAIT, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:  # whose text has the address
        raise ServiceUnavailable(f"{who} was not reached: {type(error).__name__}") from None
    if answer.status < 300:
        return bytes(answer.data)
    kinds = {404: Gone, 429: Throttled}
    kind = kinds.get(answer.status, ServiceUnavailable if answer.status >= 500 else CallRefused)
    said = shown(answer.data.decode(errors="replace"), MOST_ANSWER)
    raise kind(f"{who} answered {answer.status}: {said}")
