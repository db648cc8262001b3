"""What a first model file is guessed from, and that it is one that `retrain check` finds good."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cli.errors import UserError
from cli.guess import model_text, proposed_model
from cli.guess.columns import profile
from pipelines.model import model_file

ROWS = 120
NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool)


def table(**columns: Callable[[int], object]) -> str:
    """A CSV of ``ROWS`` rows; each column says what its row ``i`` holds."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([make(row) for make in columns.values()] for row in range(ROWS))
    return text.getvalue()


LOANS = table(
    loan_id=lambda i: f"L-{i}",
    income=lambda i: "NA" if i % 7 == 0 else 900 + i,
    region=lambda i: ["north", "south", "NA"][i % 3],
    opened=lambda i: f"2024-03-{1 + i % 28:02}",
    currency=lambda i: "EUR",
    note=lambda i: "" if i % 2 else f"call {i}",
    defaulted=lambda i: "paid" if i % 4 else "defaulted",
    branch=lambda i: i % 5,
)


def drafted(text: str, target: str | None = None) -> proposed_model.Draft:
    return proposed_model.draft(profile(io.StringIO(text, newline=""), "data.csv"), target)


def why(made: proposed_model.Draft, what: str) -> dict[str, str]:
    return {guess.value: guess.why for guess in made.guesses if guess.what == what}


def test_columns_become_target_id_and_features_with_their_kinds() -> None:
    made = drafted(LOANS)

    assert (made.target, made.task, made.labels, made.id) == (
        "defaulted",
        "binary_classification",
        ("defaulted", "paid"),
        "loan_id",
    )
    assert made.features == (
        ("income", "number", ("NA",)),
        ("region", "category", ()),
        ("opened", "date", ()),
        ("note", "category", ()),
        ("branch", "number", ()),
    )
    assert set(why(made, "left out")) == {"currency"}
    assert made.slices == ("region",)


def test_every_guess_says_why() -> None:
    made = drafted(LOANS)

    assert why(made, "target") == {"defaulted": "by its name; say --target if it is another"}
    assert why(made, "id") == {"loan_id": "by its name, and no two rows have the same"}
    assert why(made, "left out")["currency"] == "always 'EUR'"
    assert all(guess.why for guess in made.guesses)


def test_a_column_of_numbers_is_regression_learnt_as_a_logarithm_where_a_few_are_far_above() -> None:
    made = drafted(table(size=lambda i: i, price=lambda i: 100 + i**3))

    assert (made.target, made.task, made.log) == ("price", "regression", True)


def test_two_numbers_are_labels_too() -> None:
    made = drafted(table(size=lambda i: i, y=lambda i: i % 2))

    assert (made.task, made.labels) == ("binary_classification", ("1", "0"))


def test_of_two_labels_that_say_nothing_the_rarer_one_is_positive() -> None:
    made = drafted(table(size=lambda i: i, species=lambda i: "rare" if i % 5 == 0 else "common"), "species")

    assert made.labels == ("rare", "common")
    assert why(made, "positive label") == {"rare": "the rarer one (24 of 120 rows)"}


def test_rows_without_an_answer_are_left_out_and_said() -> None:
    made = drafted(table(size=lambda i: i, y=lambda i: "" if i == 3 else i % 2))

    assert made.drops
    assert why(made, "rows without target") == {"drop": "1 of 120 are blank"}


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("", None, "is empty"),
        ("a,b\n", None, "no rows"),
        ("a;b\n1;2\n", None, "separated by semicolons"),
        ("a\tb\n1\t2\n", None, "separated by tabs"),
        ('a,b\n1,"1,5"\n2,"2,5"\n3,"3,5"\n', "b", "which would be numbers with points for commas"),
        ("a,b\n1,x\n2,x\n", "b", r"holds 1 different text \('x'\)"),
        ("a,a\n1,2\n", None, "'a' is there more than once"),
        ("a,b\n1,2,3\n", None, "line 2 has 3 fields, the header has 2"),
        ("a,b\n1,2\n", "c", "no column 'c'; there are: a, b"),
        ("a,b\n1,x\n2,y\n3,z\n", "b", "holds 3 different texts"),
        ("a,b\n1,x\n1,y\n1,y\n", "b", "nothing to learn 'b' from: a: always '1'"),
    ],
)
def test_what_cannot_be_learnt_is_said_with_what_to_do(text: str, target: str | None, said: str) -> None:
    with pytest.raises(UserError, match=said):
        drafted(text, target)


