"""Uploads that gzip packed, as they stream by."""

import gzip
import io
from collections.abc import Iterator

import pytest
from app.decide.names.hashes import Hashed
from app.decide.uploads import unpacking
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.unpacking import Unpacked
from data import tables
from data.uploaded_bytes import UNREADABLE, open_bytes
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused

TEXT = b"a,b\n" + b"1,2\n" * 100_000


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    file = io.BytesIO(body)
    return iter(lambda: file.read(size), b"")


@given(st.binary(max_size=200), st.integers(1, 7))
def test_bytes_are_the_same_however_they_are_packed_and_in_whatever_pieces_they_come(body: bytes, size: int) -> None:
    plain = b"a" + body  # so that it has no mark itself

    assert b"".join(Unpacked(in_pieces(gzip.compress(plain), size))) == plain
    assert b"".join(Unpacked(in_pieces(plain, size))) == plain


def test_a_table_has_one_hash_packed_or_not_and_whenever_it_was_packed() -> None:
    bodies = [TEXT, gzip.compress(TEXT, mtime=1), gzip.compress(TEXT, 1, mtime=2)]
    hashes = [Hashed(Unpacked([body])) for body in bodies]

    assert [b"".join(one) == TEXT for one in hashes] == [True, True, True]
    assert len({one.sha256 for one in hashes}) == 1


def test_how_much_a_file_unpacks_to_is_known_and_guessed_of_one_that_was_read_in_part() -> None:
    packed, plain = gzip.compress(TEXT), Unpacked([TEXT])
    whole, part = Unpacked([packed]), Unpacked(in_pieces(packed, 100))

    assert (len(b"".join(whole)), whole.unpacked_size(len(packed))) == (len(TEXT), len(TEXT))
    assert next(iter(part))
    assert part.unpacked_size(len(packed)) > len(packed)
    assert (b"".join(plain), plain.unpacked_size(len(TEXT))) == (TEXT, 0)


def test_a_file_that_unpacks_to_more_than_a_table_does_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    for module in (unpacking, tables.uploaded_bytes):
        monkeypatch.setattr(module, "UNBOUNDED", 1_000_000)
    bomb = gzip.compress(b"a,b\n" + b"\n" * 50_000_000)
    unpacked, read = Unpacked([bomb]), 0
    (tmp_path / "bomb.csv.gz").write_bytes(bomb)
    (source,) = tables.sources(tmp_path)

    with pytest.raises(Problem, match="unpacks to more than 100 times its size"):
        read = sum(map(len, unpacked))
    assert (read, unpacked.size_bytes < 10_000_000) == (0, True)
    with pytest.raises(Refused, match="unpacks to more than 100 times its size"):
        list(tables.read(source, ["a"]))


NAMED = b"\x1f\x8b\x08\x08" + b"\0" * 6  # a member whose name follows, and a zero after it
EMPTY = {  # what holds next to nothing, by what follows what
    "empty members": (gzip.compress(b""), gzip.compress(b"") * 4_000),
    "empty members after rows": (gzip.compress(TEXT), gzip.compress(b"") * 4_000),
    "a name without an end": (NAMED, b"a" * 80_000),
    "empty blocks": (NAMED + b"a\0", b"\0\0\0\xff\xff" * 16_000),  # stored, of no bytes
    "zeros after the end": (gzip.compress(TEXT), b"\0" * 80_000),
}
PIECES = 40  # of 80,000 bytes: 3 MB


@pytest.mark.parametrize("kind", EMPTY)
def test_a_file_that_holds_next_to_nothing_is_refused_before_all_of_it_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path, kind: str
) -> None:
    for module in (unpacking, tables.uploaded_bytes):
        monkeypatch.setattr(module, "MOST_EMPTY", 200_000)
        monkeypatch.setattr(module, "LEAST_SHARE", 1)
    begin, piece = EMPTY[kind]
    left = iter([begin, *[piece] * PIECES])
    path = tmp_path / "empty.csv.gz"
    path.write_bytes(begin + piece * PIECES)

    with pytest.raises(Problem, match="holds next to nothing"):
        sum(map(len, Unpacked(left)))
    assert list(left)
    with pytest.raises(gzip.BadGzipFile, match="holds next to nothing"), open_bytes(path) as file:
        file.read()


def test_a_member_for_each_short_row_is_taken(tmp_path) -> None:
    rows = [b"%d,2\n" % number for number in range(40_000)]
    packed = b"".join(gzip.compress(row, 1) for row in rows)
    (tmp_path / "rows.csv.gz").write_bytes(packed)

    assert b"".join(Unpacked(in_pieces(packed, 65_536))) == b"".join(rows)
    with open_bytes(tmp_path / "rows.csv.gz") as file:
        assert file.read() == b"".join(rows)


@pytest.mark.parametrize(
    "body",
    [gzip.compress(TEXT) + b"rest", gzip.compress(TEXT) + b"PK\x03\x04", gzip.compress(TEXT) + b"\0\0rest",
     gzip.compress(TEXT)[:-4], gzip.compress(TEXT)[:-8] + b"\0" * 8, b"\x1f\x8b\x07" + b"\0" * 40],
)  # fmt: skip
def test_what_is_no_gzip_to_its_end_is_refused_at_the_door_and_in_the_job(body: bytes, tmp_path) -> None:
    (tmp_path / "bad.csv.gz").write_bytes(body)

    with pytest.raises(Problem, match="is compressed with gzip, and"):
        sum(map(len, Unpacked([body])))
    with pytest.raises(UNREADABLE), open_bytes(tmp_path / "bad.csv.gz") as file:
        file.read()


def test_a_name_within_a_gzip_is_no_path(tmp_path) -> None:
    named = NAMED + b"../../etc/passwd\0" + gzip.compress(TEXT)[10:]
    (tmp_path / "named.csv.gz").write_bytes(named)

    assert b"".join(Unpacked([named])) == TEXT
    with open_bytes(tmp_path / "named.csv.gz") as file:
        assert file.read() == TEXT
    assert [one.name for one in tmp_path.iterdir()] == ["named.csv.gz"]
