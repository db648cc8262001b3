"""Odd tables go the whole way, as `retrain new` guesses their model files: past the door, prepared, trained, evaluated.

The scripts run in this process, so that a warning of theirs is a failure too.
"""

import csv
import io
import json
import math
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import evaluate
import preprocess
import pytest
from app.decide.uploads.file_checks import check_file
from app.decide.uploads.published_model import Model
from app.decide.uploads.unpacking import Unpacked
from judged_tables import train
from published_churn import PUBLISHED

from cli.guess import first_model_file, model_text
from pipelines.model import model_file

ROWS = 240
Cell = Callable[[int], object]
Run = Callable[[ModuleType], None]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a script as a job does, below the test's folder."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def script(program: ModuleType) -> None:
        dated = ["--set", "AsOfDate", "2026-06-30"] if program is preprocess else []
        monkeypatch.setattr(sys, "argv", [program.__name__, *dated])
        program.main()

    return script


def table(columns: dict[str, Cell], answer: Cell | None = None, end: str = "\r\n") -> bytes:
    """Rows whose answer follows from x, mostly; the odd columns stand before both."""
    rng = random.Random(5)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow([*columns, "x", "bought"])
    for i in range(ROWS):
        x = rng.random() * 10
        says = answer(i) if answer else "yes" if x + rng.gauss(0, 2) > 5 else "no"
        writer.writerow([*(make(i) for make in columns.values()), round(x, 3), says])
    return text.getvalue().encode()


def trained(base: Path, data: bytes, run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
    """The guessed model file, and evaluation.json of the model that was trained by it."""
    folders = [base / "processing" / name for name in ("input", "config")]
    for folder in folders:
        folder.mkdir(parents=True)
    source, written = folders[0] / "table.csv", base / "odd.yaml"
    source.write_bytes(data)
    draft, _ = first_model_file.draft_of(source, "bought")
    written.write_text(model_text.text("odd", draft, source.name), "utf-8")
    document = model_file.load(written)
    document["algorithms"][0]["hyperparameters"]["num_round"] = 20
    (folders[1] / "model.json").write_text(json.dumps(document))

    at_the_door = check_file(Unpacked([data]), Model.parse(json.dumps(PUBLISHED | {"model": document})).data, "odd")
    run(preprocess)
    train(base, document)
    run(evaluate)

    evaluation = json.loads((base / "processing" / "evaluation" / "evaluation.json").read_text())
    assert sum(evaluation["rows"].values()) == at_the_door.rows == ROWS
    assert all(math.isfinite(value) for value in evaluation["metrics"].values())
    return document, evaluation


def day(i: int) -> date:
    return date(2020, 1, 1) + timedelta(days=3 * i)


def grouped(mark: str) -> Cell:
    return lambda i: f"{10_000 + i * 37:,}".replace(",", mark)


OWN = {name: (lambda i: i * 7 % 9 / 4) for name in ("split", "weight", "target", "score", "prediction", "f0")}
WRITTEN = {
    name: (lambda i: "ab"[i % 2]) for name in ('q"uote', "a, b: [c]", "{d}", "null", "=sum(a)", "日本", "~", "a\nb")
}


@pytest.mark.parametrize(("columns", "kinds"), [
    ({"c": lambda _: ""}, [None]), ({"c": lambda i: "" if i else "7"}, ["number"]),
    ({"c": grouped("\u2009")}, ["number"]), ({"c": grouped("\u2019")}, ["number"]),
    ({"c": lambda i: f"{i * 7 % 250}.5%"}, ["number"]),
    ({"c": lambda i: ["-0", "0", "-0.0", "1"][i % 4]}, ["number"]), ({"c": lambda i: f"{1 + i % 9}e-320"}, ["number"]),
    ({"c": lambda i: f"{i * 7 % 240 / 7:.3f}e30"}, ["number"]),
    ({"c": lambda i: f"{i * 7 % 90}.25e{30 + 9 * (i % 4 == 0)}"}, [None]),
    ({"c": lambda i: "1e308" if i == 7 else i * 7 % 50}, ["number"]), ({"customer_id": lambda i: f"{i + 1}.0"}, [None]),
    ({"c": lambda i: (date(1850, 1, 1) + timedelta(days=37 * i)).isoformat()}, ["date"]),
    ({"c": lambda i: ["9999-12-31", "0001-01-01", day(i)][i % 3]}, ["date"]),
    ({"c": lambda i: "0000-00-00" if i % 50 == 0 else day(i)}, ["date"]),
    ({"c": lambda i: f"{day(i)}T{i % 24:02}:30{['Z', '+02:00', ' CET', ''][i % 4]}"}, ["date"]),
    ({"c": lambda i: ["strongly disagree", "disagree", "neutral", "agree", "strongly agree"][i % 5]}, ["category"]),
    ({"household": lambda i: f"h{i // 4}" if i else "alone"}, [None]), ({"day": lambda _: "2024-01-01"}, [None]),
    ({"Age": lambda i: i % 50 / 4, "age": lambda i: i * 3 % 50 / 4, "AGE 2": lambda i: i * 7 % 50 / 4}, ["number"] * 3),
    ({"c": lambda i: ["a\nb", "c\r\nd", 'e "f"', "g\x01"][i % 4]}, ["category"]), (OWN, ["number"] * len(OWN)),
    (WRITTEN, ["category"] * len(WRITTEN)),
])  # fmt: skip
def test_a_table_with_an_odd_column_is_trained(
    tmp_path: Path, run: Run, columns: dict[str, Cell], kinds: list[str | None]
) -> None:
    document, evaluation = trained(tmp_path, table(columns), run)

    rules = [document["data"]["columns"].get(name) for name in columns]
    assert [rule["kind"] if isinstance(rule, dict) else rule for rule in rules] == kinds
    assert evaluation["metrics"]["roc_auc"] > 0.6


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_with_any_ends_of_lines_and_a_mark_in_front_is_trained(tmp_path: Path, run: Run, end: str) -> None:
    _, evaluation = trained(tmp_path, b"\xef\xbb\xbf" + table({"c": lambda i: "ab"[i % 2]}, end=end), run)

    assert evaluation["metrics"]["roc_auc"] > 0.6


def test_a_table_of_very_many_columns_is_trained(tmp_path: Path, run: Run) -> None:
    wide: dict[str, Cell] = {f"f{n}": lambda i, n=n: i * (n % 30 + 3) % 37 / 2 for n in range(500)}  # type: ignore[misc]
    document, _ = trained(tmp_path, table(wide), run)

    assert len(document["data"]["columns"]) == 501


@pytest.mark.parametrize(("answer", "task"), [
    (lambda i: 5 if i > 30 else 6.5 + i, "regression"),
    (lambda i: ["ja", "nein"][i * 7 % 11 % 2], "binary_classification"),
    (lambda i: ["kyllä", "ei"][i * 7 % 11 % 2], "binary_classification"), (lambda i: i * 7 % 50 - 25, "regression"),
    (lambda i: ["はい", "いいえ"][i * 7 % 11 % 2], "binary_classification"),
    (lambda i: f"{i * 7 % 90}e30", "regression"),
    (lambda i: ["low", "middle", "high"][i * 7 % 11 % 3], "multiclass_classification"),
])  # fmt: skip
def test_a_table_with_odd_answers_is_trained(tmp_path: Path, run: Run, answer: Cell, task: str) -> None:
    document, _ = trained(tmp_path, table({"c": lambda i: "ab"[i % 2]}, answer), run)

    assert document["task"] == task
