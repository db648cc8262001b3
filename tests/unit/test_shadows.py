"""A version in shadow: when it has one, what the endpoint is brought to, and what speaks against the version."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from app.decide.deployment.endpoint_steps import Endpoint
from app.decide.deployment.shadows import (
    SHADOW,
    Agreement,
    ShadowRun,
    Traffic,
    agreement,
    judge,
    next_config,
    shadow_span,
    why_at_once,
)
from app.decide.deployment_plans import Deployment, plan_deployment, shadow_request, shadow_wish
from app.decide.messages import RunTask
from app.decide.watching.captured_lines import Captured
from app.settings import Settings

from pipelines.model import deployment_rules

AT = datetime(2026, 3, 14, 12, tzinfo=UTC)
SETTINGS = Settings(stack="retrain", data_bucket="bucket", ledger_table="ledger", notification_topic_arn="arn:topic")
CONTAINER = {"Image": "image", "ModelDataUrl": "s3://bucket/model.tar.gz"}
TASK = RunTask("churn", "churn-20260314t101500-abcdef", version=2)
OLD, OWN, BOTH = "retrain--churn-v1-aaaaaaaa", "retrain--churn-v2-bbbbbbbb", "retrain--churn-v2-cccccccc"
CHAMPION: dict[str, Any] = {
    "ProductionVariants": [
        {"VariantName": "AllTraffic", "ModelName": OLD, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2,
         "InitialVariantWeight": 1.0}
    ]
}  # fmt: skip
FINE = Traffic(100, 0, 9_000.0)


def endpoint(config: str, status: str = "InService") -> Endpoint:
    return Endpoint("retrain--churn", config, status, "", AT, 1)


def planned(**wish: object) -> Deployment:
    return plan_deployment(SETTINGS, "churn", 2, (CONTAINER,), wish, "arn:role")


def in_shadow(*, over: bool = False, reason: str = "", config: str = BOTH) -> ShadowRun:
    return ShadowRun(config, 2, AT, AT + timedelta(hours=2), over, reason)


@pytest.mark.parametrize(
    ("version", "serving", "found", "said"),
    [
        (2, 1, endpoint(OLD), ""),
        (2, None, None, "nothing serves yet"),
        (2, 1, None, "nothing serves yet"),  # somebody deleted it
        (2, 1, endpoint(OLD, "Failed"), "nothing serves yet"),
        (2, 3, endpoint(OLD), "version 3 is newer, and is to go"),  # a rollback
        (2, 2, endpoint(OWN), "it was verified last"),  # after another that was stopped
        (4, 3, endpoint(OLD), "version 3 serves, and is not approved"),
    ],
)
def test_a_version_is_tried_in_shadow_beside_an_older_one_that_is_to_serve(
    version: int, serving: int | None, found: Endpoint | None, said: str
) -> None:
    why = why_at_once(version, serving, {1, 2}, found)

    assert why.startswith(said)
    assert bool(why) == bool(said)


@pytest.mark.parametrize(
    ("shadow", "run", "found", "config"),
    [
        ("", None, endpoint(OLD), OWN),
        (BOTH, None, endpoint(OLD), BOTH),
        (BOTH, in_shadow(), endpoint(BOTH), BOTH),
        (BOTH, in_shadow(config="another"), endpoint(OLD), BOTH),
        (BOTH, in_shadow(over=True), endpoint(BOTH), OWN),
        (BOTH, in_shadow(over=True, config="another"), endpoint(BOTH), BOTH),
        (BOTH, in_shadow(over=True, reason="slow"), endpoint(BOTH), BOTH),
        (BOTH, in_shadow(), None, OWN),  # it was deleted meanwhile: nothing is left to compare with
        (BOTH, in_shadow(), endpoint(BOTH, "Failed"), OWN),
        (BOTH, None, endpoint(OWN), OWN),
    ],
)
def test_an_endpoint_is_brought_to_the_shadow_first(
    shadow: str, run: ShadowRun | None, found: Endpoint | None, config: str
) -> None:
    assert next_config(OWN, shadow, run, found) == config


@pytest.mark.parametrize(
    ("production", "shadow", "agreed", "reasons"),
    [
        (FINE, FINE, Agreement(50, 50), []),
        (FINE, Traffic(0, 0, 0.0), None, []),
        (FINE, Traffic(100, 4, 9_000.0), None, []),  # fewer than an alarm takes
        (FINE, Traffic(3, 1, 9_000.0), None, []),  # one may be chance
        (FINE, Traffic(100, 5, 9_000.0), None, ["in shadow 5 of 100 requests failed"]),
        (Traffic(100, 9, 0.0), Traffic(100, 5, 0.0), None, []),  # what serves is worse
        (FINE, Traffic(9, 0, 1.5e6), None, ["in shadow it took 1500 ms on average, and what serves 9 ms"]),
        (Traffic(9, 0, 2e6), Traffic(9, 0, 1.5e6), None, []),
        (FINE, FINE, Agreement(50, 44), ["in shadow it agreed with what serves about 44 of 50 rows, fewer than 90%"]),
        (FINE, FINE, Agreement(50, 45), []),
        (FINE, FINE, Agreement(0, 0), []),
    ],
)
def test_a_shadow_is_held_against_limits_and_against_what_serves(
    production: Traffic, shadow: Traffic, agreed: Agreement | None, reasons: list[str]
) -> None:
    assert list(judge(production, shadow, agreed, 0.9).reasons) == reasons


def test_what_the_time_in_shadow_showed_is_said() -> None:
    seen = judge(FINE, Traffic(40, 1, 12_000.0), Agreement(30, 29), 0.0).seen

    assert seen == "in shadow 40 requests, 1 failed, 12 ms on average beside 9 ms, the same answer about 29 of 30 rows"
    assert judge(FINE, Traffic(0, 0, 0.0), None, 0.0).seen == "in shadow it was asked nothing"


def test_rows_that_both_were_asked_about_are_compared() -> None:
    def rows(*answers: tuple[str, str]) -> list[Captured]:
        return [Captured([row], [answer], "", "") for row, answer in answers]

    labels = agreement(rows(("1", "Yes"), ("2", "No"), ("3", "No")), rows(("2", "No"), ("3", "Yes"), ("4", "No")), True)
    numbers = agreement(rows(("1", "100"), ("2", "100")), rows(("1", "109"), ("2", "120")), False)

    assert labels == Agreement(2, 1)
    assert numbers == Agreement(2, 1)


def test_the_shadow_stands_beside_what_serves_as_it_is() -> None:
    plan = planned(shadow={"for": "2h", "share": 0.5}, capture={"percent": 10})
    request = shadow_request(SETTINGS, TASK, plan, CHAMPION)

    assert request["ProductionVariants"] == CHAMPION["ProductionVariants"]
    assert request["ShadowProductionVariants"] == [
        {**plan.variant, "VariantName": SHADOW, "InitialVariantWeight": 0.5, "ModelName": plan.config}
    ]
    assert request["DataCaptureConfig"] == plan.capture
    assert request["EndpointConfigName"].startswith("retrain--churn-v2-")
    assert request["EndpointConfigName"] != plan.config


@pytest.mark.parametrize(
    "champion", [{}, {"ProductionVariants": [{"VariantName": "AllTraffic", "ServerlessConfig": {"MaxConcurrency": 5}}]}]
)
def test_what_takes_no_shadow_has_none(champion: dict[str, Any]) -> None:
    assert shadow_request(SETTINGS, TASK, planned(shadow={"for": "2h"}), champion) == {}


def test_a_model_file_says_how_long() -> None:
    assert shadow_wish({"shadow": {"for": "90m"}}) == {"for_s": 5400, "share": 1.0, "agreement": 0.0}
    assert (shadow_wish({}), shadow_span({})) == ({}, timedelta())
    assert planned(mode="serverless", shadow={"for": "2h"}).shadow == {}


@pytest.mark.parametrize(
    ("wish", "where", "said"),
    [
        ({"mode": "batch", "shadow": {"for": "2h"}}, ("shadow",), "is for mode: realtime"),
        ({"mode": "serverless", "shadow": {"for": "2h"}}, ("shadow",), "is for mode: realtime"),
        ({"mode": "realtime", "shadow": {"for": "13h"}}, ("shadow", "for"), "longer than a deployment may wait"),
        ({"mode": "realtime", "shadow": {"for": "2h", "agreement": 0.9}}, ("shadow", "agreement"), "nothing is"),
    ],
)
def test_a_shadow_that_cannot_be_is_told(wish: dict[str, Any], where: tuple[str, ...], said: str) -> None:
    found = list(deployment_rules.findings({"algorithms": [], "deployment": wish}))

    assert [place for place, what, _ in found if said in what] == [("deployment", *where)]


@pytest.mark.parametrize("shadow", [{"for": "12h"}, {"for": "720m", "agreement": 0.9}])
def test_a_shadow_of_half_a_day_fits(shadow: dict[str, Any]) -> None:
    wish = {"mode": "realtime", "shadow": shadow, "capture": {"percent": 100}}

    assert list(deployment_rules.findings({"algorithms": [], "deployment": wish})) == []
