"""Who is answered, by the headers of a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.front.origins import Door, refusal

DOOR = Door(4566)
OWN = "http://127.0.0.1:4566"
HOSTS = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)


def answered(host: str, door: Door = DOOR, *, own_page: bool = False, of_app: bool = False, **more: str) -> bool:
    headers = {"host": host} | {name.replace("_", "-"): value for name, value in more.items()}
    return refusal(headers, door, own_page=own_page, of_app=of_app) is None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:4566", "localhost:4566", "LocalHost:4566", "[::1]:4566", "bucket.localhost:4566",
     "my.dotted.bucket.localhost:4566", "123456789012.localhost:4566", "sync-127.0.0.1:4566",
     "123456789012.127.0.0.1:4566", "my.dotted.127.0.0.1:4566"],
)  # fmt: skip
def test_a_name_of_this_machine_is_answered(host: str) -> None:
    assert answered(host)


@pytest.mark.parametrize(
    "host",
    ["", " ", "127.0.0.1", "localhost", "127.0.0.1:80", "127.0.0.1:45660", "127.0.0.1:", "127.0.0.1:+4566",
     "127.0.0.1:٤٥٦٦",
     "127.0.0.2:4566", "0.0.0.0:4566", "evil.test:4566", "localhost.:4566", "localhost.evil.test:4566",
     "127.0.0.1.nip.io:4566", "evil-localhost:4566", "sync-localhost:4566", ".localhost:4566", "a..localhost:4566",
     "a@127.0.0.1:4566", "127.0.0.1:4566,127.0.0.1:4566", "127.0.0.1:4566 ", " 127.0.0.1:4566", "127.0.0.1:4566/",
     "http://127.0.0.1:4566", "[::]:4566", "[::ffff:127.0.0.1]:4566", "[::1:4566", "::1:4566", "2130706433:4566",
     "127.1:4566", "0x7f.0.0.1:4566", "1127.0.0.1:4566", "127.0.0.1\n:4566", "localhost\x00:4566",
     "\u017focalhost:4566", "host.docker.internal:4566", "192.168.1.7:4566", "x-192.168.1.7:4566"],
)  # fmt: skip
def test_any_other_host_is_refused(host: str) -> None:
    assert not answered(host)


def test_a_request_without_a_host_is_refused_in_a_sentence() -> None:
    assert refusal({}, DOOR) == (
        "the local cloud answers to 127.0.0.1:4566, localhost:4566 and [::1]:4566, and this request was for no host"
    )


def test_the_port_of_http_need_not_be_named() -> None:
    assert answered("localhost", Door(80))
    assert answered("localhost:80", Door(80))
    assert not answered("localhost", Door(8080))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("172.17.0.1:4566", True), ("sync-172.17.0.1:4566", True), ("172.17.0.2:4566", False), ("evil.test:4566", False)],
)
def test_an_address_that_was_asked_for_is_answered_too(host: str, expected: bool) -> None:
    assert answered(host, Door(4566, "172.17.0.1")) is expected


@pytest.mark.parametrize(
    ("host", "expected"), [("Build.Lan:4566", True), ("x.build.lan:4566", False), ("build.lan:80", False)]
)
def test_a_name_that_was_asked_for_is_answered_too(host: str, expected: bool) -> None:
    assert answered(host, Door(4566, "build.lan")) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [("192.168.1.7:4566", True), ("sync-192.168.1.7:4566", True), ("192.168.1.777:4566", False),
     ("evil.test:4566", False), ("192.168.1.7:80", False), ("192.168.1.7.evil.test:4566", False)],
)  # fmt: skip
def test_of_every_address_no_name_is_answered(host: str, expected: bool) -> None:
    assert answered(host, Door(4566, "0.0.0.0")) is expected


@given(HOSTS.filter(lambda host: not host.lower().endswith(":4566")))
def test_a_host_without_the_port_is_refused_whatever_it_is(host: str) -> None:
    assert not answered(host)


@given(st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,3}\.(com|test|io|lan)", fullmatch=True))
def test_a_name_that_somebody_can_own_is_refused(name: str) -> None:
    assert not answered(f"{name}:4566")
    assert not answered(f"{name}:4566", Door(4566, "0.0.0.0"))


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "", OWN, "http://localhost:4566", "chrome-extension://a"]
)
@pytest.mark.parametrize("site", [{}, {"sec_fetch_site": "none"}, {"sec_fetch_site": "same-origin"}])
def test_no_page_is_answered_even_one_of_the_same_origin(origin: str, site: dict[str, str]) -> None:
    assert not answered("127.0.0.1:4566", origin=origin, **site)


@pytest.mark.parametrize(
    ("site", "elsewhere", "own_page"),
    [("none", True, True), ("same-origin", False, True), ("same-site", False, False), ("cross-site", False, False),
     ("", False, False), ("None", False, False), ("none,none", False, False)],
)  # fmt: skip
def test_where_a_page_asks_from_decides(site: str, elsewhere: bool, own_page: bool) -> None:
    assert answered("127.0.0.1:4566", sec_fetch_site=site) is elsewhere
    assert answered("127.0.0.1:4566", own_page=True, sec_fetch_site=site) is own_page


@pytest.mark.parametrize(
    ("origin", "expected"),
    [(OWN, True), ("http://localhost:4566", False), ("https://127.0.0.1:4566", False), ("http://127.0.0.1", False),
     ("null", False), ("", False), (f"{OWN},{OWN}", False), (f"{OWN}.evil.test", False)],
)  # fmt: skip
def test_an_own_page_asks_an_own_page_under_the_same_name(origin: str, expected: bool) -> None:
    assert answered("127.0.0.1:4566", own_page=True, origin=origin, sec_fetch_site="same-origin") is expected


def test_what_a_caller_says_is_told_in_plain_text_of_bounded_length() -> None:
    said = refusal({"host": "\x1b[31m" + "é" * 5000}, DOOR)

    assert said is not None
    assert said.isprintable()
    assert len(said) < 700


@given(HOSTS, st.text(max_size=40), st.text(max_size=20))
def test_whatever_comes_is_decided(host: str, origin: str, site: str) -> None:
    said = refusal({"host": host, "origin": origin, "sec-fetch-site": site}, DOOR)

    assert said is not None  # an origin always refuses, unless an own page asks
    assert said.isprintable()


@pytest.mark.parametrize(
    ("origin", "site", "expected"),
    [
        ("http://a.localhost:4566", "same-origin", True), ("null", "same-origin", True), (None, "same-origin", True),
        ("null", "none", False), ("null", "cross-site", False), ("null", "same-site", False), ("null", None, False),
        ("http://b.localhost:4566", "same-site", False), ("http://evil.test", "same-origin", False),
    ],
)  # fmt: skip
def test_an_apps_page_asks_its_own_server_also_where_it_tells_nobody_who_it_is(
    origin: str | None, site: str | None, expected: bool
) -> None:
    more = {name: value for name, value in (("origin", origin), ("sec_fetch_site", site)) if value is not None}

    assert answered("a.localhost:4566", of_app=True, **more) is expected


FOLLOWED = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "referer": f"{OWN}/_localcloud/pages/outbox"}
FUNCTION = "0123456789abcdef0123456789abcdef.lambda-url.us-east-1.localhost:4566"


def test_a_link_of_our_own_pages_leads_to_an_apps_page() -> None:
    assert answered(FUNCTION, of_app=True, **FOLLOWED)
    assert answered(FUNCTION, of_app=True, **FOLLOWED | {"referer": "http://LocalHost:4566/_localcloud/"})


@pytest.mark.parametrize(
    "changed",
    [
        {"referer": f"{OWN}/a-bucket/_localcloud/page.html"}, {"referer": OWN}, {"referer": ""},
        {"referer": "https://evil.test/_localcloud/"}, {"referer": "http://evil.test:4566/_localcloud/"},
        {"referer": "http://127.0.0.1:4567/_localcloud/"}, {"referer": "http://127.0.0.1:4566@evil.test/_localcloud/"},
        {"referer": f"http://{FUNCTION}/_localcloud/"}, {"referer": "http://bucket.localhost:4566/_localcloud/x"},
        {"sec_fetch_mode": "no-cors"}, {"sec_fetch_mode": "cors"}, {"sec_fetch_mode": ""}, {"origin": "null"},
        {"origin": "https://evil.test"},
    ],
)  # fmt: skip
def test_no_other_pages_link_leads_to_an_apps_page(changed: dict[str, str]) -> None:
    assert not answered(FUNCTION, of_app=True, **FOLLOWED | changed)


def test_a_link_of_our_own_pages_leads_to_no_api() -> None:
    assert not answered("127.0.0.1:4566", **FOLLOWED)
    assert not answered("localhost:4566", own_page=True, **FOLLOWED)
