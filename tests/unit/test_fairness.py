"""How groups are treated: rates of each with intervals, how far they are apart, and what the gate makes of it."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data.column_rules import Settings
from data.holdouts import HeldOut
from evaluation import intervals
from evaluation.fairness import columns, groups, limits
from evaluation.fairness.groups import Compared
from evaluation.rows import Rows
from evaluation.slices import REST, Slice
from report import page
from sample_evaluation import document
from scipy import stats
from spoilt import problems_of

BINARY, REGRESSION = "binary_classification", "regression"
MALE = np.array([True] * 100 + [False] * 100)
ACTUAL = np.array(([1.0] * 60 + [0.0] * 40) * 2)
PREDICTED = np.array([1.0] * 54 + [0.0] * 6 + [1.0] * 10 + [0.0] * 30 + [1.0] * 30 + [0.0] * 70)
ROWS = Rows(ACTUAL, PREDICTED, PREDICTED)


def compared(least: int = 30, rows: Rows = ROWS, task: str = BINARY) -> Compared:
    parts = [Slice("sex", "m", MALE), Slice("sex", "f", ~MALE)]
    return Compared.of("sex", parts, task, rows, least)


def test_rates_of_each_group_are_counted() -> None:
    men, women = (by_name for _, by_name in compared().groups)

    assert {name: one.value for name, one in men.items()} == {
        "selection_rate": 0.64, "true_positive_rate": 0.9, "false_positive_rate": 0.25,
    }  # fmt: skip
    assert {name: (one.value, one.rows) for name, one in women.items()} == {
        "selection_rate": (0.3, 100), "true_positive_rate": (0.5, 60), "false_positive_rate": (0.0, 40),
    }  # fmt: skip


@pytest.mark.parametrize(("hits", "rows"), [(0, 40), (40, 40), (7, 40), (900, 1_000)])
def test_an_interval_of_a_rate_is_wilsons(hits: int, rows: int) -> None:
    wanted = stats.binomtest(hits, rows).proportion_ci(method="wilson")

    assert intervals.wilson(hits / rows, rows) == pytest.approx((wanted.low, wanted.high), abs=1e-6)


def test_the_largest_gap_has_newcombes_interval() -> None:
    """Source: Newcombe (1998), table II, example (a): 56 of 70 against 48 of 80, method 10."""
    parts = [Slice("arm", "a", np.arange(150) < 70), Slice("arm", "b", np.arange(150) >= 70)]
    said = np.array([1.0] * 56 + [0.0] * 14 + [1.0] * 48 + [0.0] * 32)

    spread = Compared.of("arm", parts, BINARY, Rows(said, said, said), 30).spread("selection_rate")

    assert spread is not None
    assert (spread.gap, *spread.interval) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_numbers_have_a_mean_error_by_group_and_no_ratio() -> None:
    rows = Rows(np.zeros(200), np.where(MALE, 2.0, -1.0), np.zeros(200))

    found = compared(task=REGRESSION, rows=rows).document()

    assert [group["measures"]["mean_error"]["value"] for group in found["groups"]] == [2.0, -1.0]
    assert found["spread"]["mean_error"] == {"gap": 3.0, "low": 3.0, "high": 3.0, "lowest": "f", "highest": "m"}


def test_of_several_classes_it_is_how_often_each_group_is_answered_rightly() -> None:
    actual = np.arange(200) % 3 * 1.0
    rows = Rows(actual, np.where(MALE, actual, 0.0), np.zeros(200))

    found = compared(task="multiclass_classification", rows=rows).document()

    assert [group["measures"]["accuracy"]["value"] for group in found["groups"]] == [1.0, 0.33]
    assert found["spread"]["accuracy"]["lowest"] == "f"


def of_classes(least: int = 30) -> list[Compared]:
    """Classes of which men are told rightly, and women are all said to be of the first."""
    actual = np.arange(200) % 3 * 1.0
    rows = Rows(actual, np.where(MALE, actual, 0.0), np.zeros((200, 3)))
    parts = [Slice("sex", "m", MALE), Slice("sex", "f", ~MALE)]
    whole = Compared.of("sex", parts, "multiclass_classification", rows, least)
    return [whole, *Compared.of_classes("sex", parts, ("low", "middle", "high"), rows, least)]


def test_of_several_classes_each_class_has_its_rates_against_the_rest() -> None:
    _, low, middle, high = of_classes()
    selected = [[by_name["selection_rate"].value for _, by_name in one.groups] for one in (low, middle, high)]
    recalled = [[by_name["true_positive_rate"].value for _, by_name in one.groups] for one in (low, middle, high)]

    assert selected == [[0.34, 1.0], [0.33, 0.0], [0.33, 0.0]]
    assert recalled == [[1.0, 1.0], [1.0, 0.0], [1.0, 0.0]]
    assert [one.document()["class"] for one in (low, middle, high)] == ["low", "middle", "high"]


def test_a_limit_of_a_rate_is_held_against_each_class_and_one_of_accuracy_against_all() -> None:
    wish = {"accuracy": {"gap": 0.9}, "true_positive_rate": {"gap": 0.5}}

    lines, reasons = zip(*limits.judge(limits.limits_from({"limits": wish}), of_classes()), strict=True)

    assert [(line["metric"], line.get("class"), line["passed"]) for line in lines] == [
        ("accuracy", None, True), ("true_positive_rate", "low", True), ("true_positive_rate", "middle", False),
        ("true_positive_rate", "high", False),
    ]  # fmt: skip
    assert reasons[2] == (
        "true_positive_rate of class 'middle' by sex is 1 apart, above 0.5: 'f' 0 (34 test rows), 'm' 1 (33 test rows)"
    )
    [doubt] = limits.doubts(of_classes(least=34))
    assert doubt["found"] == (
        "fewer of 'f' (class 'low'), 'm' (class 'middle'), 'm' (class 'high'), …: shown, and not judged in full"
    )


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"selection_rate": {"gap": 0.34}}, None),
        ({"selection_rate": {"gap": 0.33}},
         "selection_rate by sex is 0.34 apart, above 0.33: 'f' 0.3 (100 test rows), 'm' 0.64 (100 test rows)"),
        ({"selection_rate": {"ratio": 0.46}}, None),
        ({"true_positive_rate": {"ratio": 0.8}},
         "true_positive_rate by sex is a ratio of 0.5556, below 0.8: 'f' 0.5 (60 test rows), 'm' 0.9 (60 test rows)"),
    ],
)  # fmt: skip
def test_a_limit_is_inclusive_and_names_the_groups_that_break_it(wish: dict[str, Any], reason: str | None) -> None:
    [(line, why)] = limits.judge(limits.limits_from({"limits": wish}), [compared()])

    assert (line["passed"], why) == (reason is None, reason)


def test_where_too_few_groups_are_large_enough_nobody_is_judged_and_a_doubt_says_so() -> None:
    small = compared(least=61)
    lines = list(limits.judge(limits.limits_from({"limits": {"true_positive_rate": {"gap": 0.1}}}), [small]))
    [doubt] = limits.doubts([small])

    assert lines == [
        ({"metric": "true_positive_rate", "column": "sex", "group_gap": 0.1, "value": None, "passed": None}, None)
    ]
    assert doubt["found"] == "fewer of 'm', 'f': shown, and not judged in full"


def test_what_is_left_of_many_levels_is_no_group() -> None:
    parts = [Slice("town", "a", MALE), Slice("town", REST, ~MALE)]
    found = Compared.of("town", parts, BINARY, ROWS, 30)

    assert (found.spread("selection_rate"), found.small()) == (None, [])


def held_out(folder: Path, values: list[str], **data: Any) -> list[str]:
    (folder / "rows.csv").write_text("g\n" + "".join(f'"{value}"\n' for value in values))
    rows = Rows(*[np.zeros(len(values))] * 3)
    known = {"columns": {}, "missing": ["?"]} | data
    config = {"task": BINARY, "data": known, "fairness": {"columns": ["g"], "limits": {}, "rows": 2}}
    [found] = columns.compared(config, HeldOut(folder), rows)
    return [group.name for group, _ in found.groups]


def test_a_column_that_is_no_feature_is_cut_by_what_it_holds(tmp_path: Path) -> None:
    assert held_out(tmp_path, ["1", "0", "1", "?"]) == ["1", "(missing)", "0"]
    assert held_out(tmp_path, [str(number) for number in range(20)])[0] == "up to 4"


def test_groups_of_sensitive_data_go_by_numbers(tmp_path: Path) -> None:
    assert held_out(tmp_path, ["secret", "other", "secret"], sensitive=True) == ["level 1", "level 2"]


def test_an_upload_needs_the_columns_that_fairness_reads_and_derived_ones_are_made() -> None:
    described: dict[str, Any] = {
        "name": "m", "task": BINARY, "algorithms": [{"name": "xgboost"}], "split": {"salt": ""},
        "data": {"target": "y", "missing": [], "without_target": "drop", "columns": {"age": "number"},
                 "positive_label": "yes", "negative_label": "no", "target_transform": "none", "threshold": 0.5,
                 "derived": {"band": {"from": "age", "as": "bins", "edges": [30], "labels": ["young", "old"]}}},
        "fairness": {"columns": ["sex", "band", "age"], "limits": {}, "rows": 50},
    }  # fmt: skip

    assert Settings.parse(described).beside == ["sex"]
    assert Settings.parse(described, cleaned=True).needed == ["(row key)", "age", "band", "sex", "y"]


def test_the_report_shows_groups_gaps_and_limits_in_words() -> None:
    [(line, _)] = limits.judge(limits.limits_from({"limits": {"selection_rate": {"ratio": 0.8}}}), [compared()])

    html = page.render(document(gate=[line], **groups.documents([compared(), compared(least=61)])))

    assert "selection rate by sex: the lowest at least" in html
    assert "<h2>Fairness</h2>" in html
    assert "<b>largest gap</b>" in html
    assert 'data-path="fairness.0.spread.selection_rate.gap">0.3400<' in html
    assert 'm <span class="tag">few rows</span>' in html


def test_the_report_has_a_table_for_each_class_and_names_the_class_of_a_limit() -> None:
    wish = {"limits": {"selection_rate": {"gap": 0.5}}}
    lines = [line for line, _ in limits.judge(limits.limits_from(wish), of_classes())]

    html = page.render(document(gate=lines, **groups.documents(of_classes())))

    assert "selection rate of class low by sex: groups apart by at most" in html
    broken = [line["class"] for line in lines if line["passed"] is False]
    assert html.count("<summary>sex, class ") == 3
    assert 0 < html.count("<details open><summary>sex, class ") == len(broken) < 3
    assert 'data-path="fairness.3.spread.true_positive_rate.gap">1.0000<' in html


def test_rates_of_each_class_may_be_limited(tmp_path: Path) -> None:
    wish = "{columns: [k], limits: {accuracy: {gap: 0.1}, true_positive_rate: {ratio: 0.8}}}"

    assert problems_of(tmp_path, "grades", ("\nslices:", f"\nfairness: {wish}\nslices:")) == []


@pytest.mark.parametrize(
    ("model", "wish", "where", "words"),
    [
        ("churn", "{columns: [customerID]}", "fairness.columns[0]", "'customerID' is the id; name a column whose"),
        ("churn", "{columns: [Churn]}", "fairness.columns[0]", "'Churn' is the target"),
        ("churn", "{columns: [gender], limits: {selection_rate: {gap: 10}}}", "fairness.limits.selection_rate.gap",
         "10 is out of range; rates are at most 1 apart"),
        ("churn", "{columns: [gender], limits: {mean_error: {gap: 10}}}", "fairness.limits.mean_error",
         "'mean_error' is not measured in this task; known here: selection_rate"),
        ("churn", "{columns: [gender], limits: {recall: {gap: 1}}}", "fairness.limits.recall", "unknown key"),
        ("churn", "{columns: [gender], limits: {selection_rate: {}}}", "fairness.limits.selection_rate", ""),
        ("employee-bonus", "{columns: [hire_date]}", "fairness.columns[0]", "of kind date, whose values rows hardly"),
        ("employee-bonus", "{columns: [department], limits: {mean_error: {ratio: 0.8}}}",
         "fairness.limits.mean_error.ratio", "so a ratio of them says nothing; write gap"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_named(tmp_path: Path, model: str, wish: str, where: str, words: str) -> None:
    found = problems_of(tmp_path, model, ("\napproval:", f"\nfairness: {wish}\napproval:"))

    assert [problem.where for problem in found] == [where]
    assert words in str(found[0])


def test_nan_stands_nowhere_in_the_document() -> None:
    empty = Slice("sex", "x", np.zeros(200, bool))
    [group] = Compared.of("sex", [empty], BINARY, ROWS, 30).document()["groups"]

    assert group["measures"]["selection_rate"] == {
        "value": None, "low": None, "high": None, "rows": 0, "judged": False,
    }  # fmt: skip
    assert math.isnan(groups.measured(groups.MEASURES[BINARY][0], ROWS.at(empty.which)).value)
