"""A champion is compared on rows that it has not learnt from, and on no others."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data.holdouts import HeldOut
from data.splitting.sides import Learnt
from evaluation import assessment, comparison, known_rows
from evaluation.rows import Rows

ROWS = 200
IDENTITIES = np.arange(ROWS, dtype=np.uint64) * np.uint64(2**56)
SPLIT = {"train": 0.7, "validation": 0.15, "test": 0.15, "salt": "s", "key": ["row"]}
ALL = 2**64 - 1


def learnt(*rows: int, bound: int = ALL, key: tuple[str, ...] = ("row",)) -> Learnt:
    return Learnt(key, bound, IDENTITIES[list(rows)])


def found(before: dict[str, Any], now: dict[str, Any], of: Learnt | None = None) -> known_rows.Unlearnt:
    return known_rows.unlearnt(ROWS, IDENTITIES, before, now, of)


def profile(cut: dict[str, Any] | None = None, **split: Any) -> dict[str, Any]:
    return {"split": SPLIT | split} | ({"cut": cut} if cut else {})


BY = {"by": "day"}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({}, profile()),
        (profile(), profile()),
        (profile(train=0.6), profile()),
        (profile(train=0.6, validation=0.25), profile()),
        (profile(key=["group", "who"]), profile(key=["group", "who"])),
        (profile({"test_from": "2026-01-01"}, **BY), profile({"test_from": "2026-01-01"}, **BY)),
        (profile({"test_from": "9"}, **BY), profile({"test_from": "10"}, salt="other", **BY)),
        (profile({"test_from": "9"}, key=["features"], **BY), profile({"test_from": "10"}, key=["features"], **BY)),
        ({"split": {"train": 0.7, "validation": 0.15, "test": 0.15, "salt": "s"}}, profile(key=["id", "who"])),
    ],
)  # fmt: skip
def test_where_sides_are_the_same_no_held_out_row_was_learnt_from(before: dict[str, Any], now: dict[str, Any]) -> None:
    assert found(before, now).which.all()


@pytest.mark.parametrize(
    ("before", "now", "of"),
    [
        (profile(key=["id", "who"]), profile(), learnt(key=("id", "who"))),
        (profile(salt="t"), profile(), None),
        (profile(), profile(key=["features"]), learnt()),
        ({"split": {"train": 0.7, "validation": 0.15, "test": 0.15, "salt": "s"}}, profile(), None),
        (profile(), profile({"test_from": "3"}, key=["group", "who"], **BY), learnt()),
    ],
)
def test_where_nothing_can_be_known_no_row_is_taken_for_unlearnt(
    before: dict[str, Any], now: dict[str, Any], of: Learnt | None
) -> None:
    unlearnt = found(before, now, of)

    assert not unlearnt.which.any()
    assert unlearnt.reason.startswith("it may have learnt from these held-out rows: its rows were split by ")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (profile(salt="t"), profile()),
        (profile(train=0.8, validation=0.15, test=0.05), profile()),
        (profile({"test_from": "2026-02-01"}, **BY), profile({"test_from": "2026-01-01"}, **BY)),
        (profile(), profile({"test_from": "2026-01-01"}, **BY)),
    ],
)
def test_of_rows_that_were_split_otherwise_those_that_it_never_saw_are_compared(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    unlearnt = found(before, now, learnt(3, 5, 8))

    assert np.flatnonzero(~unlearnt.which).tolist() == [3, 5, 8]
    assert unlearnt.reason == "it has learnt from 3 of 200 held-out rows"


def test_of_a_sample_only_what_was_looked_up_is_compared() -> None:
    unlearnt = found(profile(salt="t"), profile(), learnt(0, 99, bound=int(IDENTITIES[99])))

    assert np.flatnonzero(unlearnt.which).tolist() == list(range(1, 99))
    assert unlearnt.reason == "it has learnt from 2 of a sample of 100 held-out rows"


# What becomes of the comparison


def assessed(folder: Path, said: dict[str, Any], before: dict[str, Any], of: Learnt | None = None) -> dict[str, Any]:
    """The evaluation of a challenger that guesses beside a champion that knows every answer by heart."""
    rng = np.random.default_rng(1)
    actual = (np.arange(ROWS) % 2).astype(float)
    score = np.clip(actual * 0.2 + rng.random(ROWS) * 0.8, 0, 1)
    folder.mkdir()
    lines = [f"{answer:g},{'yes' if answer else 'no'}" for answer in np.clip(actual, 0.01, 0.99)]
    (folder / "predictions.csv").write_text("\n".join(lines) + "\n")
    (folder / "champion.json").write_text(json.dumps({"status": "scored", "version": 1} | said))
    (folder / "profile.json").write_text(json.dumps(before | {"columns": {}}))
    if of is not None:
        (folder / "learnt.json").write_text(json.dumps(of.document()))
    (folder / "rows.csv").write_text("x,y\n" + "\n".join(f"{at},{'yes' if at % 2 else 'no'}" for at in range(ROWS)))
    (test := folder / "test").mkdir()
    (folder / "rows.csv").rename(test / "rows.csv")
    np.save(test / "rows.npy", IDENTITIES)
    answer = {"task": "binary_classification", "positive_label": "yes", "negative_label": "no"}
    features = {
        "format": 2, "model": "m", "columns": [{"name": "x", "kind": "number", "mean": 0, "scale": 1}],
        "answer": answer, "target": "y", "id": None, "missing": [], "rows": {},
    }  # fmt: skip
    config = {
        "name": "m", "task": "binary_classification", "data": {"missing": [], "columns": {"x": "number"}},
        "gate": [{"metric": "roc_auc", "not_worse_than_champion": {"tolerance": 0}}], "slices": ["x"],
        "algorithms": [{"name": "knn", "hyperparameters": {}}],
    }  # fmt: skip
    rows = Rows(actual, (score >= 0.5).astype(float), score)
    evidence = assessment.Evidence(config, features, HeldOut(test), rows, None, folder, profile())
    return assessment.evaluation(evidence, ())


ANSWER = {"task": "binary_classification", "positive_label": "yes", "negative_label": "no", "target": "y"}


def test_a_champion_that_may_know_the_rows_is_said_and_does_not_decide(tmp_path: Path) -> None:
    document = assessed(tmp_path / "c", {"answer": ANSWER}, profile(key=["id", "who"]))

    assert document["verdict"]["passed"]
    assert document["gate"][-1]["passed"] is None
    assert document["champion"]["status"] == "incomparable"
    assert "it may have learnt from these held-out rows" in document["champion"]["reason"]


def test_one_that_knows_some_is_compared_on_the_others(tmp_path: Path) -> None:
    document = assessed(tmp_path / "c", {"answer": ANSWER}, profile(salt="t"), learnt(*range(120)))

    champion = document["champion"]
    assert (champion["status"], champion["compared_rows"], champion["interval"]["of"]) == ("scored", 80, 80)
    assert champion["warning"].startswith("compared on the 80 rows that are unknown to it: it has learnt from 120 of")
    assert "on the same 80 test rows" in document["verdict"]["reasons"][0]
    assert document["interval"]["of"] == ROWS
    assert "champion" not in document["slices"][0]


def test_one_to_which_hardly_a_row_is_unknown_does_not_decide(tmp_path: Path) -> None:
    document = assessed(tmp_path / "c", {"answer": ANSWER}, profile(salt="t"), learnt(*range(180)))

    assert document["champion"]["reason"] == "it has learnt from 180 of 200 held-out rows; only 20 are unknown to it"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"target": "z"}, "it predicts 'z', and this model 'y'"),
        ({"task": "regression"}, "its task is regression, and this model's binary_classification"),
        ({"positive_label": "Yes"}, "its labels are 'Yes' and 'no', and this model's 'no' and 'yes'"),
    ],
)
def test_a_champion_that_means_something_else_is_incomparable(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    document = assessed(tmp_path / "c", {"answer": ANSWER | change}, profile())

    assert (document["champion"]["status"], document["champion"]["reason"]) == ("incomparable", why)


def test_labels_that_changed_places_are_brought_to_one_meaning() -> None:
    answer = ANSWER | {"positive_label": "no", "negative_label": "yes"}
    champion = comparison.Champion("scored", 1, lines=(("0.9", "no"), ("0.2", "yes")), answer=answer)

    rows = comparison.rows_of(champion, np.array([0.0, 1.0]), "yes")

    assert rows.score.tolist() == pytest.approx([0.1, 0.8])
    assert rows.predicted.tolist() == [0.0, 1.0]
