"""Which uploads may be trained on, and what is said about the others."""

import bz2
import csv
import gzip
import io
import lzma

import pytest
from app.decide.uploads import file_checks
from app.decide.uploads.data_checks import of_ids
from app.decide.uploads.file_checks import CheckedFile, Problem, check_file
from app.decide.uploads.published_model import Data
from hypothesis import given
from hypothesis import strategies as st

MODEL = "models/churn.yaml"
CHURN = Data(
    target="Churn",
    id="customerID",
    labels=("Yes", "No"),
    missing=(),
    columns=("customerID", "tenure", "Churn"),
    append=True,
)
PRICES = Data(target="SalePrice", id="", labels=(), missing=(), columns=("Lot", "SalePrice"), append=True)
GOOD = "customerID,tenure,Churn\nA,1,Yes\nB,2,No\n"
LARGE = 1_000_000
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def check(content: str | bytes, data: Data = CHURN, piece: int = 7) -> CheckedFile:
    body = content.encode() if isinstance(content, str) else content
    return check_file((body[at : at + piece] for at in range(0, len(body), piece)), data, MODEL)


def refusal(content: str | bytes, data: Data = CHURN) -> str:
    piece = 7 if len(content) < LARGE else 4_099  # 16 MB in sevens are two million pieces
    with pytest.raises(Problem) as raised:
        check(content, data, piece)
    return raised.value.message("incoming/churn/may.csv")


def test_rows_and_classes_are_counted() -> None:
    assert check(GOOD) == CheckedFile(rows=2, classes=file_checks.Counter({"Yes": 1, "No": 1}), complete=True)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.rstrip("\n"),
        GOOD.replace("A,1", '"A, the ""first""\nof all",1'),
        GOOD.replace("A,1", "A,"),
        GOOD.replace("\nB", "\n\nB"),
        "\n" + GOOD,
        "extra," + GOOD.replace("\n", "\nx,").removesuffix("x,"),
    ],
    ids=[
        "bom",
        "crlf",
        "cr",
        "no last newline",
        "quoted lines",
        "blank cell",
        "blank line",
        "blank first",
        "extra column",
    ],
)
def test_what_a_csv_may_look_like_is_good(content: str) -> None:
    assert check(content).rows == 2


