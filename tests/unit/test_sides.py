"""On which side of the split a row is: groups whole, time in its order, and the same for every model file."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import clean
import numpy as np
import preprocess
import pytest
import split
from data import counting, profiles, tables
from data.column_rules import Settings
from data.parts import Part, read_parts
from data.splitting import row_keys, sides, splits, time_cut
from data.tables import Texts
from hypothesis import given, settings
from hypothesis import strategies as st
from job import world
from job.refusals import Refused

ALONE = world.Hosts("algo-1", ("algo-1",))
SPLIT = {"train": 0.6, "validation": 0.2, "test": 0.2, "salt": "s"}


def model(split: dict[str, Any] | None = None, *, cleaned: bool = False, **data: Any) -> Settings:
    columns = {"spent": "number", "plan": "category"}
    known = {
        "target": "left", "positive_label": "yes", "negative_label": "no", "missing": [], "without_target": "refuse",
        "columns": columns,
    }  # fmt: skip
    document = {
        "name": "m", "task": "binary_classification", "algorithms": [{"name": "xgboost"}], "data": known | data,
        "split": SPLIT | (split or {}),
    }  # fmt: skip
    return Settings.parse(document, cleaned=cleaned)


def months(customers: int = 60, each: int = 5) -> list[dict[str, Any]]:
    """Rows of customers, a month each; who leaves is the customer's."""
    start = date(2024, 1, 1)
    return [
        {"customer": f"C{who}", "day": (start + timedelta(days=31 * month + who % 3)).isoformat(),
         "spent": who * 100 + month, "plan": "ab"[who % 2], "left": "yes" if who * 7 % 5 < 2 else "no"}
        for who in range(customers) for month in range(each)
    ]  # fmt: skip


def written(folder: Path, rows: list[dict[str, Any]], name: str = "a.csv") -> list[tables.Source]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", newline="") as file:
        lines = csv.DictWriter(file, list(rows[0]))
        lines.writeheader()
        lines.writerows(rows)
    return tables.sources(folder)


def sides_of(parts: list[Part], column: str, rows: list[dict[str, Any]]) -> dict[str, set[int]]:
    shares = np.concatenate([part.share for part in parts])
    found: dict[str, set[int]] = {}
    for row, share in zip(rows, shares.tolist(), strict=True):
        found.setdefault(row[column], set()).add(share)
    return found


def test_rows_of_a_group_are_on_one_side_and_all_of_them_count(tmp_path: Path) -> None:
    rows = months()

    parts = read_parts(written(tmp_path, rows), model(group=["customer"]))

    assert sum(int(part.keep.sum()) for part in parts) == len(rows)
    found = sides_of(parts, "customer", rows)
    assert all(len(shares) == 1 for shares in found.values())
    assert set.union(*found.values()) == {splits.TRAIN, splits.VALIDATION, splits.TEST}


def test_a_group_deals_as_an_id_of_the_same_column_does(tmp_path: Path) -> None:
    rows, sources = months(each=1), written(tmp_path, months(each=1))

    by_id, by_group = (read_parts(sources, model(**kind)) for kind in ({"id": "customer"}, {"group": ["customer"]}))

    assert sides_of(by_group, "customer", rows) == sides_of(by_id, "customer", rows)


def test_several_columns_make_one_group_and_rows_without_any_stand_alone(tmp_path: Path) -> None:
    rows = [{"shop": shop, "till": till, **row} for row in months(each=2) for shop in ("1", "1.0", "")
            for till in ("", "x")]  # fmt: skip

    (part,) = read_parts(written(tmp_path, rows), model(group=["shop", "till"]))

    groups: dict[tuple[str, str], set[int]] = {}
    for row, side in zip(rows, part.sides.tolist(), strict=True):
        groups.setdefault((row["shop"].removesuffix(".0"), row["till"]), set()).add(side)
    assert {name: len(keys) for name, keys in groups.items()} == {
        ("1", ""): 1, ("1", "x"): 1, ("", "x"): 1, ("", ""): 120,
    }  # fmt: skip


