"""New rows: which rows of an upload count, once each, and which of them a version has surely never seen."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from artifact.answers import Answer, BinaryAnswer, ClassesAnswer, ValueAnswer
from data import holdouts, new_rows, tables
from data.column_rules import Settings
from data.new_rows import NewRows
from data.parts import read_parts
from data.profiles import of_parts
from data.splitting import sides
from evaluation.comparison import Champion
from evaluation.over_time import serving
from features.features import Features
from job import world

DATA = {
    "target": "y", "id": "who", "columns": {"x": "number", "k": "category"}, "missing": [], "without_target": "drop",
    "target_transform": "none",
}  # fmt: skip
MODEL = {
    "name": "table", "task": "regression", "data": DATA,
    "split": {"train": 0.7, "validation": 0.1, "test": 0.2, "salt": ""},
    "algorithms": [{"name": "xgboost", "hyperparameters": {}}],
    "gate": [{"metric": "rmse", "at_most": 9.0}], "slices": ["k"],
}  # fmt: skip
FEATURES = Features("table", (), ValueAnswer(), "y", "who", (), {})
Uploads = Mapping[str, Sequence[Sequence[Any]]]


def rows(first: int, count: int, answer: float = 1.0) -> list[list[Any]]:
    return [[f"c{at}", at % 7, "ab"[at % 2], answer + at] for at in range(first, first + count)]


class Read:
    """Uploads as preprocessing reads them: their new rows, and what a version that learns from them carries."""

    def __init__(self, folder: Path, uploads: Uploads, model: Mapping[str, Any] = MODEL, hosts: int = 1) -> None:
        (folder / "in").mkdir(parents=True)
        for name, table in uploads.items():
            with (folder / "in" / f"{name}.csv").open("w", newline="") as file:
                csv.writer(file).writerows([["who", "x", "k", "y"], *table])
        listed = [
            {"object": f"{name}.csv", "key": f"incoming/{name}", "uploaded_at": f"2026-05-{at:02d}", "batch": at // 2}
            for at, name in enumerate(uploads, 1)
        ]
        (folder / "in" / "sources.json").write_text(json.dumps(listed))
        settings, sources = Settings.parse(model), tables.sources(folder / "in")
        parts = read_parts(sources, settings)
        names = tuple(f"algo-{at}" for at in range(1, hosts + 1))
        for name in names:
            new_rows.write(parts, sources, folder / "new", world.Hosts(name, names), settings)
        self.new, self.profile = NewRows(folder / "new"), of_parts(parts, settings, "")
        self.learnt = sides.learnt_from(sides.learnt(parts, settings).document())

    def asked_of(self, before: "Read") -> tuple[dict[str, int], str]:
        """How many rows of each upload the version before has never seen, and why not all."""
        which, why = new_rows.unseen(self.new, before.profile, before.learnt)
        places = self.new.upload[which]
        return {self.new.uploads[place]["upload"]: int((places == place).sum()) for place in np.unique(places)}, why


def test_a_row_is_new_in_the_upload_where_its_id_stands_first(tmp_path: Path) -> None:
    again = [["c3", 5, "a", 99.0], *rows(60, 10)]

    read = Read(tmp_path, {"old": rows(0, 50), "may": rows(40, 30), "june": again})

    told = [(one["upload"], one["rows"], one["asked"], one["known"]) for one in read.new.uploads]
    assert told == [("old.csv", 50, 50, 0), ("may.csv", 20, 20, 10), ("june.csv", 0, 0, 11)]
    assert ["5", "b", "6"] in list(read.new.rows())


def test_a_row_is_asked_as_it_stood_first_whatever_a_newer_upload_says(tmp_path: Path) -> None:
    read = Read(tmp_path, {"old": rows(0, 2), "may": [["c1", 6, "b", 77.0]]})

    assert list(read.new.rows()) == [["0", "a", "1"], ["1", "b", "2"]]


def test_a_row_without_an_answer_neither_counts_nor_makes_its_id_known(tmp_path: Path) -> None:
    read = Read(tmp_path, {"old": [*rows(0, 2), ["c9", 1, "a", ""]], "may": rows(9, 1)})

    assert [one["rows"] for one in read.new.uploads] == [2, 1]


def test_rows_are_told_apart_by_group_where_the_split_does(tmp_path: Path) -> None:
    grouped = MODEL | {"data": DATA | {"group": ["x"], "columns": {"k": "category"}}}
    old, may = [["a", 1, "a", 1.0], ["b", 2, "a", 1.0]], [["c", 2, "a", 2.0], ["d", 3, "a", 2.0], ["e", 3, "b", 2.0]]

    read = Read(tmp_path, {"old": old, "may": may}, grouped)

    assert [(one["rows"], one["known"]) for one in read.new.uploads] == [(2, 0), (2, 1)]


def test_beyond_the_bound_the_newest_uploads_are_whole_and_one_is_a_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_rows, "MOST", 45)

    one = Read(tmp_path / "one", {"old": rows(0, 30), "may": rows(30, 30), "june": rows(60, 30)})
    same = Read(tmp_path / "same", {"old": rows(0, 30), "may": rows(30, 30), "june": rows(60, 30)})

    assert [(upload["rows"], upload["asked"]) for upload in one.new.uploads] == [(30, 0), (30, 15), (30, 30)]
    assert list(one.new.rows()) == list(same.new.rows())


def test_several_instances_write_each_row_once(tmp_path: Path) -> None:
    uploads = {"old": rows(0, 40), "may": rows(30, 40)}

    one, three = Read(tmp_path / "one", uploads), Read(tmp_path / "three", uploads, hosts=3)

    assert sorted(three.new.rows()) == sorted(one.new.rows())
    assert sorted(three.new.keys) == sorted(one.new.keys)
    assert three.new.uploads == one.new.uploads


def test_a_version_is_asked_about_the_uploads_that_it_has_not_read(tmp_path: Path) -> None:
    before = Read(tmp_path / "before", {"old": rows(0, 50)})
    now = Read(tmp_path / "now", {"old": rows(0, 50), "may": rows(40, 30), "june": rows(70, 10)})

    assert now.asked_of(before) == ({"may.csv": 20, "june.csv": 10}, "")
    assert before.asked_of(before) == ({}, "")


def test_where_its_uploads_are_gone_its_rows_are_known_by_their_keys(tmp_path: Path) -> None:
    before = Read(tmp_path / "before", {"old": rows(0, 50)})
    now = Read(tmp_path / "now", {"june": rows(30, 60)})

    assert now.asked_of(before) == ({"june.csv": 40}, "")


def test_of_very_many_rows_a_sample_is_asked_that_is_surely_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sides, "KEPT", 30)
    before = Read(tmp_path / "before", {"old": rows(0, 300)})
    now = Read(tmp_path / "now", {"june": rows(200, 300)})

    found, why = now.asked_of(before)
    which, _ = new_rows.unseen(now.new, before.profile, before.learnt)

    assert 0 < found["june.csv"] < 200
    assert "asked of a sample" in why
    assert all(float(row[-1]) > 300 for row, asked in zip(now.new.rows(), which, strict=True) if asked)


def test_a_version_that_names_no_uploads_or_other_keys_is_not_asked(tmp_path: Path) -> None:
    before, now = Read(tmp_path / "before", {"old": rows(0, 50)}), Read(tmp_path / "now", {"june": rows(30, 60)})

    nameless = new_rows.unseen(now.new, {"sources": [{"name": "old", "rows": 50}]}, before.learnt)
    assert before.learnt
    otherwise = new_rows.unseen(now.new, before.profile, before.learnt._replace(key=("row",)))

    assert not nameless.which.any()
    assert "does not say which uploads it has read" in nameless.reason
    assert not otherwise.which.any()
    assert "told apart otherwise" in otherwise.reason


def test_a_script_of_ones_own_that_finds_no_new_rows_has_none(tmp_path: Path) -> None:
    none = NewRows(tmp_path / "nowhere")

    assert list(none.rows()) == []
    assert not new_rows.unseen(none, {"sources": [{"upload": "a"}]}, None).which.any()


# What is made of its answers


def quality(folder: Path, now: Read, before: Read, error: float = 0.0, **status: Any) -> dict[str, Any]:
    """quality.json of a version that is wrong by ``error``."""
    into = folder / "new"
    into.mkdir(parents=True)
    which, why = new_rows.unseen(now.new, before.profile, before.learnt)
    np.save(into / new_rows.WHICH, np.flatnonzero(which))
    truth = [float(row[-1]) for row, asked in zip(now.new.rows(), which, strict=True) if asked]
    (into / "predictions.csv").write_text("".join(f"{answer + error}\n" for answer in truth))
    said = {"status": "answered", "rows": int(which.sum())} | ({"reason": why} if why else {}) | status
    (into / new_rows.LISTING).write_text(json.dumps(said))
    return serving.document(serving.Answered(MODEL, now.new, Champion("scored", 3), folder), FEATURES, 7)


def test_small_uploads_of_a_batch_are_measured_together(tmp_path: Path) -> None:
    before = Read(tmp_path / "before", {"old": rows(0, 50)})
    uploads = {"old": rows(0, 50), "a": rows(50, 60), "b": rows(110, 60), "large": rows(170, 100), "c": rows(270, 9)}
    found = quality(tmp_path / "asked", Read(tmp_path / "now", uploads), before, error=2)

    told = [(window["id"], window["rows"], window["of"]) for window in found["windows"]]
    assert told == [("batch-1", 120, 2), ("upload-large.csv", 100, 1), ("batch-2", 9, 1)]
    assert [window["metrics"]["rmse"]["value"] for window in found["windows"]] == pytest.approx([2, 2, 2])
    assert (found["windows"][0]["start"], found["windows"][0]["end"]) == ("2026-05-02", "2026-05-03")


def test_the_oldest_of_too_many_windows_are_counted_as_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "WINDOWS", 1)
    before = Read(tmp_path / "before", {"old": rows(0, 50)})
    now = Read(tmp_path / "now", {"old": rows(0, 50), "a": rows(50, 110), "b": rows(170, 100)})

    found = quality(tmp_path / "asked", now, before)

    assert [window["id"] for window in found["windows"]] == ["upload-b.csv"]
    assert found["beyond"] == 110


def test_one_that_did_not_answer_says_why_and_has_no_windows(tmp_path: Path) -> None:
    before, now = Read(tmp_path / "before", {"old": rows(0, 50)}), Read(tmp_path / "now", {"may": rows(60, 30)})

    found = quality(tmp_path / "asked", now, before, status="unanswered", reason="no column 'x'", reason_untold="no")

    assert (found["windows"], found["reason"]) == ([], "no column 'x'")


def test_as_many_answers_as_rows_are_asked_for(tmp_path: Path) -> None:
    before, now = Read(tmp_path / "before", {"old": rows(0, 50)}), Read(tmp_path / "now", {"may": rows(60, 30)})
    quality(tmp_path / "asked", now, before)
    (tmp_path / "asked" / "new" / "predictions.csv").write_text("1\n")

    asked = serving.Answered(MODEL, now.new, Champion("scored", 3), tmp_path / "asked")

    assert serving.document(asked, FEATURES, 7)["reason"] == "30 new rows have 1 predictions"


# What a champion of several containers is asked


def test_held_out_and_new_rows_are_asked_together_and_told_apart_by_their_files(tmp_path: Path) -> None:
    read = Read(tmp_path, {"old": rows(0, 3), "may": rows(2, 3)}, hosts=2)
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "algo-1.jsonl").write_text('{"x": "1"}\n')

    new_rows.write_questions(tmp_path / "new", tmp_path / "records", tmp_path / "questions", ("x", "k"))
    for path in list((tmp_path / "questions").iterdir()):
        (tmp_path / "answers" / f"{path.name}.out").parent.mkdir(exist_ok=True)
        (tmp_path / "answers" / f"{path.name}.out").write_text(path.read_text())

    new = [json.loads(line) for line in holdouts.transformed(tmp_path / "answers", holdouts.NEW)]
    assert list(holdouts.transformed(tmp_path / "answers")) == ['{"x": "1"}\n']
    assert new == [{"x": x, "k": k} for x, k, _ in read.new.rows()]
    assert len(new) == 5


def test_where_no_row_is_new_no_empty_file_is_asked(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "algo-1.rows").write_text("x,k,y\n")
    (tmp_path / "records").mkdir()

    new_rows.write_questions(tmp_path / "new", tmp_path / "records", tmp_path / "questions", ("x", "k"))

    assert list((tmp_path / "questions").iterdir()) == []


@pytest.mark.parametrize(
    ("task", "answer", "line"),
    [
        ("binary_classification", BinaryAnswer("yes", "no"), "0.25,no"),
        ("multiclass_classification", ClassesAnswer(("a", "b")), "b"),
        ("multiclass_classification", ClassesAnswer(("a", "b")), "0.25,0.75,b"),
        ("regression", ValueAnswer(), "2"),
    ],
    ids=["two labels", "a label alone", "classes", "a number"],
)
def test_a_single_row_is_measured_as_far_as_it_can_be(tmp_path: Path, task: str, answer: Answer, line: str) -> None:
    before, now = Read(tmp_path / "before", {"old": rows(0, 5)}), Read(tmp_path / "now", {"may": rows(9, 1)})
    quality(tmp_path / "asked", now, before)
    (tmp_path / "asked" / "new" / "predictions.csv").write_text(f"{line}\n")
    lines = (tmp_path / "now" / "new" / "algo-1.rows").read_text().splitlines()
    told = {"binary_classification": "no", "multiclass_classification": "b"}.get(task, "3")
    (tmp_path / "now" / "new" / "algo-1.rows").write_text(f"{lines[0]}\n{lines[1].rpartition(',')[0]},{told}\n")
    model = MODEL | {"task": task, "gate": []}

    asked = serving.Answered(model, NewRows(tmp_path / "now" / "new"), Champion("scored", 3), tmp_path / "asked")
    (window,) = serving.document(asked, replace(FEATURES, answer=answer), 7)["windows"]

    assert window["rows"] == 1
    assert window["metrics"]["rmse" if task == "regression" else "accuracy"]["value"] == 1
