"""Tables as programs and people leave them: each oddity is read, or named as what it is."""

import csv
import io
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from cli.errors import UserError
from cli.guess import first_model_file, model_text, proposed_model
from cli.guess.columns import profile
from pipelines.model import model_file

ROWS = 120
Cell = Callable[[int], object]


def table(rows: int = ROWS, **columns: Cell) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([make(row) for make in columns.values()] for row in range(rows))
    return text.getvalue()


def drafted(text: str, target: str | None = None) -> proposed_model.Draft:
    return proposed_model.draft(profile(io.StringIO(text, newline=""), "data.csv"), target)


def beside(column: Cell, name: str = "c", rows: int = ROWS) -> proposed_model.Draft:
    """What is guessed of one column beside another feature and the answer."""
    columns = {name: column, "x": lambda i: i * 7 % 50 / 4, "y": lambda i: ["yes", "no"][i * 7 % 11 % 2]}
    return drafted(table(rows, **columns))


def said(made: proposed_model.Draft, name: str) -> tuple[str, str]:
    """What a column was taken for, and why."""
    return next((guess.what, guess.why) for guess in made.guesses if guess.value == name)


def month(i: int, form: str = "%Y-%m") -> str:
    return (date(2001, 1, 1) + timedelta(days=31 * (i * 7 % 60))).strftime(form)


MIXED = ("%Y-%m-%d", "%d/%m/%Y", "%b %d, %Y")


@pytest.mark.parametrize(("name", "column", "kind", "why"), [
    ("c", lambda i: f"{10_000 + 37 * i:,}.50".replace(",", "\u202f").replace(".", ","), "number", "' ' between"),
    ("c", lambda i: f"{10_000 + 37 * i:,}".replace(",", "\u00a0"), "number", "' ' between thousands"),
    ("c", lambda i: f"{10_000 + 37 * i:,}".replace(",", "\u2009"), "number", "' ' between thousands"),
    ("c", lambda i: f"{10_000 + 37 * i:,}".replace(",", "\u2019"), "number", "''' between thousands"),
    ("c", lambda i: f"{i % 9 + 1},{i % 90 + 10},000", "left out", "numbers that are not all written in one way"),
    ("c", lambda i: f"'{i * 7 % 90}", "left out", "numbers that are not all written in one way"),
    ("c", lambda i: f"€ {i % 90}.50", "number", "read without '€'"),
    ("c", lambda i: (date(2020, 1, 1) + timedelta(7 * i)).strftime(MIXED[i % 3]), "left out", "write each as 2026-06"),
    ("c", lambda i: month(i), "date", "dates written as %Y-%m; years to the day of the newest upload and month are"),
    ("c", lambda i: month(i, "%b %Y"), "date", "dates written as %b %Y"),
    ("c", lambda i: 4_000_000_000_000_000 + i * 977 % 9_000_000_000, "id", "a guess by nothing else"),
    ("c", lambda i: 4_000_000_000_000_000 + i % 7, "category", "7 levels"),
    ("c", lambda i: 1_500_000_000 + i * 7919 * 977 % 90_000_000, "number", "seconds since 1970 (2017-07-14 to "),
    ("c", lambda i: 1_500_000_000_000 + i * 7_919_977_001 % 90_000_000_000, "number", "milliseconds since 1970 (2017-"),
    ("order_date", lambda i: 43_000 + i * 77 % 997, "number", "days as a spreadsheet counts them (2017-09-22 to "),
    ("c", lambda i: -999 if i % 6 == 0 else i * 7 % 50, "number", '-999 stands in 20 rows, far from all others: if it'),
    ("c", lambda i: 9999 if i % 6 == 0 else i * 7 % 50, "number", 'write missing: ["9999"]'),
    ("c", lambda i: "-1.0" if i % 6 == 0 else f"{i * 7 % 50}.0", "number", 'write missing: ["-1.0"]'),
    ("c", lambda i: ["\\N", "(null)", "<NA>", "7", "8"][i % 5], "number", "(null) and <NA> and \\N: missing"),
    ("c", lambda i: "0000-00-00" if i % 9 == 0 else f"2024-03-{i % 28 + 1:02}", "date", "month and weekday are"),
    ("mail", lambda i: f"u{i % 9}@example.org" if i % 7 else "", "left out", "addresses of mail: a model that knows"),
    ("tel", lambda i: f"0170/{1_000_000 + i % 9}", "left out", "telephone numbers: a model that knows people"),
    ("c", lambda i: f"+49 170 {1_000_000 + i % 9}", "left out", "telephone numbers: a model that knows people"),
    ("surname", lambda i: f"N{chr(97 + i % 26)}", "left out", "names: a model that knows people by name"),
    ("c", lambda i: "-0.0" if i % 3 else "1.5", "number", "0 to 1.5"),
    ("c", lambda i: f"2024-03-{i % 28 + 1:02} {i % 24:02}:30", "date", "month, weekday and hour are features"),
])  # fmt: skip
def test_an_odd_column_is_read_or_named(name: str, column: Cell, kind: str, why: str) -> None:
    what, reason = said(beside(column, name), name)

    assert (what, why in reason, reason) == (kind, True, reason)


