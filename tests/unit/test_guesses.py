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
from cli.guess.telling import reasons
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
    note=lambda i: "" if i % 2 else f"call {i % 20}",
    defaulted=lambda i: "paid" if i % 4 else "defaulted",
    branch=lambda i: i % 5,
)


def drafted(text: str, target: str | None = None) -> proposed_model.Draft:
    return proposed_model.draft(profile(io.StringIO(text, newline=""), "data.csv"), target)


def features(made: proposed_model.Draft) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return tuple((one.name, one.kind, one.missing) for one in made.features)


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
    assert features(made) == (
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
    made = drafted(table(size=lambda i: i * 7 % 50, price=lambda i: 100 + i**3))

    assert (made.target, made.task, made.log) == ("price", "regression", True)


def test_two_numbers_are_labels_too() -> None:
    made = drafted(table(size=lambda i: i * 7 % 50, y=lambda i: i % 2))

    assert (made.task, made.labels) == ("binary_classification", ("1", "0"))


def test_of_two_labels_that_say_nothing_the_rarer_one_is_positive() -> None:
    made = drafted(table(size=lambda i: i * 7 % 50, species=lambda i: "rare" if i % 5 == 0 else "common"), "species")

    assert made.labels == ("rare", "common")
    assert why(made, "positive label") == {"rare": "the rarer one (24 of 120 rows)"}


def test_rows_without_an_answer_are_left_out_and_said() -> None:
    made = drafted(table(size=lambda i: i * 7 % 50, y=lambda i: "" if i == 3 else i % 2))

    assert made.drops
    assert why(made, "rows without target") == {"drop": "1 of 120 are blank"}


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("", None, "is empty"),
        ("a,b\n", None, "no rows"),
        ("a;b\n1;2\n", None, "separated by semicolons"),
        ("a\tb\n1\t2\n", None, "separated by tabs"),
        ('a,b\n1,"1,5"\n2,"2,5"\n3,"3,5"\n', "b", "which are numbers in a writing of their own"),
        ("a,b\n1,x\n2,x\n", "b", "says 'x' in every row"),
        ("a,a\n1,2\n", None, "'a' is there more than once"),
        ("a,b\n1,2,3\n", None, "line 2 has 3 fields, the header has 2"),
        ("a,b,\n1,2\n", None, "line 2 has 2 fields, the header has 3, for it ends with a comma: remove that comma"),
        ('"a";"b"\n"1";"2"\n', None, "its fields seem to be separated by semicolons: save it with commas"),
        ("a,b\n1,2\n", "c", "no column 'c'; there are: a, b"),
        ("a,b\n1,x\n2,y\n3,z\n", "b", "holds 3 different texts"),
        ("a,b\n1,x\n1,y\n1,y\n", "b", "nothing to learn 'b' from: a: always '1'"),
    ],
)
def test_what_cannot_be_learnt_is_said_with_what_to_do(text: str, target: str | None, said: str) -> None:
    with pytest.raises(UserError, match=said):
        drafted(text, target)


def test_blanks_around_names_and_texts_are_not_part_of_them() -> None:
    made = drafted(" a , b , t \n" + "".join(f"{i % 11}, {i % 7},{['yes ', ' no'][i % 2]}\n" for i in range(60)))

    assert ([one.name for one in made.features], made.target, made.labels) == (["a", "b"], "t", ("yes", "no"))


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

    assert features(made) == (("born", "date", ()), ("joined", "date", ()))
    assert read["columns"]["joined"] == {"kind": "date", "date_format": "%d.%m.%Y"}
    assert read["derived"] == {
        f"{said} {name}": {"from": name, "as": part}
        for name in ("born", "joined")
        for said, part in (("years since", "years"), ("month of", "month"), ("weekday of", "weekday"))
    }
    assert why(made, "left out")["details"].startswith("JSON; declare it {kind: json")
    assert why(made, "split")["at random"].endswith("hold out the newest: split: {by: born}")
    assert good(rows, tmp_path) == []


