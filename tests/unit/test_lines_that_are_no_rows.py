"""Exports of spreadsheets and programs: titles above the header, units below it, totals at the end, odd cells."""

import json
import random
import subprocess
from pathlib import Path

import pytest
from spoilt import problems_of

from cli.errors import UserError
from cli.guess import first_model_file, writings
from cli.guess.proposed_model import Draft

RNG = random.Random(1)
ROWS = [
    f"{RNG.gauss(0, 1):.3f},{RNG.choice('abc')},{RNG.randint(18, 80)},{RNG.choice(['yes', 'no'])}" for _ in range(60)
]
HEADER = "score,kind,age,bought"


def drafted(folder: Path, lines: list[str], target: str | None = "bought", encoding: str = "utf-8") -> Draft:
    path = folder / "table.csv"
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return first_model_file.draft_of(path, target)[0]


def said(made: Draft, name: str) -> tuple[str, str]:
    return next((guess.what, guess.why) for guess in made.guesses if guess.value == name)


@pytest.mark.parametrize(("above", "words"), [
    (["Sales report Q1 2024", "", "Exported: 2024-04-01,,,"], "in line 4; remove the 3 lines above it"),
    (["Sales report Q1 2024,,,", ",,,"], "in line 3; remove the 2 lines above it"),
    (["measures,measures,person,outcome"], "in line 2; remove the line above it ('measures,measures,person,outcome')"),
    (["sep=,"], "in line 2; remove the line above it ('sep=,')"),
    (["# exported by tool"], "in line 2; remove the line above it ('# exported by tool')"),
])  # fmt: skip
def test_where_the_header_stands_is_said_where_other_lines_stand_above_it(
    tmp_path: Path, above: list[str], words: str
) -> None:
    with pytest.raises(UserError) as refused:
        drafted(tmp_path, [*above, HEADER, *ROWS])

    assert f"the names of the columns seem to stand {words}" in str(refused.value)


