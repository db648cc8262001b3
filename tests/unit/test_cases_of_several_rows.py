"""How a column that names cases is found by how its values repeat, and what is no case though it repeats."""

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from cli.guess import first_model_file, model_text, proposed_model
from pipelines.model import model_file

CASES = 300
Naming = Callable[[int], object]
NAMES: list[tuple[str, Naming]] = [
    ("machine", lambda case: f"M{case:03}"), ("machine", lambda case: 5_000 + case * 37 % 9_973),
    ("kunde", lambda case: case), ("email", lambda case: f"a{case}@b.org"), ("name", lambda case: f"Ann {case} Low"),
]  # fmt: skip
Row = list[object]


def drafted(folder: Path, header: list[str], rows: list[Row]) -> proposed_model.Draft:
    """What `retrain new` makes of the rows, in an order that says nothing; the last column is the answer."""
    random.Random(9).shuffle(rows)
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    (folder / "data.csv").write_text(text.getvalue())
    return first_model_file.draft_of(folder / "data.csv", header[-1])[0]


def of_cases(naming: Naming, *, answers: str, facts: bool = False) -> list[Row]:
    """Rows of cases, eight each, or with ``facts`` as many as chance has it; the answer is a coin per case or row."""
    rng, rows = random.Random(1), list[Row]()
    for case in range(CASES):
        coin, known = rng.choice(["yes", "no"]), [rng.randint(18, 60), rng.choice("fm")] if facts else []
        for _ in range(1 + int(rng.expovariate(0.15)) if facts else 8):
            answer = coin if answers == "by case" else rng.choice(["yes", "no"])
            rows.append([naming(case), *known, round(rng.gauss(50, 10), 2), rng.randint(1, 9), answer])
    return rows


def said(made: proposed_model.Draft, what: str) -> dict[str, str]:
    return {guess.value: guess.why for guess in made.guesses if guess.what == what}


@pytest.mark.parametrize(("name", "naming"), NAMES)
def test_cases_with_one_answer_throughout_are_a_group_whatever_they_are_called(
    name: str, naming: Naming, tmp_path: Path
) -> None:
    made = drafted(tmp_path, [name, "x", "k", "broken"], of_cases(naming, answers="by case"))

    assert (made.group, [one.name for one in made.features]) == (name, ["x", "k"])
    assert said(made, "group")[name].startswith("2,400 rows are of 300 different ones, each with one answer throughout")


@pytest.mark.parametrize(("name", "naming"), NAMES)
def test_cases_whose_answers_differ_are_asked_about_with_a_line_that_can_be_pasted(
    name: str, naming: Naming, tmp_path: Path
) -> None:
    made = drafted(tmp_path, [name, "x", "k", "broken"], of_cases(naming, answers="by row"))

    why = said(made, "group")["none"]
    assert made.group is None
    assert why.startswith(f"2,400 rows are of 300 different '{name}': if these are cases of one thing")
    line, path = why.rpartition("one side: ")[2], tmp_path / "cases.yaml"
    path.write_text(model_text.text("cases", made, "data.csv").replace("data:\n", f"data:\n  {line}\n"))
    assert yaml.safe_load(path.read_text())["data"]["group"] == [name]
    assert model_file.problems(path) == []


@pytest.mark.parametrize(("name", "naming"), NAMES)
def test_what_may_name_cases_is_no_feature_and_the_line_that_takes_it_can_be_pasted(
    name: str, naming: Naming, tmp_path: Path
) -> None:
    made = drafted(tmp_path, [name, "x", "k", "broken"], of_cases(naming, answers="by row"))

    assert [one.name for one in made.features] == ["x", "k"]
    why = said(made, "left out")[name]
    assert why.startswith("it may name cases of several rows each")
    line, path = why.rpartition("under columns ")[2], tmp_path / "taken.yaml"
    path.write_text(model_text.text("taken", made, "x").replace("    x: number\n", f"    x: number\n    {line}\n"))
    kind = "number" if isinstance(naming(0), int) else "category"
    assert yaml.safe_load(path.read_text())["data"]["columns"][name] == kind
    assert model_file.problems(path) == []


def test_amounts_on_a_grid_that_have_as_many_rows_each_are_learnt_from(tmp_path: Path) -> None:
    made = drafted(tmp_path, ["dose", "x", "k", "broken"], of_cases(lambda case: case * 5, answers="by row"))

    assert [one.name for one in made.features] == ["dose", "x", "k"]