@pytest.mark.parametrize("column", [
    lambda i: i * 7 % 50 - 1, lambda i: 99 if i % 6 == 0 else i * 7 % 98, lambda i: 100 * (i * 7 % 50) + 95_000_000,
])  # fmt: skip
def test_numbers_without_a_gap_are_not_doubted(column: Cell) -> None:
    assert said(beside(column), "c")[1].count(";") == 0


def test_months_have_no_weekday_and_no_hour() -> None:
    derived = yaml.safe_load(model_text.text("m", beside(month), "x"))["data"]["derived"]

    assert {rule["as"] for rule in derived.values()} == {"years", "month"}


def test_a_large_category_is_kept_where_most_rows_share_their_level_with_some() -> None:
    often = beside(lambda i: f"place {i % 400}", rows=2400)
    seldom = beside(lambda i: f"place {i % 800}", rows=2400)

    assert said(often, "c")[0] == "category"
    assert said(seldom, "c") == ("left out", "800 different texts, few of which 5 rows share: names or free text")


@pytest.mark.parametrize(("text", "why"), [
    ("5.1,1.4,setosa\n4.9,1.3,setosa\n7.0,4.7,versicolor\n", "its first line (5.1, 1.4, setosa) looks like a row"),
    ("39,77516,5\n50,83311,7\n", "looks like a row"),
    ("1,2020-01-02,a\n2,2020-01-03,b\n3,2020-01-04,a\n", "write the names of the columns above it"),
    ("a\0,\0b\0\n\0", "NUL characters in its first line, so it is not UTF-8 text; if it is UTF-16 text, iconv"),
    ("a,b,,\n1,2,,\n", "columns 3 and 4 have no name: remove them, or name them"),
])  # fmt: skip
def test_a_table_without_names_is_refused_with_what_to_do(text: str, why: str) -> None:
    with pytest.raises(UserError) as refused:
        drafted(text)

    assert why in str(refused.value)


@pytest.mark.parametrize("header", ["0,1,2", "x,2019,2020", "1.5,b,c"])
def test_names_that_are_numbers_are_names(header: str) -> None:
    rows = "".join(f"{i % 7},{i * 3 % 11},{i % 2}\n" for i in range(60))

    assert drafted(f"{header}\n{rows}").target == header.rpartition(",")[2]


def test_answers_that_are_one_alone_or_differ_by_capitals_are_named_without_a_target_too() -> None:
    with pytest.raises(UserError, match="'kind' says 'Yes' and 'YES', which differ by capitals alone"):
        drafted(table(x=lambda i: i * 7 % 50, kind=lambda i: ["Yes", "no", "YES"][i % 3]))
    with pytest.raises(UserError, match="'kind' says 'yes' in every row: there is nothing to tell apart"):
        drafted(table(x=lambda i: i * 7 % 50, kind=lambda i: "yes"), "kind")