@pytest.mark.parametrize(("lines", "words"), [
    ([HEADER.replace(",", ";"), *(row.replace(",", ";") for row in ROWS)], "separated by semicolons"),
    (["score,kind,score,bought", *ROWS], "column 'score' is there more than once"),
    ([HEADER, *ROWS[:2], "1,2", *ROWS], "line 4 has 2 fields, the header has 4"),
    (["only", *(row[:5] for row in ROWS)], "has one column only, 'only'"),
])  # fmt: skip
def test_what_is_wrong_with_a_header_in_its_place_is_said_as_before(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        drafted(tmp_path, lines)


def test_a_second_header_line_with_units_is_no_row(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"below the header looks like a second one .*'years'.*; remove it"):
        drafted(tmp_path, [HEADER, "[1],,years,", *ROWS])


TOTALS = [("Total,60,{}", "'Total'"), ("Summe,,{}", "'Summe'"), (",{1},{0}", "'1860'")]


@pytest.mark.parametrize(("last", "words"), TOTALS)
def test_a_total_at_the_end_is_no_row_and_makes_no_column_a_leak(tmp_path: Path, last: str, words: str) -> None:
    units = [at * 31 % 59 + 1 for at in range(62)]
    sold = [round(one * 9.9 + RNG.gauss(0, 20) + 100, 2) for one in units]
    rows = [f"{'NSEW'[at % 4]},{one},{amount}" for at, (one, amount) in enumerate(zip(units, sold, strict=True))]
    total = last.format(round(sum(sold), 2), sum(units)).replace("1860", str(sum(units)))
    header = "region,units,revenue"

    with pytest.raises(UserError, match="the last line looks like a total") as refused:
        drafted(tmp_path, [header, *rows, total], "revenue")

    assert words.replace("1860", str(sum(units))) in str(refused.value)
    assert said(drafted(tmp_path, [header, *rows], "revenue"), "units")[0] == "number"


@pytest.mark.parametrize("lines", [
    ["brand,n,bought", *(f"{'Total' if at % 9 == 0 else 'Shell'},{at % 13},{'yn'[at % 2]}" for at in range(64))],
    ["a,n,bought", *(f"{at % 5},{0},{'yn'[at % 2]}" for at in range(60)), "1,0,y"],
    ["word,other,bought", *(f"w{at % 7},x{at % 3},{'yn'[at % 2]}" for at in range(60)), "total,x1,y"],
])  # fmt: skip
def test_a_last_row_that_is_like_others_is_a_row(tmp_path: Path, lines: list[str]) -> None:
    assert drafted(tmp_path, lines).target == "bought"


def test_utf_16_is_named_with_the_command_that_converts_it(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes("\n".join([HEADER, *ROWS]).encode("utf-16"))

    with pytest.raises(UserError, match=r"is UTF-16 text, .*: iconv -f UTF-16 -t UTF-8 .*table\.csv > new\.csv"):
        first_model_file.write("utf-sixteen", tmp_path / "table.csv", "bought")


ONCE = {
    "ip": lambda at: f"10.{at}.7.{at * 7 % 250}", "mail": lambda at: f"u{at}@example.org",
    "page": lambda at: f"https://example.org/{at}", "phone": lambda at: f"+49(151)23-{at:04}",
    "mac": lambda at: f"00:1A:2B:{at:02}:4D:5E",
}  # fmt: skip


@pytest.mark.parametrize("name", ONCE)
def test_addresses_that_happen_to_stand_once_are_no_id(tmp_path: Path, name: str) -> None:
    rows = [f"{ONCE[name](at)},{row}" for at, row in enumerate(ROWS)]

    made = drafted(tmp_path, [f"{name},{HEADER}", *rows])

    assert made.id is None
    assert said(made, name)[0] == "left out"


CELLS = {
    "blood pressure": (lambda at: f"{110 + at}/{60 + at % 9}", "left out", "two numbers in one cell"),
    "season": (lambda at: f"{1990 + at % 25}/{(91 + at % 25) % 100:02}", "category", "25 levels"),
    "latitude": (lambda at: f"52°{at % 60}'N", "left out", "degrees: write each as a decimal number"),
    "stamp": (lambda at: f"{at % 28 + 1:02}/Jan/2024:{at % 24:02}:11:12 +0000", "date", "weekday and hour are"),
    "flag": (lambda at: ["true", "True", "yes", "0"][at % 4], "category", "'true' and 'True' differ by capitals alone"),
    "switch": (lambda at: ["true", "yes", "0", "no"][at % 4], "category", "yes and no in several writings"),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_odd_cells_are_read_or_named(tmp_path: Path, name: str) -> None:
    cell, kind, words = CELLS[name]
    rows = [f"{cell(at)},{row}" for at, row in enumerate(ROWS)]

    what, why = said(drafted(tmp_path, [f"{name},{HEADER}", *rows]), name)

    assert (what, words in why) == (kind, True)


def test_counts_of_what_seldom_happens_are_amounts_and_numbered_kinds_are_classes(tmp_path: Path) -> None:
    counts = [0] * 60 + [1] * 20 + [2] * 8 + [3] * 3 + [4] * 1
    kinds = [0] * 20 + [1] * 30 + [2] * 25 + [3] * 20

    claims, sorts = (
        drafted(tmp_path, [f"{name},{HEADER}", *(f"{one},{ROWS[at % 60]}" for at, one in enumerate(answers))], name)
        for name, answers in (("claims", counts), ("sort", kinds))
    )

    assert claims.task == "regression"
    assert sorts.task == "multiclass_classification"


def test_an_answer_that_is_said_or_blank_asks_for_a_word(tmp_path: Path) -> None:
    rows = [row.replace("yes", "X").replace(",no", ",") for row in ROWS]

    with pytest.raises(UserError, match=r"says 'X' in .* rows and nothing in the other .*: where that means no, write"):
        drafted(tmp_path, [HEADER, *rows])


def test_cells_with_several_labels_are_told(tmp_path: Path) -> None:
    tags = ["art", "art;food", "art;food;news", "food", "food;news", "news"]
    rows = [f"{at % 17},{tags[at % 6]}" for at in range(120)]

    made = drafted(tmp_path, ["words,tags", *rows], "tags")

    assert "cells seem to hold several labels each" in said(made, "multiclass_classification")[1]


@pytest.mark.parametrize("form", [*writings.MOMENTS, *writings.MONTHS, *writings.DAYS])
def test_every_format_that_a_guess_may_write_passes_the_check(tmp_path: Path, form: str) -> None:
    changes = ("hire_date: date", f"hire_date: {{kind: date, date_format: '{form}'}}")

    assert problems_of(tmp_path, "employee-bonus", changes) == []


SALES = [
    "Sales report;;;",
    "Printed 2024;;;",
    ";;;",
    "Region;Rep;Units;Revenue",
    *(f"{'NS'[i % 2]};{'Käthe' if i % 3 else 'Ann, Lee'};{i % 7 + 1};{i * 3 + 100}" for i in range(60)),
]
ALL = [*SALES, ";;;", f"Total;;{sum(i % 7 + 1 for i in range(60))};{sum(i * 3 + 100 for i in range(60))}"]


def mended(path: Path, said: str) -> str:
    """What the command at the end of a refusal writes, as it is pasted."""
    command = said[said.rindex("python3 ") :]
    subprocess.run(["sh", "-c", command], check=True, cwd=path.parent)
    return (path.parent / "new.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(("encoding", "first"), [
    ("utf-8", "its fields"), ("cp1252", "it as UTF-8, or, if it is from Windows"),
])  # fmt: skip
def test_what_keeps_a_file_from_being_read_is_said_at_once_with_one_command(
    encoding: str, first: str, tmp_path: Path
) -> None:
    path = tmp_path / "my sales.csv"
    path.write_bytes(("\n".join(ALL) + "\n").encode(encoding))

    with pytest.raises(UserError) as error:
        first_model_file.write("sales", path, "Revenue")
    said = str(error.value)

    assert first in said
    assert "separated by semicolons" in said
    assert "stand in line 4" in said
    assert "looks like a total ('Total', " in said
    text = mended(path, said)
    assert text.splitlines()[:2] == ["Region,Rep,Units,Revenue", 'N,"Ann, Lee",1,100']
    made, rows = first_model_file.draft_of(tmp_path / "new.csv", "Revenue")
    assert (made.target, rows) == ("Revenue", 60)


def test_semicolons_between_numbers_with_commas_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "homes.csv"
    rows = [f"OBJ/{i};{i % 90 + 20},5 m²;{i % 5};{i % 9 + 1}.{i * 7 % 900 + 100},{i % 90 + 10} €" for i in range(60)]
    path.write_text("\n".join(["Objekt-Nr.;Wohnfläche;Zimmer;Preis", *rows]) + "\n", encoding="cp1252")

    with pytest.raises(UserError) as error:
        first_model_file.write("homes", path, "Zimmer")

    assert "its fields are separated by semicolons" in str(error.value)
    assert mended(path, str(error.value)).splitlines()[1] == 'OBJ/0,"20,5 m²",0,"1.100,10 €"'


@pytest.mark.parametrize("text", ["a;b\n" + "x" * 200_000 + ";1\n", "a;b\n1\r2;3\n", ";\n", "a"])
def test_what_no_reader_takes_apart_is_refused_still(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(text, newline="")

    with pytest.raises(UserError, match=r"odd\.csv: "):
        first_model_file.write("odd", tmp_path / "odd.csv", "b")


@pytest.mark.parametrize("lines", [True, False])
def test_json_that_is_called_a_csv_is_named_with_the_command(lines: bool, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    records = [{"user": i, "plan": "ab"[i % 2], "ok": i % 3 > 0, "more": {"n": 1}} for i in range(60)]
    path.write_text("\n".join(map(json.dumps, records)) + "\n" if lines else json.dumps(records))

    with pytest.raises(UserError) as error:
        first_model_file.write("events", path, "ok")

    assert f"events.csv: is JSON{' lines, one record in each' * lines}, not a CSV" in str(error.value)
    assert mended(path, str(error.value)).splitlines()[:2] == ["user,plan,ok,more", '0,a,false,"{""n"": 1}"']


def test_a_target_of_money_has_the_command_that_writes_plain_numbers(tmp_path: Path) -> None:
    path = tmp_path / "homes.csv"
    prices = [f"{i % 9 + 1}.{i * 7 % 900 + 100}.{i * 13 % 900 + 100},{i % 90 + 10} €" for i in range(60)]
    path.write_text("rooms,price\n" + "".join(f'{i % 5},"{price}"\n' for i, price in enumerate(prices)))

    with pytest.raises(UserError) as error:
        first_model_file.write("homes", path, "price")

    first = prices[0].removesuffix(" €").replace(".", "").replace(",", ".")
    assert mended(path, str(error.value)).splitlines()[:2] == ["rooms,price", f"0,{first}"]
    assert first_model_file.draft_of(tmp_path / "new.csv", "price")[0].task == "regression"
