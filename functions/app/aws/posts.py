"""JSON to an address that is none of AWS's: a chat's webhook. Redirects are not followed, and addresses not told."""

import json
from typing import Any

import urllib3

from app.decide.names.shown_text import shown
from app.errors import CallRefused, ServiceUnavailable, Throttled

WAIT = urllib3.Timeout(connect=3, read=10)
HEADERS = {"content-type": "application/json"}
MOST_ANSWER = 200  # characters that an error quotes


def post(url: str, document: dict[str, Any]) -> None:
    """Have ``document`` taken at ``url``, which is a secret.

    Raises:
        Throttled: not yet.
        ServiceUnavailable: nobody answers there, or says that it cannot at the moment.
        CallRefused: what answers does not take it.
    """
    try:
        answer = urllib3.PoolManager(retries=False).request(
            "POST", url, body=json.dumps(document).encode(), headers=HEADERS, timeout=WAIT, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:  # whose text has the address
        raise ServiceUnavailable(f"the webhook was not reached: {type(error).__name__}") from None
    if answer.status < 300:
        return
    kind = Throttled if answer.status == 429 else ServiceUnavailable if answer.status >= 500 else CallRefused
    said = shown(answer.data.decode(errors="replace"), MOST_ANSWER)
    raise kind(f"the webhook answered {answer.status}: {said}")