@given(
    st.lists(
        st.tuples(CELLS, CELLS, st.sampled_from(["Yes", "No"])),
        min_size=1,
        max_size=20,
        unique_by=lambda r: r[0].strip(),
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(1, 50),
)
def test_any_well_formed_csv_passes(rows: list[tuple[str, str, str]], end: str, bom: bool, piece: int) -> None:
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL  # Python's writer leaves a lone \r unquoted before \n
    writer = csv.writer(text, lineterminator=end, quoting=quoting)
    writer.writerows([("customerID", "tenure", "Churn"), *rows])

    checked = check(("\ufeff" if bom else "") + text.getvalue(), piece=piece)

    assert (checked.rows, sum(checked.classes.values())) == (len(rows), len(rows))


def test_the_message_names_file_problem_and_remedy() -> None:
    assert refusal("a,b\n1,2\n") == (
        "incoming/churn/may.csv: no column 'Churn' (found 2 columns: a, b); the column is named in models/churn.yaml"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("customerID,tenure,Churn\n", "has a header line but no rows"),
        ("customerID;tenure;Churn\nA;1;Yes\n", "so it may not be separated by commas"),
        (GOOD.encode("utf-16"), "is UTF-16 text"),
        (gzip.compress(GOOD.encode()), "is compressed with gzip; unpack it, and upload the CSV"),
        (bz2.compress(GOOD.encode()), "is compressed with bzip2; unpack it, and upload the CSV"),
        (lzma.compress(GOOD.encode()), "is compressed with xz; unpack it, and upload the CSV"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "is compressed with Zstandard"),
        (
            b"PAR1\x15\x04\x15\x0a" + bytes(20) + b"PAR1",
            "is a Parquet file; write it as CSV in UTF-8 (pandas: read_parq",
        ),
        (b"PK\x03\x04\x14\x00", "is a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV in UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a spreadsheet of an old kind; save the sheet as CSV in UTF-8"),
        (b"Obj\x01\x04\x14avro", "is an Avro file"),
        (GOOD.encode() + b"x" * (file_checks.MAX_LINE + 1), "has a line of more than 16,777,216 bytes; end each row"),
        (GOOD.encode("utf-16-le"), "has a NUL byte at byte 1"),
        (GOOD.replace("B", "B\0"), "has a NUL byte at byte 33"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)), "is not UTF-8 text"),
        (GOOD.replace("A", "Ä").encode("latin-1"), "is not UTF-8 text"),
        (GOOD.replace("A,1", '"A,1'), "is not a CSV"),
        (GOOD.replace("A,1", '"A"x,1'), "is not a CSV: line 2"),
        (GOOD.replace(",Yes", ",Yes,surplus"), "line 2 has too many fields (4, the header has 3)"),
        (GOOD.replace("2,No", "No"), "line 3 has too few fields (2, the header has 3)"),
        (GOOD.replace("tenure", "months"), "no column 'tenure' (found 3 columns: customerID, months, Churn)"),
        (GOOD.replace("tenure", "customerID"), "column 'customerID' is there more than once"),
        (GOOD.replace("\n", ",,\n"), "columns 4 and 5 have no name, as a header has that ends in commas; keep one"),
        (GOOD.replace("Yes", "Maybe"), "line 2 says 'Maybe' in column 'Churn', known are 'Yes' and 'No'"),
        (GOOD + "A,1,No\n", "customerID 'A' has different answers in column 'Churn': 'Yes' on line 2, 'No' on line 4"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(content: str | bytes, said: str) -> None:
    assert said in refusal(content)


def test_rows_whose_id_a_later_row_has_are_counted_and_told_with_the_remedy() -> None:
    checked = check(GOOD + "A ,7,Yes\nA,8,Yes\n")
    [finding] = of_ids("customerID", checked.rows, checked.repeated)

    assert (checked.rows, checked.repeated, check(GOOD, PRICES._replace(target="tenure", columns=())).repeated) == (
        4,
        2,
        0,
    )
    assert str(finding) == (
        "column 'customerID': expected one row for each id, found 2 of 4 rows whose id a later row of the file has: "
        "they do not count; if each row is a case, write group: [customerID] in place of id: customerID in the model "
        "file"
    )
    assert of_ids("customerID", 2, 0) == []


def test_a_column_that_is_called_as_a_format_begins_is_a_column() -> None:
    data = CHURN._replace(id="PAR1", columns=("PAR1", "tenure", "Churn"))

    assert check(GOOD.replace("customerID", "PAR1"), data).rows == 2


def test_blanks_around_names_and_answers_are_not_part_of_them() -> None:
    found = check(GOOD.replace("tenure", " tenure ").replace("Churn", "Churn ").replace("Yes", " Yes"))

    assert found.classes == check(GOOD).classes
    assert found.columns.keys() == check(GOOD).columns.keys()


def test_a_row_that_comes_twice_with_the_same_answer_is_good() -> None:
    assert check(GOOD + "A,9,Yes\n").rows == 3


def test_lines_are_counted_through_quoted_fields() -> None:
    content = 'customerID,tenure,Churn\n"A\nB\nC",1,Yes\nD,2,Perhaps\n'

    assert "line 5 says 'Perhaps'" in refusal(content)


@pytest.mark.parametrize("value", ["", "cheap", "nan", "inf"])
def test_a_number_must_be_a_number(value: str) -> None:
    assert "which must be a number" in refusal(f"Lot,SalePrice\n1,{value}\n", PRICES)


def test_a_target_in_numbers_has_no_classes() -> None:
    assert check("Lot,SalePrice\n1,200000\n2,1.5e5\n", PRICES) == CheckedFile(rows=2)


def test_a_cell_without_end_is_refused_with_bounded_memory() -> None:
    assert "is not a CSV" in refusal('customerID,tenure,Churn\n"' + "x" * (file_checks.MAX_CELL + 10))


def test_rows_behind_the_limit_are_left_to_preprocessing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_checks, "CHECKED_ROWS", 1)

    assert check(GOOD + "C,3,Perhaps\n") == CheckedFile(rows=1, classes=file_checks.Counter({"Yes": 1}), complete=False)


def test_without_an_id_equal_rows_may_differ_in_their_answer() -> None:
    assert check(GOOD + "A,1,No\n", CHURN._replace(id="")).rows == 3


def test_rows_without_an_answer_are_left_out_where_the_model_file_drops_them() -> None:
    data = CHURN._replace(drop_rows_without_target=True, missing=("?",))

    found = check(GOOD + "C,3,\nD,4,?\nE,5, \nA,9,\n", data)

    assert (found.rows, found.rows_without_target, found.classes) == (2, 4, {"Yes": 1, "No": 1})
    assert "no row with an answer in column 'Churn'" in refusal("customerID,tenure,Churn\nA,1,\n", data)
    assert "says '' in column 'Churn'" in refusal(GOOD + "C,3,\n")
    assert "says 'maybe'" in refusal(GOOD + "C,3,maybe\n", data)


def test_numbers_without_an_answer_are_left_out_too() -> None:
    data = PRICES._replace(drop_rows_without_target=True)

    assert check("Lot,SalePrice\n1,5\n2,\n", data).rows == 1
    assert "must be a number" in refusal("Lot,SalePrice\n1,5\n2,\n", PRICES)
