"""How well what serves is, in words: of what is known, and of what nobody may read."""

from datetime import UTC, datetime
from typing import Any

import pytest
from app.decide.deployment.endpoint_steps import Endpoint
from app.decide.operating.alarm_rows import AlarmRow
from app.decide.operating.health import Health, health

CONFIG = "retrain--churn-v4-aaaaaaaa"
ERRORS = AlarmRow("churn-v4-aaaaaaaa-errors", "The endpoint answers with errors of its own.", "2026-03-14 10:15 UTC")
OTHERS = (AlarmRow("churn-v3-aaaaaaaa-errors", "of before", ""), AlarmRow("RunsFail", "A run failed.", ""))


def endpoint(status: str, failure: str = "", instances: int = 1) -> Endpoint:
    return Endpoint("retrain--churn", CONFIG, status, failure, datetime(2026, 3, 14, tzinfo=UTC), instances)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"endpoint": endpoint("InService")}, Health("good", "endpoint InService on 1 instance, no alarm")),
        ({"endpoint": endpoint("Updating", "old", 3)}, Health("", "endpoint Updating on 3 instances, no alarm")),
        (
            {"endpoint": endpoint("Failed", "none left")},
            Health("bad", "endpoint Failed on 1 instance, no alarm: none left"),
        ),
        ({"endpoint": endpoint("InService", instances=0)}, Health("good", "endpoint InService, no alarm")),
        (
            {"endpoint": endpoint("InService"), "alarms": (*OTHERS, ERRORS)},
            Health("bad", "endpoint InService, in alarm: The endpoint answers with errors of its own."),
        ),
        ({"alarms": OTHERS}, Health("good", "no alarm")),
        ({"alarms": None}, Health("", "alarms unknown")),
        ({"batch": True}, Health("", "no endpoint: it scores files")),
        ({"config": ""}, None),
    ],
)
def test_health_says_what_is_known_of_the_endpoint_and_of_its_own_alarms(
    known: dict[str, Any], said: Health | None
) -> None:
    assert health("retrain", **{"config": CONFIG, "alarms": ()} | known) == said
