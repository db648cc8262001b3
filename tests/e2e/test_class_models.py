"""A target of several classes, from a table that nobody described to what is answered, scored and compared."""

import csv
import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import json_documents
import pytest
from project_copy import copied_to, run_in

WORDS, NUMBERS = ("low", "middle", "high"), ("1", "2", "3", "4")
METRICS = {"accuracy", "macro_f1", "weighted_f1", "log_loss", "roc_auc_ovr"}
pytestmark = [pytest.mark.slow, pytest.mark.local, pytest.mark.timeout(900)]


def table(path: Path, classes: Sequence[str], seed: int = 1, rows: int = 2_500) -> Path:
    """Rows whose class ``z`` tells in part."""
    rng = random.Random(seed)
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["x", "z", "k", "grade"])
        for _ in range(rows):
            at = rng.randrange(len(classes))
            lines.writerow([round(rng.gauss(0, 1), 3), round(rng.gauss(at, 0.8), 3), rng.choice("ab"), classes[at]])
    return path


def packed(path: Path) -> Path:
    """The file as gzip packs it, beside it."""
    packed_path = path.with_name(path.name + ".gz")
    packed_path.write_bytes(gzip.compress(path.read_bytes()))
    return packed_path


@pytest.fixture(scope="module")
def retrain(stack: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs the command in a copy of the project, against the tests' local cloud."""
    project = copied_to(tmp_path_factory.mktemp("project"))

    def run(*words: str, good: bool = True) -> Any:
        where = {"AWS_ENDPOINT_URL": str(stack.target.url)}
        done = run_in(project, ".venv/bin/retrain", *words, environment=where)
        assert (done.returncode == 0) == good, done.stdout + done.stderr
        json_documents.held(words, done.stdout)
        return json.loads(done.stdout) if "--json" in words else done.stdout

    return run


def made(retrain: Any, folder: Path, name: str, classes: Sequence[str]) -> Any:
    """What the demo says of a model that was guessed from a table, which is packed."""
    file = packed(table(folder / f"{name}.csv", classes))
    retrain("new", name, "--from", str(file), "--target", "grade")
    assert retrain("check", name).strip() == f"models/{name}.yaml: good"
    return retrain("demo", name, "--data", str(file), "--yes", "--json")


@pytest.fixture(scope="module")
def words(stack: Any, retrain: Any) -> Any:
    return made(retrain, stack.folder, "words", WORDS)


def test_classes_that_are_words_are_answered_as_evaluation_stored_them(words: Any) -> None:
    assert words["verdict"]["passed"]
    assert set(words["verdict"]["metrics"]) == METRICS
    assert (words["endpoint"]["status"], words["differences"]) == ("InService", [])
    for answer in words["predictions"]:
        probabilities = {name: answer[f"probability_{name}"] for name in WORDS}
        assert sum(probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert probabilities[answer["label"]] == max(probabilities.values())
    assert {answer["label"] for answer in words["predictions"]} == set(WORDS)


def test_classes_that_are_numbers_are_labels(stack: Any, retrain: Any) -> None:
    report = made(retrain, stack.folder, "numbers", NUMBERS)

    assert set(report["verdict"]["metrics"]) == METRICS
    assert report["differences"] == []
    assert {answer["label"] for answer in report["predictions"]} <= set(NUMBERS)


def test_a_file_is_scored_with_a_column_for_each_class(stack: Any, retrain: Any, words: Any) -> None:
    file, into = table(stack.folder / "to score.csv", WORDS, seed=5, rows=60), stack.folder / "scored.csv"

    done = retrain("score", "words", str(packed(file)), "--into", str(into), "--json")

    with into.open(newline="") as lines:
        scored = list(csv.DictReader(lines))
    assert (done["status"], len(scored)) == ("Scored", 60)
    for row in scored:
        probabilities = {name: float(row[f"predicted_probability_{name}"]) for name in WORDS}
        assert max(probabilities, key=lambda name: probabilities[name]) == row["predicted_label"]
    assert sum(row["grade"] == row["predicted_label"] for row in scored) > 25


def test_a_new_class_is_refused_at_the_door_and_a_file_without_a_class_is_taken(
    stack: Any, retrain: Any, words: Any
) -> None:
    strange = table(stack.folder / "strange.csv", (*WORDS, "huge"), seed=6, rows=90)
    (refused,) = retrain("upload", "words", str(strange), "--json", good=False)
    assert "says 'huge' in column 'grade', known are 'low', 'middle' and 'high'" in refused["refused"]

    fewer = table(stack.folder / "fewer.csv", WORDS[:2], seed=7, rows=400)
    (sent,) = retrain("upload", "words", str(fewer), "--json")
    assert sent["run"]
