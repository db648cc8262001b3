"""What is shown of a step: which log is its own, and how much of it a page bears."""

from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
from app.decide.names.shown_text import shown
from app.decide.pages.step_views import (
    CACHED,
    LONGEST_LINE,
    MOST_BYTES,
    MOST_LINES,
    NO_JOB,
    NO_LINES,
    SEARCHES,
    Job,
    bounded,
    job_of,
    step_view,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 14, 10, tzinfo=UTC)
JOBS = "arn:aws:sagemaker:eu-central-1:123456789012:{}/pipelines-abc-Train-xyz"


@pytest.mark.parametrize(
    ("step", "job"),
    [
        ({"Metadata": {"TrainingJob": {"Arn": JOBS.format("training-job")}}},
         Job("pipelines-abc-Train-xyz", "/aws/sagemaker/TrainingJobs")),
        ({"Metadata": {"ProcessingJob": {"Arn": JOBS.format("processing-job")}}},
         Job("pipelines-abc-Train-xyz", "/aws/sagemaker/ProcessingJobs")),
        ({"Metadata": {"TransformJob": {"Arn": JOBS.format("transform-job")}}},
         Job("pipelines-abc-Train-xyz", "/aws/sagemaker/TransformJobs")),
        ({"Metadata": {"TuningJob": {"Arn": JOBS.format("hyper-parameter-tuning-job")}}},
         Job("pipelines-abc-Train-xyz", note=SEARCHES)),
        ({"CacheHitResult": {"SourcePipelineExecutionArn": "arn"}}, Job(note=CACHED)),
        ({"Metadata": {"Condition": {"Outcome": "True"}}}, Job(note=NO_JOB)),
        ({}, Job(note=NO_JOB)),
    ],
)  # fmt: skip
def test_a_step_has_the_log_of_its_own_job_or_says_why_none(step: dict[str, Any], job: Job) -> None:
    assert job_of(step) == job


def view(*lines: str, note: str = "", **step: Any) -> Any:
    job = Job("job", "/aws/sagemaker/TrainingJobs")
    return step_view({"StepName": "Train", "StepStatus": "Failed"} | step, job, "job/algo-1", lines, note, NOW)


def test_a_step_that_wrote_nothing_says_so_and_one_that_is_withheld_says_that() -> None:
    assert view().note == NO_LINES
    assert view(note="withheld").note == "withheld"
    assert (view("a").note, view("a").more) == ("", False)


def test_a_page_says_that_a_log_has_more_lines_than_it_shows() -> None:
    assert view(*["a"] * MOST_LINES).more
    assert view(*["<" * LONGEST_LINE] * (MOST_LINES - 1)).more


def test_a_step_says_why_it_failed_and_where_its_log_is() -> None:
    found = view("a", FailureReason="ClientError: no column", StartTime=NOW)

    assert (found.reason, found.row.status) == ("ClientError: no column", "Failed")
    assert dict(found.facts) == {
        "Job": "job", "Log group": "/aws/sagemaker/TrainingJobs", "Log stream": "job/algo-1"
    }  # fmt: skip


@given(st.lists(st.text(max_size=600), max_size=300))
def test_however_long_a_log_is_a_page_bears_its_end(lines: list[str]) -> None:
    kept = bounded(lines)

    assert sum(len(escape(line).encode()) + 1 for line in kept) <= MOST_BYTES
    assert len(kept) <= MOST_LINES
    assert list(kept) == [shown(line, LONGEST_LINE) for line in lines[len(lines) - len(kept) :]]
    assert not lines or kept
