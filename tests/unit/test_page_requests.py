"""What is taken of a browser's request: of whatever is sent nothing but what a page can use."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from app.decide.pages.web_requests import FORM, PageRequested
from app.errors import BadMessage
from hypothesis import given
from hypothesis import strategies as st

SECRET = "a-Z_" + "0" * 39
HOST = "page.test"


def event(
    path: str = "/", method: str = "GET", body: str = "", encoded: bool = False, **headers: str
) -> dict[str, Any]:
    context = {"http": {"method": method, "path": path}}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"rawPath": path, "requestContext": context, "headers": {"host": HOST} | names}
    return named | ({"body": body, "isBase64Encoded": encoded} if body else {})


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"/decide/churn/3/{SECRET}", ("churn", 3, SECRET, "", "")),
        (f"/console/{SECRET}", ("", 0, SECRET, "all", "")),
        (f"/console/{SECRET}/", ("", 0, SECRET, "all", "")),
        (f"/console/{SECRET}/models/churn", ("churn", 0, SECRET, "models", "churn")),
        (f"/console/{SECRET}/runs/churn-20260314t101500-abcdef",
         ("churn", 0, SECRET, "runs", "churn-20260314t101500-abcdef")),
        *((path, ("", 0, "", "", "")) for path in (
            "", "/", "/favicon.ico", f"/decide/churn/0/{SECRET}", f"/decide/churn/3/{SECRET}0", f"/decide//3/{SECRET}",
            f"/decide/churn/3/{SECRET}\n", f"/decide/CHURN/3/{SECRET}", f"/decide/a--b/3/{SECRET}",
            f"/decide/churn/٣/{SECRET}", f"//decide/churn/3/{SECRET}", f"/console/{SECRET}/models/",
            f"/console/{SECRET}/models/a/b", f"/console/{SECRET}/outbox", f"/console/{SECRET}/models/churn/report",
            f"/console/{SECRET}/runs/churn-1-a/try",
            f"/console/{SECRET}/models/churn/versions/0", f"/console/{SECRET}/runs/churn-1-a/versions/3",
            f"/console/{SECRET}/runs/churn-1-a/steps/", f"/console/{SECRET}/runs/churn-1-a/steps/..",
            f"/console/{SECRET}/report",
        )),
    ],
)  # fmt: skip
def test_a_path_is_a_link_or_nothing(path: str, found: tuple[Any, ...]) -> None:
    asked = PageRequested.parse(event(path))

    assert (asked.model, asked.version, asked.secret, asked.shelf, asked.name) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("models/churn/versions/3", ("models", "churn", "versions", "3")),
        ("runs/churn-1-a/steps/Score-Champion", ("runs", "churn-1-a", "steps", "Score-Champion")),
        ("runs/churn-1-a/report", ("runs", "churn-1-a", "report", "")),
        ("models/churn/try", ("models", "churn", "try", "")),
        ("runs/churn-1-a/report/", ("runs", "churn-1-a", "report", "")),
    ],
)
def test_a_page_of_the_console_has_parts(path: str, found: tuple[str, ...]) -> None:
    asked = PageRequested.parse(event(f"/console/{SECRET}/{path}"))

    assert (asked.shelf, asked.name, asked.part, asked.item) == found


@pytest.mark.parametrize("encoded", [False, True])
def test_a_form_comes_as_text_or_in_base64(encoded: bool) -> None:
    text = "who=Ada+L%C3%B6&decision=approve&reason="
    body = base64.b64encode(text.encode()).decode() if encoded else text

    asked = PageRequested.parse(event(method="POST", body=body, encoded=encoded, content_type=f"{FORM}; charset=UTF-8"))

    assert asked.form == {"who": "Ada Lö", "decision": "approve", "reason": ""}


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False), ({"sec_fetch_site": "none"}, False), ({"sec_fetch_site": "same-origin", "origin": "null"}, False),
        ({"origin": f"https://{HOST}"}, False), ({"origin": "null"}, False),
        ({"sec_fetch_site": "cross-site", "origin": "null"}, True), ({"sec_fetch_site": "same-site"}, True),
        ({"origin": "https://evil.test"}, True), ({"origin": ""}, True), ({"sec_fetch_site": ""}, True),
    ],
)  # fmt: skip
def test_another_sites_page_is_told_by_what_the_browser_says(headers: dict[str, str], foreign: bool) -> None:
    assert PageRequested.parse(event(**headers)).foreign is foreign


@given(
    path=st.text(max_size=80), method=st.text(max_size=8), body=st.text(max_size=200), encoded=st.booleans(),
    kind=st.sampled_from(["", FORM, f"{FORM};", "text/plain", "multipart/form-data; boundary=x"]),
)  # fmt: skip
def test_whatever_is_sent_is_parsed(path: str, method: str, body: str, encoded: bool, kind: str) -> None:
    asked = PageRequested.parse(event(path, method, body, encoded, content_type=kind))

    assert asked.form is None or kind.startswith(FORM)
    assert not asked.secret or len(asked.secret) == 43


def test_what_is_no_request_of_a_url_is_refused() -> None:
    with pytest.raises(BadMessage):
        PageRequested.parse({"version": "1.0"})
