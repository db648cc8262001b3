"""What a model says of itself holds for rows that nobody has seen: tables on which flattering figures came easily."""

import csv
import datetime
import math
import random
from pathlib import Path
from typing import Any

import pytest
from judged_tables import judged, model, prepare

from cli.guess.first_model_file import draft_of

GATE = [{"metric": "roc_auc", "at_least": 0.6}]


def customers() -> list[list[object]]:
    """Customers of four months each; whether one leaves is a coin, so nothing can be learnt."""
    rng = random.Random(1)
    rows: list[list[object]] = []
    for customer in range(600):
        leaves, income = rng.choice(["yes", "no"]), rng.randint(10_000, 99_999)
        rows += [[100_000 + customer, month, income, round(rng.gauss(50, 10), 2), leaves] for month in range(4)]
    rng.shuffle(rows)
    return rows


CUSTOMERS = ["customer", "month", "income", "spend", "churned"]
FEATURES = {"month": "number", "income": "number", "spend": "number"}


def test_of_grouped_rows_new_customers_are_held_out_and_the_gate_says_no(tmp_path: Path) -> None:
    rows = customers()
    whole = {"target": "churned", "columns": FEATURES, "group": ["customer"]}

    document = judged(tmp_path, model("binary_classification", whole, gate=GATE), CUSTOMERS, rows)

    assert document["metrics"]["roc_auc"] == pytest.approx(0.5, abs=0.15)
    assert not document["verdict"]["passed"]
    assert sum(document["rows"].values()) == len(rows)