def test_what_may_name_cases_is_learnt_from_where_there_is_nothing_else(tmp_path: Path) -> None:
    rows: list[Row] = [[row[0], row[-1]] for row in of_cases(NAMES[1][1], answers="by row")]

    assert [one.name for one in drafted(tmp_path, ["machine", "broken"], rows).features] == ["machine"]


@pytest.mark.parametrize("answers", ["by case", "by row"])
def test_cases_of_any_number_of_rows_are_known_by_what_is_alike_in_them(answers: str, tmp_path: Path) -> None:
    rows = of_cases(NAMES[1][1], answers=answers, facts=True)

    made = drafted(tmp_path, ["kunde", "age", "sex", "x", "k", "broken"], rows)

    assert (made.group == "kunde", "none" in said(made, "group")) == (answers == "by case", answers == "by row")
    assert {"age", "sex"} <= {one.name for one in made.features}


def bought(seed: int, quantity_is_answer: bool = False) -> list[Row]:
    """Lines of invoices: three each, whoever's; age and score are a customer's, and so is whether he leaves."""
    rng, rows = random.Random(seed), list[Row]()
    known = [(round(rng.gauss(40, 10), 4), round(rng.gauss(600, 50), 4), rng.choice("yn")) for _ in range(600)]
    for line in range(5_000):
        customer, count = rng.randrange(600), rng.randint(1, 9)
        age, score, left = known[customer]
        rows.append([536_000 + line // 3, 12_000 + customer, age, score, left, count])
    return rows if quantity_is_answer else [[*row[:4], row[5], row[4]] for row in rows]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("answer", ["Churned", "Quantity"])
def test_of_invoices_and_customers_the_customer_is_the_group_and_the_invoice_no_feature(
    answer: str, seed: int, tmp_path: Path
) -> None:
    rest = ["Churned", "Quantity"] if answer == "Quantity" else ["Quantity", "Churned"]
    header = ["InvoiceNo", "CustomerID", "age", "score", *rest]

    made = drafted(tmp_path, header, bought(seed, answer == "Quantity"))

    assert made.group == "CustomerID"
    assert {"InvoiceNo", "CustomerID"}.isdisjoint(one.name for one in made.features)
    assert said(made, "group")["CustomerID"].endswith("write group: [InvoiceNo]")
    assert "InvoiceNo" in said(made, "left out")


def test_a_coarser_form_of_a_case_is_the_group(tmp_path: Path) -> None:
    rng, rows = random.Random(6), list[Row]()
    for visit in range(900):
        patient = visit // 3
        rows += [[f"V{visit}", f"P{patient}", rng.randint(1, 9), "yn"[patient * 7 % 2]] for _ in range(3)]

    assert drafted(tmp_path, ["visit_id", "patient_id", "x", "y"], rows).group == "patient_id"


@pytest.mark.parametrize("seed", range(3))
def test_a_patients_number_that_repeats_is_the_group(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    base, sick = [rng.randint(0, 99) for _ in range(400)], [rng.randint(0, 1) for _ in range(400)]
    rows: list[Row] = []
    for _ in range(2_500):
        one = rng.randrange(400)
        rows.append([5_000 + one, base[one], rng.randint(1, 9), sick[one] if rng.random() < 0.9 else 1 - sick[one]])

    made = drafted(tmp_path, ["patient_nbr", "base", "x", "sick"], rows)

    assert (made.group, [one.name for one in made.features]) == ("patient_nbr", ["base", "x"])


@pytest.mark.parametrize("name", ["station_nbr", "KeyNumber", "product code", "file_key", "policy no"])
def test_numbers_that_name_something_are_never_learnt_by_guess_however_often_they_repeat(
    name: str, tmp_path: Path
) -> None:
    rng = random.Random(7)
    rows: list[Row] = [[70_000 + rng.randrange(35), rng.randint(1, 9), rng.choice("ab")] for _ in range(5_000)]

    made = drafted(tmp_path, [name, "x", "y"], rows)

    assert [one.name for one in made.features] == ["x"]
    assert said(made, "group")["none"].endswith(f"group: [{name}]")
    assert said(made, "left out")[name].endswith(f"{name}: category")


def test_numbers_beside_which_a_fact_goes_up_and_down_are_asked_about(tmp_path: Path) -> None:
    rng = random.Random(8)
    fact = [round(rng.uniform(100, 999), 2) for _ in range(80)]
    rows: list[Row] = [[value + 40, fact[value], rng.random() < 0.5] for value in dealt(80)]

    made = drafted(tmp_path, ["pers", "fact", "y"], rows)

    assert said(made, "group")["none"].endswith("group: [pers]")
    assert "pers" not in [one.name for one in made.features]


def test_what_follows_from_an_amount_makes_no_case_of_it(tmp_path: Path) -> None:
    rng = random.Random(8)
    rows: list[Row] = [[value, value * 2.5 + 1, rng.random() < 0.5] for value in dealt(80)]

    made = drafted(tmp_path, ["dose", "effect", "y"], rows)

    assert (said(made, "group"), [one.name for one in made.features]) == ({}, ["dose", "effect"])


def test_few_numbers_that_name_something_are_levels(tmp_path: Path) -> None:
    rng = random.Random(8)
    rows: list[Row] = [[rng.randrange(12), rng.randint(1, 9), rng.choice("ab")] for _ in range(500)]

    made = drafted(tmp_path, ["store_nr", "x", "y"], rows)

    assert [(one.name, one.kind) for one in made.features] == [("store_nr", "category"), ("x", "number")]


def test_what_is_alike_in_all_rows_of_a_case_is_learnt_from_and_no_leak(tmp_path: Path) -> None:
    rows = [[row[0], 10_000 + int(str(row[0])[1:]) * 7_919 % 90_000, *row[1:]] for row in
            of_cases(NAMES[0][1], answers="by case")]  # fmt: skip

    made = drafted(tmp_path, ["machine", "hours_run", "x", "k", "broken"], rows)

    assert (made.group, [one.name for one in made.features]) == ("machine", ["hours_run", "x", "k"])


def dealt(values: int, rows: int = 1_500) -> list[int]:
    """Values as they fall, some far more often than others."""
    rng = random.Random(2)
    return [min(int(rng.expovariate(4 / values)), values - 1) for _ in range(rows)]


@pytest.mark.parametrize(("header", "make"), [
    (["age"], lambda n: [18 + n]), (["built"], lambda n: [1900 + n]), (["zip", "town"], lambda n: [70_000 + n, n // 4]),
    (["article", "aisle", "department"], lambda n: [f"a{n}", f"b{n // 4}", f"c{n // 12}"]),
    (["visits"], lambda n: [n]), (["paid"], lambda n: [n * 50]), (["shop"], lambda n: [f"shop {n}"]),
    (["started"], lambda n: [f"2024-{n // 28 + 1:02}-{n % 28 + 1:02}"]),
])  # fmt: skip
@pytest.mark.parametrize("answer", ["coin", "rare", "more"])
def test_ages_years_places_kinds_counts_and_amounts_are_no_cases(
    header: list[str], make: Callable[[int], Row], answer: str, tmp_path: Path
) -> None:
    rng = random.Random(3)
    shares = {"coin": lambda _: 0.5, "rare": lambda _: 0.02, "more": lambda value: value / 60}
    rows: list[Row] = [
        [*make(value), round(rng.gauss(0, 1), 3), "yes" if rng.random() < shares[answer](value) else "no"]
        for value in dealt(80)
    ]

    made = drafted(tmp_path, [*header, "x", "y"], rows)

    assert (made.group, said(made, "group")) == (None, {})


def test_steps_of_series_that_are_as_long_are_no_cases(tmp_path: Path) -> None:
    rng = random.Random(4)
    rows: list[Row] = [[step, 1_950 + step, round(rng.gauss(0, 1), 3), rng.choice("ab")]
                       for step in range(60) for _ in range(20)]  # fmt: skip

    made = drafted(tmp_path, ["cycle", "model_year", "x", "y"], rows)

    assert said(made, "group") == {}


def test_a_number_that_decides_the_answer_by_its_amount_is_no_case(tmp_path: Path) -> None:
    rng = random.Random(5)
    rows: list[Row] = [[value, round(rng.gauss(0, 1), 3), "yes" if 20 < value < 45 else "no"] for value in dealt(80)]

    assert drafted(tmp_path, ["dose", "x", "y"], rows).group is None