def test_rows_that_an_id_drops_are_counted_and_told_with_the_word_group(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = months(customers=60, each=5)
    written(tmp_path / "in", rows)
    written(tmp_path / "in", rows[:5], "b.csv")
    wanted = model(id="customer")

    parts = read_parts(tables.sources(tmp_path / "in"), wanted)
    profile = profiles.of_parts(parts, wanted, "")
    counting.warn(profile)

    assert {name: line["rows"] for name, line in profile["not_counted"].items()} == {
        "repeated_id": 244,
        "superseded": 1,
    }
    assert [source.get("not_counted") for source in profile["sources"]] == [
        {"repeated_id": 240, "superseded": 1}, {"repeated_id": 4},
    ]  # fmt: skip
    assert "244 of 305 rows do not count: a later row of the same file has the same 'customer'; if each row is a case, "
    assert "write group: [customer] in place of id: customer in the model file" in capsys.readouterr().out


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=8, max_size=200), st.floats(0.2, 0.7), st.floats(0, 0.25))
def test_the_newest_are_held_out_and_ties_are_on_one_side(values: list[int], train: float, validation: float) -> None:
    moments = np.array([*values, 31, 32, 33], float)
    fractions = {"train": train, "validation": validation, "test": 1 - train - validation, "by": "day"}

    shares = time_cut.cut(moments, fractions).shares(moments)

    order = np.argsort(moments, kind="stable")
    assert (np.diff(shares[order]) >= 0).all()
    assert all(len(set(shares[moments == moment].tolist())) == 1 for moment in moments)
    assert set(shares.tolist()) == ({0, 1, 2} if validation else {0, 2})


def test_the_cut_is_in_the_profile_and_no_learnt_row_is_newer(tmp_path: Path) -> None:
    rows, wanted = months(), model(split={"by": "day"})

    parts = read_parts(written(tmp_path, rows), wanted)
    cut = sides.document(parts, wanted)["cut"]

    found = sides_of(parts, "day", rows)
    newest = {share: max(day for day, on in found.items() if on == {share}) for share in range(3)}
    assert newest[0] < cut["validation_from"] <= newest[1] < cut["test_from"] <= newest[2] == cut["newest"]
    assert (cut["by"], cut["train_from"]) == ("day", "2024-01-01")


@pytest.mark.parametrize("date_format", ["%d.%m.%Y %H:%M", "%d %b %Y", "%Y%m%dT%H%M%S"])
def test_where_dates_in_a_writing_of_their_own_are_cut_is_said_as_a_date(tmp_path: Path, date_format: str) -> None:
    rows = [{**row, "day": f"{date.fromisoformat(row['day']):{date_format}}"} for row in months()]
    columns = {"spent": "number", "day": {"kind": "date", "date_format": date_format}}
    wanted = model(split={"by": "day"}, columns=columns)

    cut = sides.document(read_parts(written(tmp_path, rows), wanted), wanted)["cut"]

    assert (cut["train_from"], cut["newest"]) == ("2024-01-01", "2024-05-06")


def test_a_group_across_the_cut_is_held_out_as_a_whole(tmp_path: Path) -> None:
    rows = [row for row in months(customers=90) if int(row["customer"][1:]) % 6 >= int(row["day"][5:7])]

    parts = read_parts(written(tmp_path, rows), model(split={"by": "day"}, group=["customer"]))

    assert all(len(shares) == 1 for shares in sides_of(parts, "customer", rows).values())
    learnt = [row["day"] for row, share in zip(rows, parts[0].share, strict=True) if share != splits.TEST]
    held_out: dict[str, str] = {}
    for row, share in zip(rows, parts[0].share, strict=True):
        if share == splits.TEST:
            held_out[row["customer"]] = max(row["day"], held_out.get(row["customer"], ""))
    assert max(learnt) < min(held_out.values())


def test_rows_without_a_time_do_not_count_and_are_told(tmp_path: Path) -> None:
    rows = [*months(), {**months()[0], "day": "soon"}, {**months()[0], "day": ""}]
    wanted = model(split={"by": "day"})

    profile = profiles.of_parts(read_parts(written(tmp_path, rows), wanted), wanted, "")

    assert profile["rows"] == len(rows) - 2
    assert profile["not_counted"]["without_moment"]["told"].startswith("2 of 302 rows do not count: their 'day'")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (["23-10-2011", "3 Jan 2020"], "holds neither dates nor numbers ('23-10-2011', '3 Jan 2020'); write dates as"),
        (["2024-01-01", "20240102"], "holds dates ('2024-01-01') and numbers ('20240102')"),
        (["2024-01-01"], "has 1 different values, which is too few"),
    ],
)
def test_a_time_that_cannot_part_rows_is_refused(tmp_path: Path, days: list[str], words: str) -> None:
    rows = [{**row, "day": days[at % len(days)]} for at, row in enumerate(months())]

    with pytest.raises(Refused) as refused:
        read_parts(written(tmp_path, rows), model(split={"by": "day"}))

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1970-01-02", 86400.0), ("1970-01-01T01:00:00+01:00", 0.0), ("1970-01-01 00:00:05", 5.0), ("12.5", 12.5)],
)
def test_dates_times_and_numbers_are_moments(text: str, seconds: float) -> None:
    assert time_cut.moment(text) == seconds


