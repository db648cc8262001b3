"""What ``retrain why`` says, from what is known."""

from typing import Any

from app.decide.names.statuses import RunStatus
from app.decide.pages.why import scaling_said, why_view
from app.decide.records import RunRecord

from cli.show.why_report import Tried, Why, render_text, replaced, tried_since


def run(day: int, status: RunStatus, version: int | None, **facts: Any) -> RunRecord:
    name = f"churn-202603{day:02}t101500-abcdef"
    verified = [{"at": f"2026-03-{day:02}T11:00:00.000Z", "what": "verified"}] if status is RunStatus.DEPLOYED else []
    return RunRecord(name, "churn", status, "arn", version=version, timeline=verified, **facts)


RUNS = [
    run(6, RunStatus.RUNNING, None),
    run(5, RunStatus.REJECTED_BY_GATE, None, reasons=["accuracy 0.700 is below 0.750"]),
    run(4, RunStatus.DEPLOYED, 3),
    run(3, RunStatus.FAILED, 2),
    run(2, RunStatus.DEPLOYED, 1),
]


def test_the_version_before_is_the_one_that_was_verified_last() -> None:
    assert replaced(RUNS[2], RUNS) == 1
    assert replaced(RUNS[4], RUNS) is None


def test_what_was_tried_since_is_told_with_its_reasons_and_what_works_is_not() -> None:
    (tried,) = tried_since(RUNS[2], RUNS)

    assert tried == Tried(RUNS[1].id, None, "Rejected by gate", ["accuracy 0.700 is below 0.750"])


def test_all_answers_stand_in_the_text() -> None:
    files = [{"key": "incoming/churn/may.csv"}, {"key": "incoming/churn/june.csv"}]
    why = Why(
        "churn", 3, True, "churn-1-a", 2000, files, {"metrics": {"accuracy": 0.8}}, [], "approved by Ada", "ticket 7",
        "2026-03-04T11:00:00.000Z", 1, tried=tried_since(RUNS[2], RUNS),
    )  # fmt: skip

    assert render_text(why).splitlines() == [
        "churn version 3 serves since 2026-03-04T11:00:00.000Z",
        "  run: churn-1-a",
        "  data: 2000 rows of may.csv, june.csv",
        "  metrics: accuracy 0.800",
        "  decision: approved by Ada (ticket 7)",
        "  verified: 2026-03-04T11:00:00.000Z",
        "  replaced: version 1",
        "  tried since, and not deployed: 1",
        "    churn-20260305t101500-abcdef: Rejected by gate: accuracy 0.700 is below 0.750",
    ]


def test_how_an_endpoint_is_scaled_is_said_where_it_is() -> None:
    wish = {"autoscaling": {"min": 1, "max": 4, "per_instance": 600}}
    grown = run(4, RunStatus.DEPLOYED, 3, plan={"deployment": wish})
    said = scaling_said(grown)

    assert said == "1 to 4 instances, by 600 requests an instance and minute"
    assert scaling_said(RUNS[2]) == scaling_said(run(4, RunStatus.DEPLOYED, 3, plan={"deployment": None})) == ""
    assert f"  scaling: {said}" in render_text(Why("churn", 3, True, "churn-1-a", 1, scaling=said)).splitlines()
    assert ("Scaling", said) in why_view(grown, [grown], [], serves=True, failure="").facts


def test_texts_from_outside_are_shown_and_not_obeyed() -> None:
    why = Why("churn", 3, False, "churn-1-a", None, decided="rejected by \x1b[2JAda", because="no\nDeployed, version 3")

    lines = render_text(why).splitlines()

    assert r"  decision: rejected by \x1b[2JAda (no\nDeployed, version 3)" in lines
    assert len(lines) == len(render_text(why).split("\n"))
