"""The files that changes are written to: what is in them is read in order, and a broken end ends it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.snapshot.about import header, versions
from localcloud.snapshot.journal import Journal


def journal_of(folder: Path, *records: bytes) -> Journal:
    journal = Journal(folder)
    journal.begin({"format": 1})
    for record in records:
        journal.add(record)
    return journal


def read(folder: Path, since: int = 0) -> list[bytes]:
    return list(Journal(folder).records(since))


@given(records=st.lists(st.binary(max_size=40), max_size=6), cut=st.integers(0, 400))
def test_what_was_written_whole_is_read_however_the_file_was_cut(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal_of(folder, *records).end()
    path = folder / "journal.1"
    path.write_bytes(path.read_bytes()[:cut])

    found = read(folder)

    size = len(b'{"format": 1}\n')
    whole = 0
    for record in records:
        size += 8 + len(record)
        whole += size <= cut
    assert found == records[:whole]


def test_a_record_that_is_not_what_was_written_ends_the_file(tmp_path: Path) -> None:
    journal_of(tmp_path, b"first", b"second").end()
    path = tmp_path / "journal.1"
    path.write_bytes(path.read_bytes().replace(b"second", b"secund"))

    assert read(tmp_path) == [b"first"]


def test_changes_go_on_in_the_next_file(tmp_path: Path) -> None:
    journal_of(tmp_path, b"first").end()
    journal_of(tmp_path, b"second").end()

    assert read(tmp_path) == [b"first", b"second"]
    assert read(tmp_path, since=2) == [b"second"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.1", "journal.2"]


def test_what_is_saved_elsewhere_is_removed(tmp_path: Path) -> None:
    journal = journal_of(tmp_path, b"first")
    number = journal.begin({"format": 1})
    journal.add(b"second")
    whole = journal.size_bytes

    journal.forget(number)

    assert read(tmp_path) == [b"second"]
    assert 0 < journal.size_bytes < whole


def test_a_folder_that_has_a_journal_alone_says_what_it_is_for(tmp_path: Path) -> None:
    about = versions() | {"port": 4711}
    journal = Journal(tmp_path / "snapshot")
    journal.begin(about)
    journal.end()
    (tmp_path / "snapshot" / "journal.0").write_bytes(json.dumps(about).encode()[:10])  # cut within its first line

    assert header(tmp_path) == about
