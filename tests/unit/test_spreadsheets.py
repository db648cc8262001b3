"""A scored file for a spreadsheet: what it would run is text, and all else is as it was uploaded."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.stack.rows import batch_scoring, spreadsheets

RUN = [
    "=1+1",
    '=HYPERLINK("http://evil")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "-",
    "--1",
]
RUN.append("\uff1d1")  # a wide equals sign
LEFT = ["", "1", "-1", "+1.5", "-1e-3", "a=b", " =1", "O'Neill", "'=1", "x@y.test", "1-2"]


@pytest.mark.parametrize("cell", RUN, ids=ascii)
def test_a_cell_that_a_spreadsheet_runs_is_found(cell: str) -> None:
    assert spreadsheets.is_formula(cell)


@pytest.mark.parametrize("cell", LEFT)
def test_a_number_or_a_text_is_left_alone(cell: str) -> None:
    assert not spreadsheets.is_formula(cell)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, cells: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(cells)
    return path


@given(cells=st.lists(st.lists(st.sampled_from(RUN + LEFT[1:]), min_size=2, max_size=2), min_size=1, max_size=9))
def test_a_safe_file_has_the_same_cells_and_no_formula(tmp_path_factory: pytest.TempPathFactory, cells) -> None:  # type: ignore[no-untyped-def]
    path = write(tmp_path_factory.mktemp("scored") / "a.csv", cells)

    spreadsheets.make_safe(path)

    assert spreadsheets.count_formulas(path) == 0
    assert [[cell.removeprefix("'") if cell not in LEFT else cell for cell in row] for row in rows(path)] == cells
    assert [one.name for one in path.parent.iterdir()] == ["a.csv"]


def scored(path: Path) -> batch_scoring.Scored:
    return batch_scoring.Scored("churn", batch_scoring.SCORED, 1, str(path), "scored/churn/a.csv", "", "arn")


def test_a_file_is_faithful_by_default_and_its_formulas_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["id", "note"], ["1", "=1+1"]])
    before = path.read_bytes()

    found = batch_scoring.for_spreadsheets(scored(path), safe=False)

    assert path.read_bytes() == before
    assert batch_scoring.render_text(found).endswith("a spreadsheet runs them: --spreadsheet-safe")
    assert found.formulas == 1


def test_a_file_that_was_made_safe_has_nothing_to_be_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["id", "note"], ["-1", "=1+1"]])

    found = batch_scoring.for_spreadsheets(scored(path), safe=True)

    assert rows(path) == [["id", "note"], ["-1", "'=1+1"]]
    assert "formulas" not in batch_scoring.render_text(found)
