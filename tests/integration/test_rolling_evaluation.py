"""A rolling evaluation through the scripts as SageMaker runs them: who learns anew knows what lies before."""

import datetime
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from judged_tables import HYPERPARAMETERS, judged, model, prepare

DAYS, A_DAY = 300, 5
COLUMNS = {"x": "number", "z": "number"}


def changing(seed: int = 1) -> list[list[Any]]:
    """What x means turns round in the course of the days; z means the same throughout."""
    rng, rows = random.Random(seed), []
    for day in range(DAYS):
        when = (datetime.date(2024, 1, 1) + datetime.timedelta(day)).isoformat()
        for _ in range(A_DAY):
            x, z = round(rng.gauss(0, 1), 3), round(rng.gauss(0, 1), 3)
            rows.append([when, x, z, round((1 - 2 * day / DAYS) * x + z + rng.gauss(0, 0.1), 3)])
    return rows


def described(**more: Any) -> dict[str, Any]:
    split = {"train": 0.5, "validation": 0.1, "test": 0.4, "by": "day", "cuts": 4} | more.pop("split", {})
    return model("regression", {"target": "y", "columns": COLUMNS}, split=split, **more)


def test_who_learns_anew_is_as_good_as_a_plain_script_that_does_and_the_gain_is_told(
    tmp_path: Path,
) -> None:
    rows = changing()

    document = judged(tmp_path, described(), ["day", "x", "z", "y"], rows)

    periods = document["periods"]
    assert [period["from"] for period in periods] == ["2024-06-29", "2024-07-29", "2024-08-28", "2024-09-27"]
    assert [period["anew"]["learnt"] for period in periods] == [900, 1050, 1200, 1350]
    days, table = np.array([row[0] for row in rows]), np.array([row[1:] for row in rows], float)
    rounds = len(xgb_of(tmp_path).get_dump())
    for period, end in zip(periods, [*(period["from"] for period in periods[1:]), "2025"], strict=True):
        before, here = days < period["from"], (days >= period["from"]) & (days < end)
        plain = xgb.train(SETTINGS, xgb.DMatrix(table[before, :2], table[before, 2]), rounds)
        error = plain.predict(xgb.DMatrix(table[here, :2])) - table[here, 2]
        assert period["anew"]["metrics"]["rmse"]["value"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=0.02)
        assert period["rows"] == here.sum()
    r2 = document["rolling"]["metrics"]["r2"]
    assert document["rolling"]["trainings"] == 4
    assert document["rolling"]["rows"] == document["rows"]["test"] == 600
    assert r2["aged"] == pytest.approx(document["metrics"]["r2"])
    assert r2["low"] > 0.05
    assert document["gate"] == []
    report = (tmp_path / "processing" / "evaluation" / "report.html").read_text()
    assert "Learnt anew before each period" in report
    assert 'data-path="rolling.metrics.r2.difference"' in report


SETTINGS = {name: value for name, value in HYPERPARAMETERS.items() if not name.startswith(("num", "early"))}


def xgb_of(base: Path) -> xgb.Booster:
    """The booster that this run's model is."""
    from artifact import archives

    archives.unpack(base / "processing" / "package" / "model.tar.gz", base / "unpacked")
    return xgb.Booster(model_file=bytearray((base / "unpacked" / "xgboost-model").read_bytes()))


def test_a_level_that_came_up_after_the_models_own_cut_is_known_to_who_learns_anew(tmp_path: Path) -> None:
    rng, rows = random.Random(2), []
    for day in range(DAYS):
        when = (datetime.date(2024, 1, 1) + datetime.timedelta(day)).isoformat()
        for _ in range(A_DAY):
            shop = rng.choice(["old", "new"]) if day >= 200 else "old"
            rows.append([when, shop, round(rng.gauss(0, 1), 3), round((shop == "new") * 5 + rng.gauss(0, 0.2), 3)])
    document = described()
    document["data"]["columns"] = {"shop": "category", "x": "number"}

    found = judged(tmp_path, document, ["day", "shop", "x", "y"], rows)

    first, *_, last = found["periods"]
    assert last["metrics"]["r2"]["value"] < 0
    assert last["anew"]["metrics"]["r2"]["value"] > 0.9
    assert first["anew"]["metrics"]["r2"]["value"] < 0.5


def test_rows_of_one_group_are_never_learnt_from_and_asked_about_at_one_cut(tmp_path: Path) -> None:
    rows = [[*row[:3], f"C{at % 40}" if at % 3 else f"D{at}", row[3]] for at, row in enumerate(changing())]
    document = described()
    document["data"]["group"] = ["customer"]

    prepare(tmp_path, document, ["day", "x", "z", "customer", "y"], rows)

    cuts = tmp_path / "processing" / "test" / "cuts"
    by_numbers = {(np.float32(row[1]), np.float32(row[2])): row[3] for row in rows}
    for at, begins in enumerate(json.loads((cuts / "cuts.json").read_text())["begins"]):
        cut = np.load(cuts / str(at) / "algo-1.npz")
        learnt, asked = ({by_numbers[tuple(one)] for one in cut[name]} for name in ("learnt", "questions"))
        assert learnt
        assert asked
        assert not learnt & asked
        assert max(row[0] for row in rows if row[3] in learnt) < begins


@pytest.mark.parametrize("task", ["binary_classification", "multiclass_classification"])
def test_labels_are_learnt_anew_with_this_runs_threshold_and_classes(tmp_path: Path, task: str) -> None:
    words = ["no", "yes"] if task.startswith("binary") else ["low", "middle", "high"]
    rows = [[*row[:3], words[min(int(abs(row[3])), len(words) - 1)]] for row in changing()]
    data = {"target": "y", "columns": COLUMNS} | ({"classes": words} if len(words) > 2 else {})
    split = {"train": 0.5, "validation": 0.1, "test": 0.4, "by": "day", "cuts": 3}
    decided = {"decision": {"threshold": "chosen", "aim": "f1"}} if len(words) == 2 else {}

    document = judged(tmp_path, model(task, data, split=split, **decided), ["day", "x", "z", "y"], rows)

    name = "roc_auc" if len(words) == 2 else "accuracy"
    assert document["rolling"]["metrics"][name]["anew"] > 0.6
    assert all("reason" not in period["anew"] for period in document["periods"])
    assert json.dumps(document, allow_nan=False)
