"""What a terminal is sent: a text from outside is one line that drives nothing."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from app.decide.names.resource_names import no_model_text
from app.decide.names.statuses import RunStatus
from app.ledger import RunRecord

from cli.show import graph, progress, status_report
from cli.show.console import PlainConsole
from cli.stack.rows import batch_scoring, predictions, uploading

HOSTILE = "a\x1b[2J\x9b31m\u202e\u200b\r\nendpoint retrain--churn: InService, serves version 9"
PLAIN = r"a\x1b[2J\x9b31m\u202e\u200b\r\nendpoint retrain--churn: InService, serves version 9"


def report(**changes: Any) -> dict[str, Any]:
    return {"runs": [], "endpoints": [], "batch": [], "refused": [], "warnings": [], "pipelines_at_once": 0} | changes


def run(**facts: Any) -> dict[str, Any]:
    asked = {"loosened_limits": [], "left_out": [], "left_out_counts": {}, "unheard": False, "waits_behind": None}
    begun = {"run": "churn-1-a", "status": "Failed", "version": None, "verdict": None, "reasons": [], "cause": {}}
    return begun | asked | facts


ENDPOINT = {"name": "retrain--churn", "status": "Failed", "config": "c", "registered": {"metadata": {"team": HOSTILE}}}
REPORTS = {
    "a refusal": report(refused=[{"message": HOSTILE}]),
    "a run's reason": report(runs=[run(reasons=[HOSTILE])]),
    "an upload that was left out": report(
        runs=[run(left_out=[{"key": HOSTILE, "why": "gone"}], left_out_counts={"other": 1})]
    ),
    "a limit": report(runs=[run(loosened_limits=[HOSTILE])]),
    "an endpoint's reason": report(runs=[run()], endpoints=[ENDPOINT | {"registered": {}, "reason": HOSTILE}]),
    "the registry's metadata": report(runs=[run()], endpoints=[ENDPOINT]),
}


def printed(what: dict[str, Any]) -> str:
    screen = PlainConsole(file=io.StringIO(), width=200)
    status_report.print_report(what, screen)
    return str(screen.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", REPORTS)
def test_status_is_sent_lines_of_its_own_only(name: str) -> None:
    text = printed(REPORTS[name])

    assert PLAIN in text
    assert all(line.isprintable() for line in text.split("\n"))
    assert not any(line.startswith("endpoint retrain--churn: InService") for line in text.split("\n"))


@pytest.mark.parametrize("folder", ["kündigung", "отток", "解約", "إلغاء", "churn-ñ"])
def test_status_shows_a_refusal_in_a_folder_of_any_script_as_it_is_spelled(folder: str) -> None:
    message = f"{folder}/incoming/a.csv: {no_model_text(folder)}"

    assert f"refused: {message}" in printed(report(refused=[{"message": message}])).split("\n")


RECORD = RunRecord("churn-1-a", "churn", RunStatus.FAILED, "arn", reasons=[HOSTILE])
ROW = progress.Row(datetime(2026, 1, 1, tzinfo=UTC), progress.FAILED, HOSTILE, HOSTILE, 1.0)
LINES = {
    "how a run ended": status_report.end_text(RECORD),
    "a row of watch": progress.line(ROW),
    "a step": graph.Node(HOSTILE, "Failed", None, cached=False).label,
    "an upload": uploading.render_text(uploading.Uploaded(HOSTILE, "v", 3, run="churn-1-a")),
    "a refused upload": uploading.render_text(uploading.Uploaded("k", "v", 3, refused=HOSTILE)),
    "a scoring": batch_scoring.render_text(batch_scoring.Scored("churn", "Failed", 0, "", "", HOSTILE, "arn")),
    "an endpoint's refusal": predictions.refusal_text(HOSTILE),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_stays_one(name: str) -> None:
    assert LINES[name].isprintable()
    assert r"a\x1b[2J" in LINES[name]


def test_a_console_prints_what_it_is_given_and_obeys_none_of_it() -> None:
    screen = PlainConsole(file=io.StringIO(), width=200)

    screen.print(f"one\n{HOSTILE}", markup=False)

    assert screen.file.getvalue().startswith("one\na\\x1b[2J")  # type: ignore[attr-defined]
    assert all(line.isprintable() for line in screen.file.getvalue().split("\n"))  # type: ignore[attr-defined]


def test_a_run_that_waits_for_a_pipeline_to_end_says_so() -> None:
    text = printed(report(runs=[run(status="Waiting", waits_behind=2)], pipelines_at_once=15))

    assert "waits for a pipeline to end: 15 runs have theirs (MaxConcurrentPipelines), and 2 runs are before it" in text
    assert status_report.slot_text(0, 1).endswith("1 runs have theirs (MaxConcurrentPipelines), and it is next")
