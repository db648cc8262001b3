"""A version is tried in shadow beside the one that serves, on real requests, and then serves."""

from collections.abc import Callable
from typing import Any

import pytest
from test_due_runs import announced
from test_lost_events import reconcile
from waiting import eventually

from cli.demo_data import generate

pytestmark = pytest.mark.local  # it changes what is announced
FOR = {"for": "1m", "agreement": 0.5}


@pytest.fixture(scope="module")
def served(new_stack: Callable[[str], Any]) -> Any:
    """A stack on which version 1 serves, whose next versions are tried in shadow for a minute."""
    stack = new_stack("shadowed")
    announced(stack, lambda model: model["deployment"].update(capture={"percent": 100}, shadow=FOR))
    run = stack.awaiting(stack.send(stack.csv("first.csv", rows=2000)).run)
    stack.approve(run)
    assert str(stack.run(run.id).status) == "Deployed"
    return stack


def timeline(run: Any) -> list[str]:
    return [entry["what"] for entry in run.timeline]


def asked(stack: Any, rows: int) -> None:
    """The endpoint is asked about so many customers, each by itself."""
    runtime, name = stack.target.client("sagemaker-runtime"), stack.target.resource("churn")
    header, *lines = generate("churn", rows, seed=9).splitlines()
    columns = header.split(",")
    kept = [place for place, column in enumerate(columns) if column not in ("customerID", "Churn")]
    for line in lines:
        values = line.split(",")
        body = ",".join(values[place] for place in kept)
        answer = runtime.invoke_endpoint(EndpointName=name, Body=body.encode(), ContentType="text/csv")
        assert answer["InvokedProductionVariant"] == "AllTraffic"


def test_a_first_version_has_nothing_to_be_compared_with(served: Any) -> None:
    assert "no time in shadow: nothing serves yet that it could be compared with" in timeline(served.runs()[-1])


def test_a_version_serves_once_its_time_in_shadow_is_over(served: Any) -> None:
    sagemaker, name = served.target.client("sagemaker"), served.target.resource("churn")
    run = served.awaiting(served.send(served.csv("second.csv", rows=2000, seed=2)).run)
    served.approve(run)
    served.run(run.id, lambda run: "in shadow" in timeline(run))
    shown = sagemaker.describe_endpoint(EndpointName=name)
    asked(served, 20)

    def over() -> bool:
        reconcile(served)
        return bool(served.target.ledger().run(run.id).status.final)

    eventually(over, 120, "the time in shadow is over, and the version serves")

    ended = served.run(run.id)
    seen = next(entry for entry in timeline(ended) if entry.startswith("in shadow 20 requests, 0 failed"))
    assert [one["VariantName"] for one in shown["ShadowProductionVariants"]] == ["Shadow"]
    assert "the same answer about" in seen
    assert str(ended.status) == "Deployed", ended.reasons
    assert served.target.ledger().live_version("churn").version == run.version
    assert "ShadowProductionVariants" not in sagemaker.describe_endpoint(EndpointName=name)