def test_machines_that_are_remembered_by_name_are_a_group_as_new_has_it_and_the_gate_says_no(tmp_path: Path) -> None:
    rng, header = random.Random(11), ["machine", "heat", "load", "broken"]
    rows: list[list[object]] = []
    for machine in range(300):
        broken = rng.choice(["yes", "no"])
        rows += [[f"M{machine:03}", round(rng.gauss(60, 9), 2), rng.randint(1, 9), broken] for _ in range(8)]
    rng.shuffle(rows)
    with (tmp_path / "machines.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    guess, _ = draft_of(tmp_path / "machines.csv", "broken")
    data: dict[str, Any] = {
        "target": "broken",
        "columns": {one.name: one.kind for one in guess.features},
        "group": [guess.group],
    }

    document = judged(tmp_path / "judged", model("binary_classification", data, gate=GATE), header, rows)

    assert (guess.group, list(data["columns"])) == ("machine", ["heat", "load"])
    assert document["metrics"]["roc_auc"] == pytest.approx(0.5, abs=0.15)
    assert not document["verdict"]["passed"]


def test_accounts_whose_answers_differ_are_no_feature_as_new_has_it_and_the_gate_says_no(tmp_path: Path) -> None:
    rng, header = random.Random(12), ["konto", "spend", "load", "leaves"]
    rows: list[list[object]] = []
    for account in range(500):
        often = rng.choice([0.1, 0.9])
        for _ in range(6):
            leaves = "yes" if rng.random() < often else "no"
            rows.append([70_000 + account * 7_919 % 29_989, round(rng.gauss(60, 9), 2), rng.randint(1, 9), leaves])
    rng.shuffle(rows)
    with (tmp_path / "accounts.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    guess, _ = draft_of(tmp_path / "accounts.csv", "leaves")
    data: dict[str, Any] = {"target": "leaves", "columns": {one.name: one.kind for one in guess.features}}

    document = judged(tmp_path / "judged", model("binary_classification", data, gate=GATE), header, rows)

    assert (guess.group, list(data["columns"])) == (None, ["spend", "load"])
    assert document["metrics"]["roc_auc"] == pytest.approx(0.5, abs=0.1)
    assert not document["verdict"]["passed"]


def test_rows_that_an_id_drops_are_told_in_the_log(tmp_path: Path) -> None:
    data = {"target": "churned", "columns": FEATURES, "id": "customer"}

    log = prepare(tmp_path, model("binary_classification", data), CUSTOMERS, customers())

    assert "warning: 1,800 of 2,400 rows do not count: a later row of the same file has the same 'customer'" in log


def test_a_category_that_means_nothing_costs_nothing(tmp_path: Path) -> None:
    rng, rows = random.Random(3), []
    for at in range(4_000):
        x = rng.gauss(0, 1)
        answer = "yes" if rng.random() < 1 / (1 + math.exp(-1.2 * x)) else "no"
        rows.append([f"r{at}", round(x, 4), f"l{rng.randrange(300):03}", answer])
    header, columns = ["row", "x", "shop", "answer"], {"x": "number", "shop": "category"}
    data = {"target": "answer", "id": "row", "columns": columns}

    alone = judged(tmp_path / "x", model("binary_classification", data | {"columns": {"x": "number"}}), header, rows)
    both = judged(tmp_path / "both", model("binary_classification", data), header, rows)

    assert both["metrics"]["roc_auc"] >= alone["metrics"]["roc_auc"] - 0.01
    shares = {line["column"]: line["contribution"] for line in both["importance"]}
    assert shares["shop"] < 0.15 * shares["x"]


def test_a_category_of_rare_levels_alone_is_no_fault_and_said(tmp_path: Path) -> None:
    rng, rows = random.Random(4), []
    for at in range(400):
        x = rng.gauss(0, 1)
        cabin = f"C{at // 2 % 80:02}" if at < 150 else ""
        rows.append([cabin, round(x, 3), "yes" if x + rng.gauss(0, 1) > 0 else "no"])
    data = {"target": "y", "columns": {"cabin": "category", "x": "number"}}

    document = judged(tmp_path, model("binary_classification", data), ["cabin", "x", "y"], rows)

    assert (document["not_learnt"], [line["column"] for line in document["importance"]]) == (["cabin"], ["x"])
    report = (tmp_path / "processing" / "evaluation" / "report.html").read_text()
    assert "Nothing is learnt from cabin: each level has too few rows for training." in report


def test_a_log_target_answers_means(tmp_path: Path) -> None:
    rng, rows = random.Random(6), []
    for at in range(6_000):
        x = rng.gauss(0, 1)
        rows.append([f"r{at}", round(x, 4), round(math.exp(3 + 0.5 * x + rng.gauss(0, 0.6)), 4)])
    data = {"target": "amount", "id": "row", "columns": {"x": "number"}, "target_transform": "log"}

    document = judged(tmp_path, model("regression", data), ["row", "x", "amount"], rows)

    mean = math.exp(3 + (0.5**2 + 0.6**2) / 2)  # of what the rows are drawn from; 900 of them are off by chance
    assert document["means"]["predicted"] == pytest.approx(mean, rel=0.05)
    assert document["answer"]["factor"] == pytest.approx(math.exp(0.18), rel=0.05)
    report = (tmp_path / "processing" / "evaluation" / "report.html").read_text()
    assert "Mean predicted beside mean true" in report


def test_a_rare_label_is_never_said_until_a_threshold_is_chosen(tmp_path: Path) -> None:
    rng, rows = random.Random(7), []
    for at in range(4_000):
        x = rng.gauss(0, 1)
        rows.append([f"r{at}", round(x, 4), "yes" if rng.random() < 0.012 * math.exp(x) else "no"])
    data = {"target": "y", "id": "row", "columns": {"x": "number"}}
    decision = {"threshold": "chosen", "aim": "cost", "false_negative": 20}

    plain = judged(tmp_path / "plain", model("binary_classification", data), ["row", "x", "y"], rows)
    heavy = judged(
        tmp_path / "heavy",
        model("binary_classification", data, decision=decision, hyperparameters={"scale_pos_weight": 40}),
        ["row", "x", "y"], rows,
    )  # fmt: skip
    mended = judged(
        tmp_path / "mended",
        model(
            "binary_classification", data, decision=decision, calibrate="platt",
            hyperparameters={"scale_pos_weight": 40},
        ), ["row", "x", "y"], rows,
    )  # fmt: skip

    assert [doubt["column"] for doubt in plain["doubts"]] == ["predicted label"]
    assert [doubt["column"] for doubt in heavy["doubts"]] == ["probability"]
    assert "doubts" not in mended
    assert mended["metrics"]["recall"] > plain["metrics"]["recall"] == 0
    assert mended["metrics"]["brier"] < heavy["metrics"]["brier"]


def test_a_random_walk_is_judged_by_the_days_that_come_after(tmp_path: Path) -> None:
    rng, level, rows, start = random.Random(2), 100.0, [], datetime.date(2023, 1, 1)
    for day in range(900):
        level += rng.gauss(0, 1)
        when = (start + datetime.timedelta(day)).isoformat()
        rows += [[when, day, round(level + rng.gauss(0, 0.3), 3)] for _ in range(3)]
    data, header = {"target": "level", "columns": {"number": "number"}}, ["day", "number", "level"]

    dealt = judged(tmp_path / "dealt", model("regression", data), header, rows)
    in_order = judged(tmp_path / "order", model("regression", data, split={"by": "day", "periods": 3}), header, rows)

    assert dealt["metrics"]["r2"] > 0.9
    assert in_order["metrics"]["r2"] < 0
    assert in_order["cut"] == {
        "by": "day", "train_from": "2023-01-01", "validation_from": "2024-09-22", "test_from": "2025-02-04",
        "newest": "2025-06-18",
    }  # fmt: skip
    report = (tmp_path / "order" / "processing" / "evaluation" / "report.html").read_text()
    assert "Split by time, by day: train from 2023-01-01, validation from 2024-09-22, test from 2025-02-04" in report
    assert [period["from"] for period in in_order["periods"]] == ["2025-02-04", "2025-03-21", "2025-05-05"]
    assert "<h2>Over time</h2>" in report


def test_times_as_people_write_them_are_learnt_from_and_cut_the_rows(tmp_path: Path) -> None:
    rng, rows, start = random.Random(10), [], datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    for at in range(1_500):
        when = start + datetime.timedelta(hours=5 * at)
        busy = 20 if 9 <= when.hour <= 17 else 0
        rows.append([f"{when:%d.%m.%Y %H:%M}", when.isoformat(), round(50 + busy + rng.gauss(0, 3), 2)])
    columns = {"when": {"kind": "date", "date_format": "%d.%m.%Y %H:%M"}, "seen at": "date"}
    hours = {f"hour of {name}": {"from": name, "as": "hour"} for name in columns}
    described = model(
        "regression", {"target": "load", "columns": columns, "derived": hours}, split={"by": "when", "periods": 3}
    )

    document = judged(tmp_path, described, ["when", "seen at", "load"], rows)

    assert document["metrics"]["r2"] > 0.85
    assert document["cut"] == {
        "by": "when", "train_from": "2024-01-01", "validation_from": "2024-08-06T18:00:00",
        "test_from": "2024-09-22T15:00:00", "newest": "2024-11-08T07:00:00",
    }  # fmt: skip
    assert document["periods"][0]["from"] == document["cut"]["test_from"]


def test_a_column_that_is_filled_in_afterwards_is_doubted_in_the_report(tmp_path: Path) -> None:
    rng, rows = random.Random(5), []
    for _ in range(1_500):
        left = rng.random() < 0.3
        reason, day = (rng.choice(["price", "moved"]), rng.randint(1, 300)) if left else ("", "")
        rows.append([round(rng.gauss(0, 1), 3), reason, day, "yes" if left else "no"])
    columns = {"x": "number", "cancel_reason": "category", "cancel_day": "number"}

    document = judged(
        tmp_path, model("binary_classification", {"target": "churn", "columns": columns}), [*columns, "churn"], rows
    )

    assert [doubt["column"] for doubt in document["doubts"]] == ["accuracy", "cancel_reason", "cancel_day"]
    report = (tmp_path / "processing" / "evaluation" / "report.html").read_text()
    assert "doubts about accuracy, cancel_reason, cancel_day" in report


FAIR = {"columns": ["sex"], "limits": {"selection_rate": {"ratio": 0.8}}}


def applicants(*, biased: bool) -> list[list[object]]:
    """Applicants of whom one half was rarely said yes to, whatever they earn; no feature says who is of which half,
    but where they live does.
    """
    rng, rows = random.Random(8), []
    for _ in range(3_000):
        sex, income = rng.choice("fm"), rng.gauss(0, 1)
        near = rng.random() < (0.9 if sex == "f" else 0.1)
        yes = income + rng.gauss(0, 0.5) - (1.2 if biased and sex == "f" else 0) > 0
        rows.append([sex, round(income, 3), "north" if near else "south", "yes" if yes else "no"])
    return rows


def test_a_biased_model_is_stopped_though_it_never_sees_the_group(tmp_path: Path) -> None:
    header, columns = ["sex", "income", "town", "loan"], {"income": "number", "town": "category"}
    described = model("binary_classification", {"target": "loan", "columns": columns}, gate=GATE, fairness=FAIR)

    biased = judged(tmp_path / "biased", described, header, applicants(biased=True))
    even = judged(tmp_path / "even", described, header, applicants(biased=False))

    assert (biased["verdict"]["passed"], even["verdict"]["passed"]) == (False, True)
    assert biased["metrics"]["roc_auc"] > 0.8  # by itself it is a good model
    [reason] = biased["verdict"]["reasons"]
    assert reason.startswith("selection_rate by sex is a ratio of 0.")
    assert biased["fairness"][0]["spread"]["selection_rate"]["lowest"] == "f"


def test_a_group_whose_numbers_are_answered_too_low_stops_a_regression(tmp_path: Path) -> None:
    rng, rows = random.Random(9), []
    for _ in range(2_000):
        region, x = rng.choice(["north", "south"]), rng.gauss(0, 1)
        rows.append([region, round(x, 3), round(50 + 10 * x + (8 if region == "north" else 0) + rng.gauss(0, 3), 2)])
    fairness = {"columns": ["region"], "limits": {"mean_error": {"gap": 4}}}
    described = model("regression", {"target": "pay", "columns": {"x": "number"}}, fairness=fairness)

    document = judged(tmp_path, described, ["region", "x", "pay"], rows)

    [reason] = document["verdict"]["reasons"]
    assert reason.startswith("mean_error by region is ")
    assert "apart, above 4: 'north' -" in reason
