"""A version in shadow: before the switch it is asked what the one that serves is asked, and nobody hears it. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import isclose
from typing import Any, NamedTuple

from app.decide.deployment.deployment_alarms import ERROR_RATE, LATENCY_LIMIT_US
from app.decide.deployment.endpoint_steps import FAILED, Endpoint
from app.decide.watching.captured_lines import Captured
from app.decide.watching.policy_file import Duration

SHADOW = "Shadow"  # the variant's name
LEAST_ERRORS = 2  # one may be chance
NEAR = 0.1  # answers that are numbers agree within a tenth


class ShadowRun(NamedTuple):
    """A version's time in shadow."""

    config: str  # of the endpoint, with the shadow
    version: int
    begun_at: datetime
    until: datetime
    over: bool = False
    reason: str = ""  # why the version is not to serve; "" of one that may

    @property
    def passed(self) -> bool:
        """Whether it is over, and nothing speaks against the version."""
        return self.over and not self.reason


class Traffic(NamedTuple):
    """What CloudWatch counted of a variant."""

    asked: int
    errors: int  # that are the container's own
    latency_us: float  # on average; 0 of none

    @property
    def error_rate(self) -> float:
        """The share of the requests that failed, in [0, 1]."""
        return self.errors / self.asked if self.asked else 0.0


class Agreement(NamedTuple):
    """Of rows that both were asked about, how many have the same answer."""

    rows: int
    same: int

    @property
    def share(self) -> float:
        """In [0, 1]; 1 of no rows."""
        return self.same / self.rows if self.rows else 1.0


class Verdict(NamedTuple):
    """What the time in shadow showed, and what of it speaks against the version."""

    seen: str
    reasons: tuple[str, ...]


def shadow_span(section: Mapping[str, Any]) -> timedelta:
    """How long a model file's ``deployment`` section has a version in shadow; none where it says nothing."""
    wish = section.get("shadow")
    return Duration.parse(str(wish["for"])).span if wish else timedelta()


def why_at_once(version: int, serving: int | None, approved: Iterable[int], endpoint: Endpoint | None) -> str:
    """Why a version serves without a time in shadow; "" where there is one to compare it with.

    Going back to an older version is a rescue, and what serves without being approved is to go.
    """
    if serving is None or endpoint is None or endpoint.status == FAILED:
        return "nothing serves yet that it could be compared with"
    if version == serving:
        return "it was verified last"
    if version < serving:
        return f"version {serving} is newer, and is to go"
    return "" if serving in approved else f"version {serving} serves, and is not approved"


def next_config(own: str, shadow: str, run: ShadowRun | None, endpoint: Endpoint | None) -> str:
    """The configuration that an endpoint is brought to for the version of configuration ``own``: the one with its
    ``shadow``, "" for none, until that has passed; its own where nothing serves any more.
    """
    gone = endpoint is None or endpoint.status == FAILED
    if not shadow or gone or (endpoint and endpoint.config == own):
        return own
    return own if run and run.config == shadow and run.passed else shadow


def agreement(production: Iterable[Captured], shadow: Iterable[Captured], labels: bool) -> Agreement:
    """How often both answered the same, over the rows that both were asked about.

    A row is known by what was asked: a version answers the same row the same, and an id is only there where callers
    give one.
    """
    said = {tuple(row.record): row.answer for row in production}
    pairs = [(said[key], row.answer) for row in shadow if (key := tuple(row.record)) in said]
    return Agreement(len(pairs), sum(_same(one, other, labels) for one, other in pairs))


def _same(one: list[str], other: list[str], labels: bool) -> bool:
    if labels:
        return one[-1] == other[-1]
    return isclose(float(one[0]), float(other[0]), rel_tol=NEAR)


def judge(production: Traffic, shadow: Traffic, agreed: Agreement | None, least: float) -> Verdict:
    """Hold what the shadow did against the limits of every deployment's alarms, and against what serves; and how often
    both agreed against ``least``, in [0, 1]. What was asked nothing has nothing against it, and that is said.
    """
    reasons = []
    if shadow.errors >= LEAST_ERRORS and shadow.error_rate >= max(ERROR_RATE, production.error_rate):
        reasons.append(f"in shadow {shadow.errors} of {shadow.asked} requests failed")
    if shadow.latency_us >= max(LATENCY_LIMIT_US, production.latency_us):
        reasons.append(f"in shadow it took {_ms(shadow)} on average, and what serves {_ms(production)}")
    if agreed and agreed.rows and agreed.share < least:
        reasons.append(
            f"in shadow it agreed with what serves about {agreed.same} of {agreed.rows} rows, fewer than {least:.0%}"
        )
    return Verdict(_seen(production, shadow, agreed), tuple(reasons))


def _seen(production: Traffic, shadow: Traffic, agreed: Agreement | None) -> str:
    if not shadow.asked:
        return "in shadow it was asked nothing"
    took = f"{_ms(shadow)} on average beside {_ms(production)}"
    same = f", the same answer about {agreed.same} of {agreed.rows} rows" if agreed and agreed.rows else ""
    return f"in shadow {shadow.asked} requests, {shadow.errors} failed, {took}{same}"


def _ms(traffic: Traffic) -> str:
    return f"{traffic.latency_us / 1000:.0f} ms"