def test_the_file_that_is_written_has_no_problems(tmp_path: Path) -> None:
    assert good(LOANS, tmp_path) == []
    assert good(table(size=lambda i: i * 7 % 50, price=lambda i: 100 + i**3), tmp_path) == []


@given(
    names=st.lists(NAMES, min_size=2, unique=True),
    labels=st.sampled_from([("Yes", "No"), ("on", "off"), ("1", "0"), ("a: b", "#c"), ('"', "'")]),
)
def test_any_name_and_label_is_read_back_as_it_is(names: list[str], labels: tuple[str, str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([row * 7 % 10] * (len(names) - 1) + [labels[row % 2]] for row in range(20))
    made = drafted(text.getvalue(), names[-1])

    read = yaml.safe_load(model_text.text("any", made, "data.csv"))

    assert read["data"]["target"] == names[-1]
    assert {read["data"]["positive_label"], read["data"]["negative_label"]} == set(labels)
    assert list(read["data"]["columns"]) == [one.name for one in made.features]


def test_whole_numbers_that_only_name_something_are_levels() -> None:
    made = drafted(table(zip_code=lambda i: 100 + i % 7, rooms=lambda i: i % 7, price=lambda i: 1000 + i))

    assert features(made) == (("zip_code", "category", ()), ("rooms", "number", ()))
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


ANSWER = {"y": lambda i: ["yes", "no"][i * 7 % 11 % 2]}


def columns_of(column: Callable[[int], object], name: str = "c") -> proposed_model.Draft:
    """What is guessed of one column beside another feature and the answer."""
    return drafted(table(**{name: column}, x=lambda i: i * 7 % 50, **ANSWER))


@pytest.mark.parametrize(("name", "column", "kind", "said"), [
    ("c", lambda i: "about 5" if i == 9 else i % 40, "number", "119 of 120 are numbers, the other is 'about 5'"),
    ("c", lambda i: f"{i % 28 + 1:02}-03-2020", "date", "dates written as %d-%m-%Y"),
    ("c", lambda i: f"{i % 28 + 1} Jan 2020", "date", "dates written as %d %b %Y"),
    ("c", lambda i: f"202003{i % 28 + 1:02}T000000", "date", "dates written as %Y%m%dT%H%M%S"),
    ("c", lambda i: f"202003{i % 28 + 1:02}", "date", "dates written as %Y%m%d"),
    ("c", lambda i: f"{i % 12 + 1}/{i % 11 + 1}/2020", "left out", "in more than one way; say which: {kind: date"),
    ("c", lambda i: f"{i % 9},{i % 10}", "number", "read with ',' before decimals"),
    ("c", lambda i: f"${10 + i},000", "number", "read with ',' between thousands, without '$'"),
    ("c", lambda i: f"{i % 50}%", "number", "read without '%'"),
    ("c", lambda i: f"{i % 50} km", "number", "read without 'km'"),
    ("c", lambda i: f"{i % 5}.{i % 9 * 100 + 110}.500,{i % 7} €", "number", "with ',' before decimals, '.' between"),
    ("c", lambda i: f"shop {i % 9}", "category", "9 levels"),
    ("c", lambda i: i + 3, "left out", "it counts the rows"),
    ("c", lambda i: f"word {i // 1.5:.0f}", "left out", "hardly two share one"),
    ("c", lambda i: 5_000 + 3 * i + i % 2, "left out", "it grows from each row to the next, as numbers of cases do"),
    ("epoch", lambda i: 1_700_000_000 + 977 * i, "left out", 'hold out the newest: split: {by: "epoch"}'),
    ("index", lambda i: i % 60, "left out", "row numbers, by its name"),
    ("row", lambda i: i % 12, "number", "0 to 11"),
    ("c", lambda i: f"{i % 24}:{i % 50 + 10}", "left out", "times of day or durations: write them as a number"),
    ("c", lambda i: f"{i % 12 + 1}:{i % 50 + 10} PM", "left out", "times of day or durations"),
    ("c", lambda i: f"({i},100.50)" if i % 3 else f"{i},100.50", "left out", "in one unit, and -5 for (5)"),
    ("c", lambda i: f"{i}.5k" if i % 3 else f"{i}.5M", "left out", "numbers that are not all written in one way"),
    ("c", lambda i: f"<{i}" if i % 3 else f"{i}.5", "left out", "numbers that are not all written in one way"),
    ("c", lambda i: f"192.168.{i % 5}.{i % 9}", "category", "45 levels"),
    ("customer_id", lambda i: 500 + i % 40 * 7, "group", "120 rows are of 40 different ones"),
    ("Customer", lambda i: f"C{i // 3}", "group", "120 rows are of 40 different ones"),
    ("store_id", lambda i: 500 + i % 5, "category", "5 levels; by its name its numbers are codes"),
    ("customer_id", lambda i: f"C{i}", "id", "by its name, and no two rows have the same"),
    ("c", lambda i: f"C{i}", "id", "a guess by nothing else. If a later row may have"),
])  # fmt: skip
def test_a_column_is_named_as_what_it_is(name: str, column: Callable[[int], object], kind: str, said: str) -> None:
    made = columns_of(column, name)

    assert said in why(made, kind)[name]


@pytest.mark.parametrize("column", [
    lambda i: f"${20_000 + 37 * i:,}", lambda i: f"{'$' if i % 2 else '€'}{20_000 + 37 * i}",
    lambda i: f"({20_000 + 37 * i:,})" if i % 2 else f"{20_000 + 37 * i:,}", lambda i: f"{i // 50}:{i % 50 + 10}:07",
])  # fmt: skip
def test_money_and_times_that_no_two_rows_share_are_no_ids(column: Callable[[int], object]) -> None:
    assert columns_of(column).id is None


def test_dates_with_a_time_of_day_have_an_hour() -> None:
    timed = columns_of(lambda i: f"2024-03-{i % 28 + 1:02} {i % 24:02}:30")

    assert 'hour of c: {from: "c", as: hour}' in model_text.text("m", timed, "x")
    assert "hour of" not in model_text.text("m", columns_of(lambda i: f"2024-03-{i % 28 + 1:02} 00:00"), "x")


THIRD = {"y": lambda i: "yes" if i % 3 else "no"}


@pytest.mark.parametrize(("columns", "goal", "said"), [
    (THIRD | {"c": lambda i: "price" if i % 3 else ""}, "y", "blank exactly where 'y' is 'no'"),
    (THIRD | {"c": lambda i: "AB"[i % 3 > 0]}, "y", "each of its 2 texts goes with one"),
    (THIRD | {"c": lambda i: i * 7 % 50 + 100 * (i % 3 > 0)}, "y", "from 100 on, 'y' is never"),
    ({"y": lambda i: i * 7 % 50, "c": lambda i: 32 + 1.8 * (i * 7 % 50)}, "y", "in another unit (correlation 1.00000)"),
])  # fmt: skip
def test_a_column_that_tells_the_answer_is_left_out_by_name(
    columns: dict[str, Callable[[int], object]], goal: str, said: str
) -> None:
    text = table(x=lambda i: i * 11 % 17, **columns)
    profiled = profile(io.StringIO(text, newline=""), "data.csv")
    made = proposed_model.draft(
        profiled, goal, lambda chosen, _: reasons(io.StringIO(text, newline=""), profiled, chosen)
    )

    assert said in why(made, "left out")["c"]
    assert [one.name for one in made.features] == ["x"]


def test_what_goes_with_the_answer_by_chance_is_kept() -> None:
    text = table(x=lambda i: i * 11 % 17, few=lambda i: "a" if i < 2 else "b", y=lambda i: "yes" if i < 4 else "no")
    profiled = profile(io.StringIO(text, newline=""), "data.csv")

    assert reasons(io.StringIO(text, newline=""), profiled, profiled[-1]) == {}


def test_a_target_that_nobody_names_is_chosen_only_where_it_is_plain() -> None:
    with pytest.raises(UserError, match=r"Say it with --target. The last one, 'kind' holds 3 .* one of: x, flag"):
        drafted(table(x=lambda i: i * 7 % 50, flag=lambda i: i % 2, kind=lambda i: "abc"[i % 3]))


def test_a_last_column_of_classes_is_told_as_what_it_is() -> None:
    rows = table(x=lambda i: i * 7 % 50, k=lambda i: "abc"[i % 3], **{"the grade": lambda i: WORDS[i % 3]})
    with pytest.raises(UserError) as refused:
        drafted(rows)

    assert "says one of 3 things, as a category to learn from does, too" in str(refused.value)
    assert "if it is, --target 'the grade'; it may be one of: x, k, the grade" in str(refused.value)
    assert drafted(rows, "the grade").task == "multiclass_classification"


def test_a_last_column_of_classes_is_chosen_where_no_other_is_like_an_answer() -> None:
    made = drafted(table(x=lambda i: i * 7 % 50, k=lambda i: "ab"[i % 2], grade=lambda i: WORDS[i % 3]))

    assert (made.target, made.task) == ("grade", "multiclass_classification")
    assert why(made, "target")["grade"] == (
        "the last column, and the only one that says one of 3 things; say --target if it is another"
    )


@pytest.mark.parametrize(("labels", "positive"), [
    (("stayed", "moved"), "moved"), (("not spam", "mail"), "mail"), (("<=50K", ">50K"), ">50K"), (("0", "1"), "1"),
    (("benign", "unclear"), "unclear"), (("nein", "ja"), "ja"), (("não", "sim"), "sim"), (("oui", "non"), "oui"),
    (("нет", "да"), "да"), (("kyllä", "ei"), "kyllä"), (("いいえ", "はい"), "はい"),
])  # fmt: skip
def test_words_say_which_label_is_positive_before_rarity_does(labels: tuple[str, str], positive: str) -> None:
    made = drafted(table(x=lambda i: i * 7 % 50, outcome=lambda i: labels[i % 5 == 0]))

    assert made.labels is not None
    assert made.labels[0] == positive


def test_few_of_one_answer_are_said() -> None:
    made = drafted(table(x=lambda i: i * 7 % 50, y=lambda i: "yes" if i % 40 == 0 else "no"))

    assert why(made, "imbalance")["2.5% yes"].startswith("few: look at precision")
    assert "rows held out may hold none of so few (" in why(made, "imbalance")["2.5% yes"]


@pytest.mark.parametrize("rows", [ROWS, proposed_model.FEW_ROWS])
def test_the_line_that_chooses_a_threshold_can_be_pasted(rows: int, tmp_path: Path) -> None:
    text = "x,z,y\n" + "".join(f"{i * 7 % 50},{i % 3 / 4},{'no' if i % 40 else 'yes'}\n" for i in range(rows))
    made, path = drafted(text), tmp_path / "rare.yaml"
    line = why(made, "imbalance")["2.5% yes"].rpartition("alarms: ")[2]

    path.write_text(f"{model_text.text('rare', made, 'x')}\n{line}\n")

    assert yaml.safe_load(line)["decision"]["aim"] == "cost"
    assert model_file.problems(path) == []


def test_marks_among_the_answers_are_no_answers(tmp_path: Path) -> None:
    rows = table(x=lambda i: i * 7 % 50, price=lambda i: "NA" if i % 9 == 0 else 900 + i * 13 % 77)
    made = drafted(rows)

    assert (made.missing, made.drops) == (("NA",), True)
    assert why(made, "rows without target") == {"drop": "0 of 120 are blank, 14 say NA"}
    assert good(rows, tmp_path) == []


WORDS = ["middle", "high", "low"]


@pytest.mark.parametrize(
    ("name", "make", "classes"),
    [
        ("grade", lambda i: WORDS[i % 3], ("low", "middle", "high")),
        ("kind", lambda i: ["pear", "apple", "fig"][i % 3], ("apple", "fig", "pear")),
        ("stage", lambda i: 1 + i % 5, ("1", "2", "3", "4", "5")),
        ("stage", lambda i: [1, 2, 10][i % 3], ("1", "2", "10")),
    ],
)
def test_a_few_labels_or_whole_numbers_are_classes(
    name: str, make: Callable[[int], object], classes: tuple[str, ...]
) -> None:
    text = table(x=lambda i: 0.5 * i, **{name: make})

    made = drafted(text, name)

    assert (made.task, made.labels) == ("multiclass_classification", classes)
    read = yaml.safe_load(model_text.text("fruit", made, "data.csv"))
    assert read["data"]["classes"] == list(classes)
    assert read["algorithms"][0]["hyperparameters"]["objective"] == "multi:softprob"
    numbered = classes[0] == "1"
    assert ("write task: regression" in why(made, "task")["multiclass_classification"]) == numbered


@pytest.mark.parametrize("name", ["rating", "bed_count", "rooms"])
def test_whole_numbers_that_count_something_are_amounts(name: str) -> None:
    made = drafted(table(x=lambda i: 0.5 * i, **{name: lambda i: 1 + i % 5}), name)

    assert made.task == "regression"
    assert "write task: multiclass_classification" in why(made, "task")["regression"]


def test_a_class_of_two_rows_is_said() -> None:
    made = drafted(table(x=lambda i: 0.5 * i, grade=lambda i: "rare" if i in (7, 9) else WORDS[i % 3]), "grade")

    assert why(made, "rare classes") == {
        "'rare' (2 rows)": "few: such classes are hardly learnt or measured; join them with others, or wait for more "
        "rows"
    }


def test_eighty_one_classes_are_too_many_and_said() -> None:
    with pytest.raises(UserError, match=r"'city' holds 81 .* one of 50 labels at most, with 10 rows of each"):
        drafted(table(x=lambda i: 0.5 * i, city=lambda i: f"c{i % 81}"), "city")


def test_a_model_file_of_classes_is_good(tmp_path: Path) -> None:
    made = drafted(table(x=lambda i: 0.5 * i, grade=lambda i: WORDS[i % 3]), "grade")
    path = tmp_path / "fruit.yaml"
    path.write_text(model_text.text("fruit", made, "data.csv"))

    assert model_file.problems(path) == []


def test_row_numbers_are_no_features_whatever_their_order_and_where_rows_are_lacking() -> None:
    shuffled = [(i * 77) % ROWS for i in range(ROWS)]
    answers = {"x": lambda i: i % 7 + 0.5, "y": lambda i: "yes" if i % 3 else "no"}
    numbered = drafted(table(position=lambda i: shuffled[i], **answers), "y")
    lacking = drafted(table(**{"Unnamed: 0": lambda i: i * 3 % 251}, **answers), "y")

    assert features(numbered) == features(lacking) == (("x", "number", ()),)
    assert "row numbers" in why(numbered, "left out")["position"]
    assert "row numbers" in why(lacking, "left out")["Unnamed: 0"]


def test_digits_with_zeros_in_front_are_codes_and_no_amounts() -> None:
    made = drafted(table(zip_area=lambda i: f"{i % 12:05}", x=lambda i: i % 9, y=lambda i: i * 1.5), "y")
    unique = drafted(table(customer=lambda i: f"{i * 17 % 9973:06}", x=lambda i: i % 9, y=lambda i: i * 1.5), "y")

    assert features(made) == (("zip_area", "category", ()), ("x", "number", ()))
    assert (unique.id, features(unique)) == ("customer", (("x", "number", ()),))


def test_a_spreadsheets_errors_and_numbers_without_an_end_are_missing() -> None:
    marks = ["#N/A", "#DIV/0!", "inf", "NaN", "3.2e-1", "7"]
    made = drafted(table(x=lambda i: marks[i % 6], y=lambda i: i * 1.5), "y")

    assert features(made) == (("x", "number", ("#DIV/0!", "#N/A", "NaN", "inf")),)


def test_answers_that_differ_by_capitals_alone_are_not_two() -> None:
    with pytest.raises(UserError, match="'y' says 'Yes' and 'YES', which differ by capitals alone: write each answer"):
        drafted(table(x=lambda i: i, y=lambda i: ["Yes", "no", "YES"][i % 3]), "y")


@pytest.mark.parametrize(("answers", "pair"), [
    (["0", "0.0", "1", "1.0"], "'0' and '0.0'"), (["1", "1.0"], "'1' and '1.0'"),
    ([f"{n}{'.0' * (n % 2)}" for n in range(6)] + [f"{n}.00" for n in range(6)], "'0' and '0.00'"),
    (["true", "1", "0", "false"], "'true' and '1'"), (["a", "1", "01"], "'1' and '01'"),
])  # fmt: skip
def test_answers_that_are_one_in_two_writings_are_not_two(answers: list[str], pair: str) -> None:
    with pytest.raises(UserError, match=f"'y' says {pair}, which mean one answer: write each answer in one way"):
        drafted(table(x=lambda i: i * 7 % 50, y=lambda i: answers[i % len(answers)]), "y")


@pytest.mark.parametrize("answers", [["0", "1.0"], ["true", "false"], ["1", "2.0", "3"]])
def test_answers_of_one_writing_each_are_labels_as_they_stand(answers: list[str]) -> None:
    made = drafted(table(x=lambda i: i * 7 % 50, y=lambda i: answers[i % len(answers)]), "y")

    assert set(made.labels) == set(answers)


def test_numbers_in_two_writings_are_amounts_still() -> None:
    made = drafted(table(x=lambda i: i * 7 % 50, rooms=lambda i: ["1", "1.0", "2", "3"][i % 4]), "rooms")

    assert made.task == "regression"


def test_a_target_in_a_writing_of_its_own_is_told_to_be_written_plainly() -> None:
    with pytest.raises(UserError, match=r"a target is a plain number: write 1234\.5 for \$1,234\.50"):
        drafted(table(x=lambda i: i % 7, price=lambda i: f"${1000 + i:,}.50"), "price")


def test_of_two_columns_that_are_called_like_targets_the_last_is_taken_with_a_word_or_none() -> None:
    churn, price = {"churn": lambda i: "yes" if i % 3 else "no"}, {"price": lambda i: i * 1.5}
    made = drafted(table(x=lambda i: i % 7, **churn, **price))

    assert made.target == "price"
    assert "'churn' is called like a target, too" in why(made, "target")["price"]
    with pytest.raises(UserError, match="--target: 'churn' and 'price' are called like one"):
        drafted(table(**churn, **price, x=lambda i: i % 7))


def test_numbers_that_are_measured_are_no_cases() -> None:
    made = drafted(table(id=lambda i: i % 40 + 0.25, x=lambda i: i % 7, y=lambda i: i * 1.5), "y")

    assert made.group is None


def test_of_few_rows_of_groups_some_validate_where_a_logarithm_is_learnt() -> None:
    cost, shared = {"cost": lambda i: 2.0 ** (i * 7 % 23)}, {"customer_id": lambda i: 500 + i % 40 * 7}
    grouped = drafted(table(x=lambda i: i * 7 % 50, **shared, **cost), "cost")
    alone = drafted(table(x=lambda i: i * 7 % 50, **cost), "cost")

    assert (grouped.log, grouped.group, grouped.few) == (True, "customer_id", False)
    assert (alone.log, alone.few) == (True, True)