def test_answers_in_several_writings_are_counted_and_the_command_writes_them_in_one(tmp_path: Path) -> None:
    path = tmp_path / "my data.csv"
    answers = ["no", "no", "yes", "yes", "Yes ", "NO"]
    path.write_text("x, paid ,note\n" + "".join(f'{i},{answers[i % 6]},"a, ü {i % 2}"\n' for i in range(60)))

    with pytest.raises(UserError) as error:
        first_model_file.write("writings", path, "paid")
    said = str(error.value)
    command = said.partition("): ")[2]
    subprocess.run(["sh", "-c", command], check=True, cwd=tmp_path)

    assert "(20 rows 'no', 10 rows 'NO', 20 rows 'yes', 10 rows 'Yes'; blanks around them, as in 'Yes ', do not" in said
    made, _ = first_model_file.draft_of(tmp_path / "new.csv", "paid")
    assert (made.labels, [one.name for one in made.features]) == (("yes", "no"), ["note"])


def test_of_very_many_columns_the_first_are_told_and_the_others_counted() -> None:
    wide = table(**{f"f{n}": lambda i, n=n: i * (n % 30 + 3) % 37 / 2 for n in range(90)}, y=lambda i: i * 7 % 11 % 2)  # type: ignore[misc]
    guesses = [vars(guess) for guess in drafted(wide).guesses]
    report = {"file": "models/a.yaml", "model": "a", "rows": 9, "all_rows": True, "problems": [], "guesses": guesses}

    text = first_model_file.render_text(report, Path("a.csv"), "retrain")

    assert ["number", "50", "more", "f40,", "f41,", "f42,", "…:", "in", "models/a.yaml"] in map(
        str.split, text.splitlines()
    )
    assert "f39 " in text


def test_a_text_in_another_encoding_is_told_how_to_convert(tmp_path: Path) -> None:
    data = tmp_path / "umsatz.csv"
    data.write_bytes("Größe;Preis\n1;2\n".encode("latin-1"))

    with pytest.raises(UserError, match=r"not UTF-8 \(byte 2\); .* iconv -f WINDOWS-1252 -t UTF-8 .*umsatz\.csv > new"):
        first_model_file.write("umsatz", data, None)


def test_the_line_that_holds_the_newest_out_can_be_pasted() -> None:
    name = "at, local: time"
    for column in (lambda i: f"2024-03-{i % 28 + 1:02}", lambda i: 1_500_000_000 + i * 7919 * 977 % 90_000_000):
        why = "; ".join(guess.why for guess in beside(column, name).guesses if "hold out the newest" in guess.why)

        assert yaml.safe_load(why.rpartition("hold out the newest: ")[2]) == {"split": {"by": name}}


