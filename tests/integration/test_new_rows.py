"""What serves answers new rows before anything learns from them: through the scripts as SageMaker runs them."""

import csv
import json
import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from judged_tables import model, train
from script_runs import run
from sklearn.metrics import mean_squared_error, roc_auc_score

HEADER = ["who", "x", "z", "k", "y"]
COLUMNS = {"x": "number", "z": "number", "k": "category"}
MARKS: dict[str, Sequence[str]] = {
    "binary_classification": ("no", "yes"), "multiclass_classification": ("low", "middle", "high"), "regression": (),
}  # fmt: skip
Row = list[Any]


def rows_of(task: str, first: int, count: int, turned: bool = False) -> list[Row]:
    """Rows whose answer ``z`` tells in part; ``turned``: it tells the opposite."""
    rng, table = random.Random(f"{task}{first}"), []
    for at in range(first, first + count):
        z = rng.gauss(0, 1)
        told = (-z if turned else z) + rng.gauss(0, 0.5)
        marks = MARKS[task]
        answer = marks[min(max(int((told + 2) / 4 * len(marks)), 0), len(marks) - 1)] if marks else round(told, 3)
        table.append([f"c{at}", round(rng.gauss(0, 1), 3), round(z, 3), rng.choice("ab"), answer])
    return table


def described(task: str, **more: Any) -> dict[str, Any]:
    data = {"target": "y", "id": "who", "columns": COLUMNS} | more.pop("data", {})
    data |= {"classes": list(MARKS[task])} if task == "multiclass_classification" else {}
    gate = {"binary_classification": "roc_auc", "multiclass_classification": "macro_f1", "regression": "rmse"}
    limit = {"metric": gate[task], "not_worse_than_champion": {"tolerance": 9.0}}
    return model(task, data, gate=[limit], slices=["k"], **more)


class Job:
    """One run's folders, and its jobs as the pipeline runs them."""

    def __init__(self, base: Path, document: dict[str, Any], uploads: Mapping[str, list[Row]]) -> None:
        self.base, self.document = base, document
        folder = base / "processing" / "input"
        folder.mkdir(parents=True)
        listed = []
        for at, (name, rows) in enumerate(uploads.items(), 1):
            with (folder / f"{name}.csv").open("w", newline="") as file:
                csv.writer(file).writerows([HEADER, *rows])
            named = {"object": f"{name}.csv", "key": f"incoming/table/{name}.csv", "content": f"sha-{name}"}
            listed.append(named | {"uploaded_at": f"2026-05-{at:02d}T08:00:00.000Z", "batch": at})
        (folder / "sources.json").write_text(json.dumps(listed))
        (base / "processing" / "config").mkdir()
        (base / "processing" / "config" / "model.json").write_text(json.dumps(document))
        run("preprocess.py", base)

    def trained(self) -> Path:
        """Train and evaluate; the package."""
        train(self.base, self.document)
        run("evaluate.py", self.base)
        return self.base / "processing" / "package" / "model.tar.gz"

    def asked(self, champion: Path, version: int = 3) -> dict[str, Any]:
        """Ask the champion, evaluate its own trees once more, and read quality.json."""
        folder = self.base / "processing" / "champion"
        folder.mkdir()
        shutil.copyfile(champion, folder / "model.tar.gz")
        run("champion.py", self.base, "--version", str(version))
        measured = json.loads((self.base / "processing" / "champion-answers" / "quality.json").read_text())
        shutil.copytree(champion.parents[1] / "model", self.base / "processing" / "model")
        run("evaluate.py", self.base)
        assert self.read("quality") == measured  # before anything was trained
        return measured

    def read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.base / "processing" / "evaluation" / f"{name}.json").read_text())
        return found


@pytest.mark.parametrize("task", MARKS)
def test_what_serves_is_measured_on_each_upload_that_it_never_saw(tmp_path: Path, task: str) -> None:
    old, may, june = rows_of(task, 0, 800), rows_of(task, 800, 300), rows_of(task, 1_100, 300, turned=True)
    first = Job(tmp_path / "one", described(task), {"old": old})
    champion = first.trained()

    later = Job(tmp_path / "two", described(task), {"old": old, "may": may, "june": june})
    found = later.asked(champion)

    good, turned = found["windows"]
    metric = found["metric"]
    worse = 1 if metric in found["lower_is_better"] else -1
    assert (first.read("quality")["version"], first.read("quality")["windows"]) == (None, [])
    assert (found["version"], found["known"], found["beyond"]) == (3, 0, 0)
    assert [window["id"] for window in found["windows"]] == ["upload-sha-may", "upload-sha-june"]
    assert [window["rows"] for window in found["windows"]] == [300, 300]
    assert good["start"] == good["end"] == "2026-05-02T08:00:00.000Z"
    assert good["uploads"] == ["incoming/table/may.csv"]
    assert worse * (turned["metrics"][metric]["value"] - good["metrics"][metric]["value"]) > 0.2
    assert good["metrics"][metric]["low"] < good["metrics"][metric]["value"] < good["metrics"][metric]["high"]
    assert {part["column"] for part in good["slices"]} == {"k"}
    assert {"mean_predicted", "mean_actual"} <= set(good)
    assert later.read("evaluation")["serving"] == found
    if task == "binary_classification":
        _equals_another_library(later.base, may, good)


def _equals_another_library(base: Path, rows: list[Row], window: dict[str, Any]) -> None:
    with (base / "processing" / "champion-answers" / "new" / "predictions.csv").open(newline="") as file:
        said = [float(line[0]) for line in csv.reader(file)][: len(rows)]
    truth = [float(row[-1] == "yes") for row in rows]
    assert window["metrics"]["roc_auc"]["value"] == pytest.approx(roc_auc_score(truth, said))
    assert window["metrics"]["brier"]["value"] == pytest.approx(mean_squared_error(truth, said))
    assert window["mean_actual"] == pytest.approx(sum(truth) / len(truth))
