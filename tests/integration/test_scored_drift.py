"""Scored files add up to drift windows: each file once, in one window, with the drift of what was answered."""

import json
from typing import Any

import join_scores
import pytest
from app.decide.uploads.scores import parse_scoring_key
from app.decide.watching.drift import Rows
from app.decide.watching.windows import WatchedWindow
from app.errors import ScoresIncomplete
from lambda_context import Context
from moto_world import BUCKET, World

TENURE = {"kind": "number", "rows": 4_000, "missing": 0, "edges": [10.0, 20.0], "counts": [2_000, 1_000, 1_000]}
AT = "2026-05-01T00:00:00.000Z"


def serves(world: World, version: int = 1) -> None:
    """A version that learnt from short tenures; a window has 100 rows."""
    world.publishes(retrain={"on_drift": {"least_rows": 100}, "cooldown": "1d"})
    baseline = {"version": version, "columns": {"tenure": TENURE}}
    world.s3.put_object(Bucket=BUCKET, Key="config/baselines/churn.json", Body=json.dumps(baseline).encode())


def scored(world: World, name: str, tenures: list[int], label: str = "No") -> dict[str, Any]:
    """A file is joined with its answers; the task, to be done once more."""
    body = "tenure,note\n" + "".join(f"{tenure},x\n" for tenure in tenures)
    detail = world.upload(f"scoring/churn/{name}", body.encode())["detail"]["object"]
    scoring = parse_scoring_key(BUCKET, detail["key"], detail["version-id"])
    assert scoring
    answers = f"0.25,{label}\n" * len(tenures)
    world.s3.put_object(Bucket=BUCKET, Key=scoring.files.output_key, Body=answers.encode())
    task = {"scoring": scoring._asdict()}
    assert join_scores.handler(task, Context())["rows"] == len(tenures)
    return task


@pytest.mark.parametrize("answer", [b"0.25,N\xe9", b"0.25", b"high,No", b"0.25," + b"N" * 200_000, b'"0.25,No'])
def test_an_answer_that_is_none_ends_the_scoring_as_incomplete(world: World, answer: bytes) -> None:
    serves(world)
    detail = world.upload("scoring/churn/a.csv", b"tenure\n5\n")["detail"]["object"]
    scoring = parse_scoring_key(BUCKET, detail["key"], detail["version-id"])
    assert scoring
    world.s3.put_object(Bucket=BUCKET, Key=scoring.files.output_key, Body=answer)

    with pytest.raises(ScoresIncomplete, match=r"a\.csv: answered '"):
        join_scores.handler({"scoring": scoring._asdict()}, Context())


def windows(world: World) -> list[WatchedWindow]:
    return world.ledger.newest_windows("churn", "drift", 10)


def test_small_files_add_up_to_a_window_and_each_counts_once(world: World) -> None:
    serves(world)
    first = scored(world, "a.csv", [5] * 30 + [15] * 15 + [25] * 15)
    join_scores.handler(first, Context())

    assert windows(world) == []
    second = scored(world, "b.csv", [5] * 30 + [15] * 15 + [25] * 15)
    join_scores.handler(second, Context())

    (window,) = windows(world)
    assert (window.source, window.rows, window.version, window.details["drifted"]) == ("scored", 120, 1, [])


def test_rows_that_are_others_than_what_was_learnt_from_drift(world: World) -> None:
    serves(world)

    scored(world, "a.csv", [99] * 100)

    (window,) = windows(world)
    assert window.details["drifted"] == ["tenure"]
    assert window.value > 0.25


def test_answers_are_held_against_those_of_the_versions_first_window(world: World) -> None:
    serves(world)
    alike = [5] * 50 + [15] * 25 + [25] * 25

    scored(world, "a.csv", alike)
    scored(world, "b.csv", alike, label="Yes")

    newest, first = windows(world)
    assert (first.details["drifted"], newest.details["drifted"]) == ([], ["(answers)"])


def test_files_that_an_earlier_version_answered_are_in_no_window_of_the_next(world: World) -> None:
    serves(world)
    scored(world, "a.csv", [5] * 60)
    serves(world, version=2)

    scored(world, "b.csv", [5] * 60)

    assert windows(world) == []


def test_without_a_baseline_files_are_scored_and_nothing_is_measured(world: World) -> None:
    scored(world, "a.csv", [5] * 600)

    assert windows(world) == []


def test_of_two_files_that_close_a_window_at_once_one_sees_the_other(world: World) -> None:
    rows, closed = Rows(AT, AT, {"tenure": [0, 60]}), list[tuple[str, int]]()

    def closes(name: str, whole: Rows) -> WatchedWindow:
        if not closed:  # another file is counted between this one's look and its word
            closed.append((name, 0))
            world.ledger.add_scored("churn", 1, "third", rows, 1_000, closes)
        closed.append((name, whole.rows))
        return WatchedWindow("churn", "drift", "scored", name, AT, AT, whole.rows, "psi", 0.0, None, None, 1)

    world.ledger.add_scored("churn", 1, "first", rows, 100, closes)
    world.ledger.add_scored("churn", 1, "second", rows, 100, closes)

    (window,) = windows(world)
    assert window.rows == 180