@pytest.mark.parametrize(("columns", "said_of"), [
    ({}, ["120 rows, 6 of them different"]), ({"x": lambda i: i * 7.5}, []), ({"id": lambda i: f"R{i}"}, []),
])  # fmt: skip
def test_rows_that_are_alike_are_told_where_nothing_tells_them_apart(
    tmp_path: Path, columns: dict[str, Cell], said_of: list[str]
) -> None:
    few: dict[str, Cell] = {"a": lambda i: i % 2, "b": lambda i: "xyz"[i % 3], "y": lambda i: ["no", "yes"][i // 6 % 2]}
    data = tmp_path / "few.csv"
    data.write_text(table(**columns, **few))

    made, _ = first_model_file.draft_of(data, "y")

    assert [guess.value for guess in made.guesses if guess.what == "alike"] == said_of


def mixed(share: float, other: Cell, number: Cell = lambda i: i * 7 % 41, rows: int = 300) -> proposed_model.Draft:
    """What is guessed of a column of numbers, of which a share is another text."""
    strays = round(share * rows)
    return beside(lambda i: other(i) if i * 7 % rows < strays else number(i), "years", rows)


@pytest.mark.parametrize("percent", [1, 3, 16, 30, 40])
@pytest.mark.parametrize("other", [lambda i: f"about {i % 47}", lambda i: f"{i % 47} or so"])
def test_numbers_among_other_texts_are_counted_and_never_a_category(percent: int, other: Cell) -> None:
    what, why = said(mixed(percent / 100, other), "years")

    assert f"{300 - 3 * percent} of 300 are numbers, the others are '" in why
    assert what == ("number" if percent == 1 else "left out")


@pytest.mark.parametrize(("other", "number"), [
    (lambda i: f"about {i % 5}", lambda i: i * 7 % 41), (lambda i: f"{i % 9} km", lambda i: i * 7 % 41 / 4),
    (lambda i: "NA" if i % 2 else "about 5", lambda i: i * 7 % 41), (lambda i: "about 5", lambda i: f"{i * 7 % 41} km"),
    (lambda i: f"ask {i % 5}", lambda i: f"${1_000 + i:,}"),
])  # fmt: skip
def test_the_line_that_takes_numbers_among_other_texts_can_be_pasted(tmp_path: Path, other: Cell, number: Cell) -> None:
    made, path = mixed(0.16, other, number), tmp_path / "pasted.yaml"
    what, why = said(made, "years")
    line = why.partition("under columns ")[2].rpartition("; if they only name")[0]

    text = model_text.text("pasted", made, "x").replace("    x: number\n", f"    x: number\n    {line}\n")
    path.write_text(text)

    assert what == "left out"
    assert yaml.safe_load(text)["data"]["columns"]["years"]["kind"] == "number"
    assert model_file.problems(path) == []


@pytest.mark.parametrize(("form", "rule"), [("%Y-%m-%d", ""), ("%d.%m.%Y", ', date_format: "%d.%m.%Y"')])
@pytest.mark.parametrize("other", ["2023-02-30", "next week"])
def test_dates_among_other_texts_are_counted_with_the_lines_that_take_them(
    tmp_path: Path, form: str, rule: str, other: str
) -> None:
    made = beside(lambda i: other if i % 12 == 0 else (date(2020, 1, 1) + timedelta(3 * i)).strftime(form))
    what, why = said(made, "c")
    line = f'c: {{kind: date{rule}, missing: ["{other}"]}}'
    derived = 'month of c: {from: "c", as: month}'
    pasted = f"    x: number\n    {line}\n  derived:\n    {derived}\n"
    (tmp_path / "dates.yaml").write_text(model_text.text("dates", made, "x").replace("    x: number\n", pasted))

    assert (what, made.id) == ("left out", None)
    counted = f"110 of 120 are dates, the others are '{other}'"
    assert why == f"{counted}: correct them, or under columns {line}, and under derived {derived}"
    assert model_file.problems(tmp_path / "dates.yaml") == []


def test_numbers_below_what_can_be_measured_are_counted_with_the_line_that_takes_them(tmp_path: Path) -> None:
    cell: Cell = lambda i: "<0.3" if i % 5 == 0 else f"{i % 60 / 7:.2f}"  # noqa: E731
    text, path = table(x=lambda i: i * 7 % 50, c=cell, y=lambda i: "yn"[i % 2]), tmp_path / "below.yaml"
    made = proposed_model.draft(profile(io.StringIO(text, newline=""), "d.csv"), "y")
    (said,) = [guess.why for guess in made.guesses if (guess.what, guess.value) == ("left out", "c")]
    line = said.partition("under columns ")[2].partition("; if they only")[0]

    path.write_text(model_text.text("below", made, "x").replace("    x: number\n", f"    x: number\n    {line}\n"))

    assert said.startswith("96 of 120 are numbers, the others are '<0.3'")
    assert yaml.safe_load(path.read_text())["data"]["columns"]["c"] == {"kind": "number", "missing": ["<0.3"]}
    assert model_file.problems(path) == []


def test_a_word_again_and_again_among_many_numbers_stands_for_a_missing_value() -> None:
    made = mixed(0.16, lambda _: "keine Angabe")

    assert said(made, "years")[1] == (
        "0 to 40; 252 of 300 are numbers, the others are 'keine Angabe': read as missing, unless you correct the file"
    )
    assert [one.missing for one in made.features if one.name == "years"] == [("keine Angabe",)]


@pytest.mark.parametrize("column", [
    lambda i: ["1", "2", "3+", "none"][i % 4], lambda i: ["1", "2", "3", "other"][i % 4],
    lambda i: f"V{i % 9}0" if i % 5 == 0 else 200 + i % 30, lambda i: "foreign" if i % 5 == 0 else f"{i % 30:05}",
])  # fmt: skip
def test_numbers_that_name_something_beside_words_are_levels(column: Cell) -> None:
    assert said(beside(column, rows=300), "c")[0] == "category"


def test_few_numbers_beside_words_are_levels_with_a_doubt() -> None:
    why = said(mixed(0.16, lambda i: f"about {i % 3}", lambda i: i % 9), "years")[1]

    assert "252 of 300 are numbers, the others are 'about 0', 'about 1', 'about 2': if they are amounts" in why


def test_numbers_among_other_texts_are_no_id_and_as_a_target_are_counted() -> None:
    measured = {"c": lambda i: f"ca{i}.25" if i % 6 == 0 else i + 0.5, "x": lambda i: i * 7 % 50 / 4}

    assert drafted(table(**measured, y=lambda i: i % 7 % 2), "y").id is None
    with pytest.raises(UserError, match=r"100 of 120 are numbers, the others are 'ca0.25', .*: correct them"):
        drafted(table(**measured), "c")


def dotted(i: int) -> str:
    return f"{i * 7 % 500 + 100}.{i * 331 % 900 + 100}"


GERMAN: dict[str, Cell] = {"x": lambda i: f"{i * 7 % 50},{i % 9}"}
ANSWER: dict[str, Cell] = {"y": lambda i: ["yes", "no"][i * 7 % 11 % 2]}


@pytest.mark.parametrize("column", [dotted, lambda i: i % 90 + 1 if i % 3 else dotted(i)])
def test_a_lone_dot_stands_between_thousands_where_other_columns_have_commas_before_decimals(column: Cell) -> None:
    made = drafted(table(c=column, **GERMAN, **ANSWER))

    assert "read with ',' before decimals, '.' between thousands" in said(made, "c")[1]
    assert [one.rule["number_format"] for one in made.features if one.name == "c"] == [
        {"decimal": ",", "thousands": "."}
    ]


@pytest.mark.parametrize("others", [{"k": lambda i: i % 9}, {**GERMAN, "z": lambda i: i * 7 % 50 / 4}])
def test_a_lone_dot_before_three_digits_is_doubted_with_both_lines(others: dict[str, Cell], tmp_path: Path) -> None:
    made, path = drafted(table(c=dotted, **others, **ANSWER)), tmp_path / "dots.yaml"
    what, why = said(made, "c")
    line = why.rpartition("under columns ")[2]

    text = model_text.text("dots", made, "x").replace("    c: number\n", f"    {line}\n")
    path.write_text(text)

    assert (what, "read as decimals (c: number)" in why) == ("number", True)
    assert yaml.safe_load(text)["data"]["columns"]["c"]["number_format"] == {"decimal": ",", "thousands": "."}
    assert model_file.problems(path) == []


@pytest.mark.parametrize(("column", "others"), [
    (dotted, {"z": lambda i: i * 7 % 50 / 4}), (lambda i: f"0.{i * 7 % 900 + 100}", {}),
    (lambda i: f"{1_000 + i * 7}.125", {}), (lambda i: dotted(i) + "5" * (i % 2), {}),
])  # fmt: skip
def test_a_dot_that_is_plainly_before_decimals_is_not_doubted(column: Cell, others: dict[str, Cell]) -> None:
    made = drafted(table(c=column, k=lambda i: i % 9, **others, **ANSWER))

    assert (said(made, "c")[0], "lone dot" in said(made, "c")[1]) == ("number", False)
