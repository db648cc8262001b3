"""Small words that people read: a mark that is true, a reason that is true, a next step that works."""

from datetime import UTC, datetime

import pytest
from app.decide.names.statuses import RunStatus
from app.decide.run_plans import failure_message
from app.ledger import RunRecord

from cli.demo import loop
from cli.show import follow, progress
from cli.stack.local import local_stack

AT = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
MARKS = {
    "gate passed": "✓", "approved by ada": "✓", "verified": "✓", "Deployed": "✓", "pipeline succeeded": "✓",
    "Superseded": "✓", "Not due": "✓",
    "gate not passed": "✗", "pipeline failed": "✗", "pipeline stopped": "✗", "rejected by ada": "✗", "Failed": "✗",
    "Rejected by gate": "✗", "Rejected by reviewer": "✗", "Approval expired": "✗", "No usable data": "✗",
    "batch transform failed": "✗",
}  # fmt: skip


@pytest.mark.parametrize("what", MARKS)
def test_what_went_wrong_has_no_tick(what: str) -> None:
    run = RunRecord("churn-1-a", "churn", RunStatus.FAILED, "arn", timeline=[{"at": AT, "what": what}])

    (row,) = progress.rows(follow.Snapshot(run, ()))

    assert progress.line(row).startswith(f"{MARKS[what]} {what}")


@pytest.mark.parametrize("status", [status for status in RunStatus if status.final])
def test_every_end_of_a_run_has_a_mark_of_its_own(status: RunStatus) -> None:
    assert str(status) in MARKS


@pytest.mark.parametrize(("yes", "said"), [(True, "approved with --yes"), (False, "nobody was there to ask")])
def test_an_approval_says_who_gave_it(yes: bool, said: str) -> None:
    assert said in loop.approval_reason(loop.DemoRequest("churn", None, 100, 7, {}, yes, silent=not yes))


@pytest.mark.parametrize(
    ("mode", "next_step"), [("batch", "retrain score churn"), ("realtime", "retrain predict churn")]
)
def test_what_to_type_next_fits_how_the_model_serves(mode: str, next_step: str) -> None:
    report = {
        "url": "u", "state": "s", "outputs": {"DataBucketName": "b"}, "models": ["churn"], "modes": {"churn": mode},
        "sagemaker_sdk": {"export": "e"}, "console": "c", "pages": "p",
    }  # fmt: skip

    text = local_stack.render_text(report)

    assert next_step in text
    assert ("predict" in text) == (mode != "batch")


def test_a_person_is_asked_while_the_run_awaits_approval_and_no_longer() -> None:
    waits = RunRecord("r", "churn", RunStatus.AWAITING_APPROVAL, "arn", version=1)
    others = [waits._replace(status=status) for status in (RunStatus.RUNNING, RunStatus.DEPLOYING)]

    assert [follow.Snapshot(run, ()).awaits_decision for run in (waits, *others)] == [True, False, False]


def test_a_failures_last_lines_are_lines_with_words() -> None:
    lines = [
        '  File "a.py", line 3',
        "    x = 1 / 0",
        "        ~~^~~",
        "   ^^^^^^^^^",
        "ZeroDivisionError: division by zero",
    ]

    message = failure_message("Train", "AlgorithmError", lines, "/aws/sagemaker/TrainingJobs", "job/algo-1")

    assert "^" not in message
    assert "x = 1 / 0 | ZeroDivisionError: division by zero" in message