def test_a_moment_is_read_as_the_column_says() -> None:
    assert time_cut.moment("30.11.2026 13:05", "%d.%m.%Y %H:%M") == time_cut.moment("2026-11-30T13:05:00")
    assert np.isnan(time_cut.moment("2026-11-30", "%d.%m.%Y"))
    assert np.isnan(time_cut.moment("7", "%d.%m.%Y"))


def keys_of(folder: Path, rows: list[dict[str, Any]], **data: Any) -> list[int]:
    return [key for part in read_parts(written(folder, rows), model(**data)) for key in part.keys.tolist()]


def test_the_key_of_a_row_without_id_does_not_depend_on_the_model_files_columns(tmp_path: Path) -> None:
    rows = months()

    narrow, wide = (
        keys_of(tmp_path / name, rows, columns=columns)
        for name, columns in (("a", {"spent": "number"}), ("b", {"plan": "category", "spent": "category"}))
    )

    assert narrow == wide
    assert len(set(narrow)) == len(rows)


def test_the_key_of_a_row_depends_neither_on_how_a_number_is_written_nor_on_blank_columns(tmp_path: Path) -> None:
    rows = [{"spent": text, "plan": "a", "left": "no"} for text in ("7", "0.5", "-0", "1e3", "x")]
    again = [{"plan": " a", "new": " ", "left": "no", "spent": text} for text in ("7.00", ".5", "0.0", " 1000", "x ")]

    assert keys_of(tmp_path / "a", rows) == keys_of(tmp_path / "b", again)


def test_a_corrected_answer_changes_no_side_where_the_answer_is_no_part_of_the_row(tmp_path: Path) -> None:
    rows = months()
    corrected = [row | {"left": "no" if row["left"] == "yes" else "yes"} for row in rows]

    for of_row, same in ({}, False), ({"row": "features"}, True):
        parts = [
            read_parts(written(tmp_path / f"{of_row}{at}", of_file), model(split=of_row))
            for at, of_file in enumerate((rows, corrected))
        ]
        before, after = (np.concatenate([part.identity for part in of_file]) for of_file in parts)
        assert (before == after).all() == same
        assert sides.document(parts[0], model(split=of_row))["split"]["key"] == (["features"] if same else ["row"])


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 12))
def test_the_lowest_keys_are_found_without_sorting_all(keys: list[int], count: int) -> None:
    assert sides.lowest_of(np.array(keys, np.uint64), count).tolist() == sorted(set(keys))[:count]


def test_keys_of_rows_are_the_same_in_every_release() -> None:
    columns = {
        name: Texts(np.array([0, 1], np.int32), np.array(texts, dtype=object))
        for name, texts in (("n", ["1.5", ""]), ("t", ["Zoë", "x"]))
    }

    assert [hex(key) for key in row_keys.of_rows(columns, 2).tolist()] == ["0x20719fdd4d4e57d0", "0x8fa5b76ad18c653c"]


def test_cleaning_first_changes_no_side(tmp_path: Path) -> None:
    rows, kinds = months(), {"group": ["customer"]}
    for at, data in enumerate(({}, kinds, {"id": "customer"})):
        folder = tmp_path / str(at)
        sources = written(folder / "in", rows if "id" not in data else months(each=1))
        for fractions in ({}, {"by": "day"}):
            whole, apart = folder / f"whole{len(fractions)}", folder / f"apart{len(fractions)}"
            wanted = model(split=fractions, **data)
            parts = read_parts(sources, wanted)
            preprocess.write(parts, preprocess.fit(parts, wanted), whole, ALONE, wanted)

            clean.write(read_parts(sources, wanted, every_id=True), apart / "cleaned", ALONE, wanted)
            after = model(split=fractions, cleaned=True, **data)
            again = read_parts(tables.sources(apart / "cleaned"), after, every_id=True)
            split.preprocess.write(again, preprocess.fit(again, after), apart, ALONE, after)

            for name in ("train/algo-1.csv", "test/algo-1.csv", "features/learnt.json"):
                assert (apart / name).read_bytes() == (whole / name).read_bytes()
            assert sides.document(again, after) == sides.document(parts, wanted)


def test_what_was_learnt_is_kept_as_keys_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = model()
    parts = read_parts(written(tmp_path, months()), wanted)
    own = np.unique(parts[0].identity[parts[0].share != splits.TEST])

    whole = sides.learnt_from(json.loads(json.dumps(sides.learnt(parts, wanted).document())))
    monkeypatch.setattr(sides, "KEPT", 20)
    sample = sides.learnt(parts, wanted)

    assert whole is not None
    assert (whole.keys.tolist(), whole.bound, whole.key) == (own.tolist(), 2**64 - 1, ("row",))
    assert (sample.keys.tolist(), sample.bound) == (own[:20].tolist(), int(own[19]))
    assert sides.learnt_from({"format": 0}) is None