def test_blanks_around_names_and_texts_are_not_part_of_them() -> None:
    made = drafted(" a , b , t \n" + "".join(f"{i}, {i % 7},{['yes ', ' no'][i % 2]}\n" for i in range(60)))

    assert ([name for name, *_ in made.features], made.target, made.labels) == (["a", "b"], "t", ("yes", "no"))


def test_a_column_without_a_name_is_left_out() -> None:
    rows = "".join(f"{i},{i * i % 11},{i % 2}\n" for i in range(60))

    assert why(drafted(",b,t\n" + rows), "left out")[""].startswith("it has no name")


def good(text: str, folder: Path, target: str | None = None) -> list[model_file.Problem]:
    path = folder / "try-me.yaml"
    path.write_text(model_text.text("try-me", drafted(text, target), "data.csv"), encoding="utf-8")
    return model_file.problems(path)


def test_dates_become_years_and_json_is_told_how_to_declare(tmp_path: Path) -> None:
    rows = table(
        born=lambda i: f"19{i % 90 + 10}-01-02", joined=lambda i: f"{i % 28 + 1}.3.2020",
        details=lambda i: '{"street": "' + "x" * i + '"}', price=lambda i: 100 + i,
    )  # fmt: skip

    made = drafted(rows)
    read = yaml.safe_load(model_text.text("try-me", made, "data.csv"))["data"]

    assert made.features == (("born", "date", ()),)
    assert read["derived"] == {"years since born": {"from": "born", "as": "years"}}
    left = why(made, "left out")
    assert left["joined"].startswith("dates in a form of their own; write them as 2026-06-30")
    assert left["details"].startswith("JSON; declare it {kind: json")
    assert good(rows, tmp_path) == []


def test_the_file_that_is_written_has_no_problems(tmp_path: Path) -> None:
    assert good(LOANS, tmp_path) == []
    assert good(table(size=lambda i: i, price=lambda i: 100 + i**3), tmp_path) == []


@given(
    names=st.lists(NAMES, min_size=2, unique=True),
    labels=st.sampled_from([("Yes", "No"), ("on", "off"), ("1", "0"), ("a: b", "#c"), ('"', "'")]),
)
def test_any_name_and_label_is_read_back_as_it_is(names: list[str], labels: tuple[str, str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([row] * (len(names) - 1) + [labels[row % 2]] for row in range(20))
    made = drafted(text.getvalue(), names[-1])

    read = yaml.safe_load(model_text.text("any", made, "data.csv"))

    assert read["data"]["target"] == names[-1]
    assert {read["data"]["positive_label"], read["data"]["negative_label"]} == set(labels)
    assert list(read["data"]["columns"]) == [name for name, _, _ in made.features]


def test_whole_numbers_that_only_name_something_are_levels() -> None:
    made = drafted(table(zip_code=lambda i: 100 + i % 7, rooms=lambda i: i % 7, price=lambda i: 1000 + i))

    assert made.features == (("zip_code", "category", ()), ("rooms", "number", ()))
    assert why(made, "category")["zip_code"] == "7 levels; by its name its numbers are codes"


def test_free_text_is_no_id() -> None:
    made = drafted(table(remark=lambda i: f"call {i}", size=lambda i: i % 9, price=lambda i: 1000 + i))

    assert made.id is None


def test_of_few_rows_none_are_spared_for_validation() -> None:
    few = drafted(LOANS)
    many = drafted("size,price\n" + "".join(f"{i % 50},{i}\n" for i in range(proposed_model.FEW_ROWS)))

    assert "are few" in why(few, "validation")["none"]
    assert yaml.safe_load(model_text.text("loans", few, "x"))["split"]["validation"] == 0
    assert not why(many, "validation")
    assert yaml.safe_load(model_text.text("sizes", many, "x"))["split"]["validation"] == 0.15
